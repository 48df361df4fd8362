package usedcar_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/photo"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
)

const draft id.UsedCar = "U-222222"

// draft adds a car that is not offered yet.
func (y *yard) draft() {
	y.T.Helper()
	y.Tx(func(_ context.Context, tx *db.Tx) error {
		c := sample(draft, "UU1RJU00X24222222")
		return usedcars.AddTx(tx, &c, "Dacia Duster", "staff")
	})
}

func (y *yard) whole(key id.UsedCar) *usedcars.Whole {
	y.T.Helper()
	w, err := usedcars.WholeOf(y.DB.Read(y.T.Context()), key)
	if err != nil {
		y.T.Fatal(err)
	}
	return w
}

func (y *yard) try(do func(ctx context.Context, tx *db.Tx) error) error {
	return y.DB.InTx(y.T.Context(), do)
}

func (y *yard) offer(key id.UsedCar) error {
	return y.try(func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.ListTx(ctx, tx, y.staff, key) })
}

// A car is offered when nothing is missing, and at no moment before.
func TestACarIsOfferedWhenNothingIsMissing(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.draft()
	if err := y.offer(draft); !errors.Is(err, usedcar.ErrNotReady) {
		t.Fatalf("a car of which nothing is known is offered: %v", err)
	}
	y.Photograph(y.staff, draft)
	y.Inspect(y.staff, draft, usedcars.Answers{"tyres": {Said: usedcars.Fail, Words: "1 mm"}})
	y.Report(y.staff, draft, usedcars.Report{Source: "Test register", Finance: true, Readings: []usedcars.Reading{{On: "2024-05-02", Km: 12_000, Source: "service"}}})
	if err := y.offer(draft); !errors.Is(err, usedcar.ErrNotReady) {
		t.Fatalf("with a failed point and money owed it is offered: %v", err)
	}
	y.Inspect(y.staff, draft, usedcars.Answers{"tyres": {Said: usedcars.Disclosed, Words: "3 mm"}})
	y.Report(y.staff, draft, usedcars.Report{Source: "Test register"})
	lacks, err := y.UsedCar.Missing(y.whole(draft), y.Clock.Now())
	if err != nil || len(lacks) > 0 {
		t.Fatalf("it lacks %v, %v", lacks, err)
	}
	if err := y.offer(draft); err != nil {
		t.Fatal(err)
	}
	w := y.whole(draft)
	if w.State != usedcars.Listed || len(w.Photos) != 6 || w.Answers["tyres"].Words != "3 mm" || w.Answers["brakes"].By != "Owen Pryce" || len(w.Kms) != 2 || w.Kms[0].Km != 12_000 {
		t.Errorf("offered is %+v", w)
	}
	// On offer it keeps what it needs.
	first := w.Photos[0].ID
	err = y.try(func(ctx context.Context, tx *db.Tx) error {
		return y.UsedCar.PhotoTx(ctx, tx, y.staff, draft, usedcar.PhotoChange{Photo: first, Drop: true})
	})
	if !errors.Is(err, usedcar.ErrNeeded) || len(y.whole(draft).Photos) != 6 {
		t.Errorf("a picture that it needs is taken away: %v", err)
	}
	y.Inspect(y.staff, draft, usedcars.Answers{"brakes": {Said: usedcars.Fail, Words: "worn"}})
	if w := y.whole(draft); w.State != usedcars.Draft {
		t.Errorf("with failed brakes it is %s", w.State)
	}
}

// Pictures keep an order without a gap, and another cut has another number.
func TestPicturesAreOrderedAndCut(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.draft()
	y.Photograph(y.staff, draft)
	order := func() (out []string) {
		for i, p := range y.whole(draft).Photos {
			if p.Place != i+1 {
				t.Errorf("picture %d has place %d", i+1, p.Place)
			}
			out = append(out, p.Angle)
		}
		return out
	}
	change := func(i int, x usedcar.PhotoChange) {
		x.Photo = y.whole(draft).Photos[i].ID
		y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.PhotoTx(ctx, tx, y.staff, draft, x) })
	}
	was := order()
	change(1, usedcar.PhotoChange{Move: -1})
	change(0, usedcar.PhotoChange{Move: -1}) // it is the first already
	change(5, usedcar.PhotoChange{Move: 1})
	if now := order(); now[0] != was[1] || now[1] != was[0] || now[5] != was[5] {
		t.Errorf("%v became %v", was, now)
	}
	change(2, usedcar.PhotoChange{Drop: true})
	if now := order(); len(now) != 5 || slices.Contains(now, was[2]) {
		t.Errorf("without %s it is %v", was[2], now)
	}
	p := y.whole(draft).Photos[0]
	clean, err := usedcars.WholePhoto(y.DB.Read(t.Context()), draft, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	cut, err := usedcars.CutPhoto(clean, photo.Frame{Size: 70, Across: 100, Down: 0})
	if err != nil {
		t.Fatal(err)
	}
	change(0, usedcar.PhotoChange{Alt: "Closer", Recut: &cut})
	again := y.whole(draft).Photos[0]
	if again.Cut != p.Cut+1 || again.Wide != 560 || again.Frame.Size != 70 || again.Alt != "Closer" {
		t.Errorf("cut anew it is %+v", again)
	}
	for cutting, want := range map[int]bool{p.Cut: false, again.Cut: true} {
		if jpeg, ok, err := usedcars.OwnPhoto(y.DB.Read(t.Context()), testkit.Leeds, draft, p.ID, cutting, again.Wide); err != nil || ok != want || ok != (len(jpeg) > 0) {
			t.Errorf("cutting %d is there: %t, %v", cutting, ok, err)
		}
	}
}

// Faults are added openly after the car is offered, are in the contract as they were sold, and go along with a car that comes back.
func TestFaultsAreKeptWithTheContract(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.draft()
	fault := func(f usedcars.Fault, picture *usedcars.NewPhoto) error {
		return y.try(func(ctx context.Context, tx *db.Tx) error {
			return y.UsedCar.AddFaultTx(ctx, tx, y.staff, draft, f, picture)
		})
	}
	drop := func(seq int) error {
		return y.try(func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.DropFaultTx(ctx, tx, y.staff, draft, seq) })
	}
	shown := y.UsedPhoto("")
	for _, err := range []error{fault(usedcars.Fault{Panel: "roof", Kind: "dent", MM: 12, Words: "above the door"}, &shown), fault(usedcars.Fault{Panel: "wheel", Kind: "scratch", MM: 30}, nil), drop(2)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	y.Ready(y.staff, draft)
	if err := y.offer(draft); err != nil {
		t.Fatal(err)
	}
	if err := drop(1); !errors.Is(err, usedcar.ErrOffered) {
		t.Errorf("a fault that the car was offered with is taken back: %v", err)
	}
	if err := fault(usedcars.Fault{Panel: "bonnet", Kind: "chip", MM: 3}, nil); err != nil {
		t.Fatal(err)
	}
	w := y.whole(draft)
	if len(w.Faults) != 2 || w.Faults[0].Photo == nil || !w.Faults[0].Added.IsZero() || w.Faults[1].Added.IsZero() || w.Faults[1].Seq != 3 || len(w.Photos) != 6 {
		t.Errorf("known are %+v", w.Faults)
	}
	notes, err := usedcars.FaultNotes(y.DB.Read(t.Context()), draft)
	if err != nil || len(notes) != 4 || !notes[0].Offered || notes[1].Act != "removed" {
		t.Errorf("written down is %+v, %v", notes, err)
	}
	y.carried()
	y.car = draft
	token := y.hold()
	if err := fault(usedcars.Fault{Panel: "bonnet", Kind: "chip", MM: 4}, nil); !errors.Is(err, usedcars.ErrBusy) {
		t.Errorf("under a buyer's hands the car gets another fault: %v", err)
	}
	o := y.Order(y.place(token).Order)
	sold := o.Snapshot.Used.Faults
	if len(sold) != 2 || !strings.Contains(sold[0], "Roof") || !strings.Contains(sold[0], "12 mm above the door") || !strings.Contains(sold[1], "Bonnet") {
		t.Errorf("sold are the faults %q", sold)
	}
}

// carried gives another row all that is known of the draft, as when a car comes back from its buyer.
func (y *yard) carried() {
	y.T.Helper()
	const again id.UsedCar = "U-333333"
	y.Tx(func(_ context.Context, tx *db.Tx) error {
		c := sample(again, "UU1RJU00X24333333")
		if err := usedcars.AddTx(tx, &c, "Dacia Duster", "staff"); err != nil {
			return err
		}
		return usedcars.CarryTx(tx, draft, again)
	})
	was, now := y.whole(draft), y.whole(again)
	if len(now.Photos) != len(was.Photos) || len(now.Faults) != 2 || now.Photos[0].ID == was.Photos[0].ID || now.Photos[5].Alt != was.Photos[5].Alt || now.Faults[0].Photo == nil || !now.Faults[1].Added.IsZero() || now.Answers != nil {
		y.T.Errorf("of %+v is carried over %+v", was, now)
	}
	for _, p := range []usedcars.Photo{now.Photos[0], *now.Faults[0].Photo} {
		if _, ok, err := usedcars.OwnPhoto(y.DB.Read(y.T.Context()), testkit.Leeds, again, p.ID, p.Cut, p.Wide); err != nil || !ok {
			y.T.Errorf("a picture that was carried over is not there: %v", err)
		}
	}
}

// A red flag that turns up takes a car off the market, and keeps one that somebody holds from being sold.
func TestARedFlagEndsTheOffer(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.draft()
	y.Ready(y.staff, draft)
	if err := y.offer(draft); err != nil {
		t.Fatal(err)
	}
	y.car = draft
	token := y.hold()
	waits := y.join("next@example.com")
	y.Report(y.staff, draft, usedcars.Report{Source: "Test register", Stolen: true})
	y.is(usedcars.Held) // its holder still sees it
	err := y.try(func(ctx context.Context, tx *db.Tx) error {
		_, err := y.UsedCar.PlaceTx(ctx, tx, y.shop, token, usedcar.Buy{Buyer: testkit.Buyer, SeenTotal: 1599000})
		return err
	})
	if !errors.Is(err, usedcars.ErrRed) {
		t.Errorf("a stolen car is ordered: %v", err)
	}
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.LeaveTx(ctx, tx, y.shop, token) })
	y.is(usedcars.Draft)
	if h := y.state(waits); h.State != usedcars.Ended || h.EndWhy != usedcars.CarGone {
		t.Errorf("who waited for it is %s, %s", h.State, h.EndWhy)
	}
	y.Report(y.staff, draft, usedcars.Report{Source: "Test register"})
	if err := y.offer(draft); err != nil {
		t.Fatal(err)
	}
	y.Report(y.staff, draft, usedcars.Report{Source: "Test register", Readings: []usedcars.Reading{{On: "2025-05-02", Km: 90_000, Source: "inspection"}}})
	y.is(usedcars.Draft)
	y.Healthy("mail_leaves")
}

// The register is asked by a job, again when it fails, and again when its answer is old. Run twice, a job keeps one answer.
func TestARegisterIsAskedAgain(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.draft()
	y.Ready(y.staff, draft)
	if err := y.offer(draft); err != nil {
		t.Fatal(err)
	}
	answers := func() (n int) {
		if _, err := db.One(y.DB.Read(t.Context()), &n, `SELECT count(*) FROM used_checks WHERE car = ?`, draft); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := y.UsedCar.LookNow(t.Context(), draft); err != nil || answers() != 1 {
		t.Errorf("run again it has %d answers, %v", answers(), err)
	}
	asked := y.whole(draft).AskedAt
	y.Clock.Advance(29 * 24 * time.Hour)
	if err := y.UsedCar.Sweep(t.Context()); err != nil || !y.whole(draft).AskedAt.Equal(asked) {
		t.Errorf("asked again too early, %v", err)
	}
	y.Clock.Advance(25 * time.Hour)
	if err := y.UsedCar.Sweep(t.Context()); err != nil || y.whole(draft).AskedAt.Equal(asked) {
		t.Fatalf("an old answer is not asked for again, %v", err)
	}
	silent := &silent{}
	y.UsedCar.Past = silent
	y.Work()
	testkit.Eventually(t, "a second try and its answer", func() bool { return answers() == 2 })
	if silent.tries.Load() < 2 {
		t.Error("it answered without a second try")
	}
}

// Another dealer's car does not exist, whatever is done to it.
func TestWhatIsKnownOfACarIsItsDealers(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.draft()
	y.Photograph(y.staff, draft)
	p := y.whole(draft).Photos[0]
	other := sale.Staff{User: id.New[id.User](), Dealer: testkit.London}
	for name, do := range map[string]func(ctx context.Context, tx *db.Tx) error{
		"photo": func(ctx context.Context, tx *db.Tx) error {
			return y.UsedCar.AddPhotosTx(ctx, tx, other, draft, []usedcars.NewPhoto{y.UsedPhoto("x")})
		},
		"drop": func(ctx context.Context, tx *db.Tx) error {
			return y.UsedCar.PhotoTx(ctx, tx, other, draft, usedcar.PhotoChange{Photo: p.ID, Drop: true})
		},
		"fault": func(ctx context.Context, tx *db.Tx) error {
			return y.UsedCar.AddFaultTx(ctx, tx, other, draft, usedcars.Fault{Panel: "roof", Kind: "dent", MM: 1}, nil)
		},
		"unfault": func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.DropFaultTx(ctx, tx, other, draft, 1) },
		"inspect": func(ctx context.Context, tx *db.Tx) error {
			return y.UsedCar.InspectTx(ctx, tx, other, draft, usedcars.Answers{})
		},
		"battery": func(ctx context.Context, tx *db.Tx) error {
			return y.UsedCar.BatteryTx(ctx, tx, other, draft, usedcars.Battery{})
		},
		"ask":  func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.AskPastTx(ctx, tx, other, draft) },
		"list": func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.ListTx(ctx, tx, other, draft) },
	} {
		if err := y.try(do); !errors.Is(err, usedcars.ErrNoCar) {
			t.Errorf("%s by another dealer: %v", name, err)
		}
	}
	// A picture of another car of the same dealer is no picture of this one.
	if err := y.try(func(ctx context.Context, tx *db.Tx) error {
		return y.UsedCar.PhotoTx(ctx, tx, y.staff, y.car, usedcar.PhotoChange{Photo: p.ID, Drop: true})
	}); !errors.Is(err, usedcars.ErrMoved) {
		t.Errorf("a picture is taken away through another car: %v", err)
	}
	if len(y.whole(draft).Photos) != 6 {
		t.Error("a picture is gone")
	}
}
