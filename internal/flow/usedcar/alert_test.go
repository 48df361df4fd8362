package usedcar_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/mail"
	"forecourt/internal/usedcars"
)

// save keeps a search for an address and lets it say yes. It answers the tokens of its page and of its end.
func (y *yard) save(email, query string, p usedcars.Pace) (page, off string) {
	y.T.Helper()
	y.ask(email, query, p)
	var key string
	if _, err := db.One(y.DB.Read(y.T.Context()), &key, `SELECT id FROM used_searches WHERE email = ? AND state = 'waiting'`, email); err != nil {
		y.T.Fatal(err)
	}
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		key, err := y.UsedCar.ConfirmSearchTx(ctx, tx, y.shop, y.Sale.Tokens.Of("used_confirm", key))
		page = y.UsedCar.PageTokenOf(key)
		off = y.Sale.Tokens.Of("used_off", string(key))
		return err
	})
	return page, off
}

// patiently waits longer than a busy machine, or a transaction of another test on this server, can take.
func patiently(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within three minutes: %s", what)
}

func (y *yard) ask(email, query string, p usedcars.Pace) {
	y.T.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		y.T.Fatal(err)
	}
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.UsedCar.SaveSearchTx(ctx, tx, y.shop, email, usedcar.ReadQuery(v), p)
	})
}

var alertLink = regexp.MustCompile(`/used/alerts/([\w-]{43})(/\w+)?`)

// letterTo waits for the newest letter to an address with a link that ends so, and gives its token.
func (y *yard) letterTo(email, end string) (token string) {
	y.T.Helper()
	patiently(y.T, "a letter to "+email, func() bool {
		for _, m := range y.Mails.Sent() {
			for _, l := range alertLink.FindAllStringSubmatch(m.Text, -1) {
				if m.To == email && l[2] == end {
					token = l[1]
				}
			}
		}
		return token != ""
	})
	return token
}

// match looks for news once all that was written can be read: a transaction of another test on this server may be older.
func (y *yard) match() {
	y.T.Helper()
	patiently(y.T, "older transactions to end", func() bool {
		var open bool
		_, err := db.One(y.DB.Read(y.T.Context()), &open, `SELECT EXISTS (SELECT FROM used_moves WHERE changed >= pg_snapshot_xmin(pg_current_snapshot())) OR EXISTS (SELECT FROM used_prices WHERE changed >= pg_snapshot_xmin(pg_current_snapshot()))`)
		return err == nil && !open
	})
	y.othersDone()
	if err := y.UsedCar.Match(y.T.Context()); err != nil {
		y.T.Fatal(err)
	}
	y.othersDone()
}

// othersDone waits for who reads events at this moment: the worker looks by itself, and Match leaves it to him.
func (y *yard) othersDone() {
	y.T.Helper()
	y.Tx(func(_ context.Context, tx *db.Tx) error {
		return tx.Exec(`SELECT FROM used_alerts_read FOR UPDATE`).Error
	})
}

// alerts are the letters of news to an address, once all that are due have gone.
func (y *yard) alerts(email string) (out []mail.Message) {
	y.T.Helper()
	y.match()
	patiently(y.T, "all letters to go", func() bool {
		var left int
		_, err := db.One(y.DB.Read(y.T.Context()), &left, `SELECT count(*) FROM used_letters WHERE sent_at IS NULL AND (queued_at IS NOT NULL OR due_at <= ?)`, y.Clock.Now())
		return err == nil && left == 0
	})
	for _, m := range y.Mails.Sent() {
		if m.To == email && strings.HasPrefix(m.ID, "used.alert.") {
			out = append(out, m)
		}
	}
	return out
}

func (y *yard) move(s usedcars.Step) {
	y.T.Helper()
	y.Tx(func(_ context.Context, tx *db.Tx) error {
		c, err := usedcars.LockTx(tx, y.car)
		if err != nil {
			return err
		}
		return usedcars.MoveTx(tx, c, s)
	})
}

func (y *yard) price(minor int64) {
	y.T.Helper()
	y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.PriceTx(ctx, tx, y.staff, y.car, minor) })
}

func TestAReaderIsToldOfEachEventOnce(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.Work()
	const to = "reader@example.com"
	y.save(to, "model=Dacia+Duster&max=20000&q=duster&near=Leeds&within=50", usedcars.AtOnce)
	y.save("other@example.com", "fuel=electric", usedcars.AtOnce)
	if got := y.alerts(to); len(got) != 0 {
		t.Fatalf("a car that was there before is news: %+v", got)
	}
	y.Clock.Advance(time.Minute)
	y.car = "U-7K2M9Y"
	y.list(y.car, "UU1RJU00X247K2M9Y")
	got := y.alerts(to)
	if len(got) != 1 || !strings.Contains(got[0].Subject, "Dacia Duster") || !strings.Contains(got[0].Text, "/used/dacia-duster-2023-u-7k2m9y") || !strings.Contains(got[0].Text, "25 mi") && !strings.Contains(got[0].Text, "mi") {
		t.Fatalf("of a new car came %+v", got)
	}
	if h := got[0].Headers; h["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" || !regexp.MustCompile(`^<http://shop\.test/dacia/gb/used/alerts/[\w-]{43}/off>$`).MatchString(h["List-Unsubscribe"]) {
		t.Errorf("mail programs hear %v", h)
	}
	y.Clock.Advance(time.Hour)
	y.price(1499000)
	if got = y.alerts(to); len(got) != 2 || !strings.Contains(got[1].Subject, "now £14,990") || !strings.Contains(got[1].Text, "30 days before the cut: £15,990") {
		t.Fatalf("of a cut came %+v", got)
	}
	y.Clock.Advance(time.Hour)
	y.price(1549000) // dearer, and then below that only: not cheaper than it was in the thirty days
	y.Clock.Advance(time.Hour)
	y.price(1529000)
	if got = y.alerts(to); len(got) != 2 {
		t.Fatalf("what is no cut by law was told as one: %+v", got[2:])
	}
	y.move(usedcars.Step{To: usedcars.Held, Actor: "test"})
	y.Clock.Advance(20 * time.Minute)
	y.move(usedcars.Step{To: usedcars.Listed, Actor: "test"})
	if got = y.alerts(to); len(got) != 2 {
		t.Fatalf("a hold of twenty minutes is news: %+v", got[2:])
	}
	y.move(usedcars.Step{To: usedcars.Held, Actor: "test"})
	y.Clock.Advance(2 * time.Hour)
	y.move(usedcars.Step{To: usedcars.Listed, Actor: "test"})
	if got = y.alerts(to); len(got) != 3 || !strings.HasPrefix(got[2].Subject, "For sale again") {
		t.Fatalf("of a car that is back came %+v", got[2:])
	}
	if got = y.alerts(to); len(got) != 3 {
		t.Fatalf("looked at again, %d letters", len(got))
	}
	if other := y.alerts("other@example.com"); len(other) != 0 {
		t.Errorf("who looks for electric cars is told of a hybrid: %+v", other)
	}
}

func TestEightLookersTellEachEventOnce(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.Work()
	for i := range 5 {
		y.save(fmt.Sprintf("r%d@example.com", i), "", usedcars.AtOnce)
	}
	y.Clock.Advance(time.Minute)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 4 {
				key := id.UsedCar(fmt.Sprintf("U-7K2A%d%d", i+2, j+2))
				err := y.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
					c := sample(key, "UU1RJU00X24"+string(key[2:]))
					if err := usedcars.AddTx(tx, &c, "Dacia Duster", "staff"); err != nil {
						return err
					}
					return usedcars.MoveTx(tx, &c, usedcars.Step{To: usedcars.Listed, Actor: "staff"})
				})
				if err := errors.Join(err, y.UsedCar.Match(t.Context())); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for i := range 5 {
		text := ""
		for _, m := range y.alerts(fmt.Sprintf("r%d@example.com", i)) {
			text += m.Text
		}
		for a := range 8 {
			for b := range 4 {
				if n := strings.Count(text, fmt.Sprintf("-u-7k2a%d%d", a+2, b+2)); n != 1 {
					t.Errorf("reader %d is told %d times of car %d.%d", i, n, a, b)
				}
			}
		}
	}
}

// What a transaction wrote that began before others and ended after they were read is read too.
func TestASlowWriterIsNotOverlooked(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.Work()
	const to = "reader@example.com"
	y.save(to, "", usedcars.AtOnce)
	y.Clock.Advance(time.Minute)
	y.car = "U-7K2M9Y"
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		c := sample(y.car, "UU1RJU00X247K2M9Y")
		if err := usedcars.AddTx(tx, &c, "Dacia Duster", "staff"); err != nil {
			return err
		}
		if err := usedcars.MoveTx(tx, &c, usedcars.Step{To: usedcars.Listed, Actor: "staff"}); err != nil {
			return err
		}
		done := make(chan error)
		go func() { // another car comes and is looked for meanwhile
			done <- errors.Join(y.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
				c := sample("U-7K2M9Z", "UU1RJU00X247K2M9Z")
				if err := usedcars.AddTx(tx, &c, "Dacia Duster green", "staff"); err != nil {
					return err
				}
				return usedcars.MoveTx(tx, &c, usedcars.Step{To: usedcars.Listed, Actor: "staff"})
			}), y.UsedCar.Match(t.Context()))
		}()
		return <-done
	})
	text := ""
	for _, m := range y.alerts(to) {
		text += m.Text
	}
	for _, car := range []string{"u-7k2m9y", "u-7k2m9z"} {
		if strings.Count(text, car) != 1 {
			t.Errorf("of %s the reader is told %d times", car, strings.Count(text, car))
		}
	}
}

func TestALetterThatCouldNotGoGoesLater(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.save("reader@example.com", "", usedcars.AtOnce)
	y.Clock.Advance(time.Minute)
	y.car = "U-7K2M9Y"
	y.list(y.car, "UU1RJU00X247K2M9Y")
	y.match() // and everything stops: the letter is written down, nobody sends it
	y.match()
	var key id.Alert
	if _, err := db.One(y.DB.Read(t.Context()), &key, `SELECT id FROM used_letters WHERE queued_at IS NOT NULL`); err != nil {
		t.Fatal(err)
	}
	take := func() (l *usedcars.AlertLetter, err error) {
		err = y.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) (err error) {
			l, err = usedcars.TakeLetterTx(tx, key)
			return err
		})
		return l, err
	}
	if l, err := take(); err != nil || len(l.Events) != 1 { // and who took it died
		t.Fatalf("the letter: %+v, %v", l, err)
	}
	if _, err := take(); !errors.Is(err, usedcars.ErrLetterBusy) {
		t.Errorf("two send one letter: %v", err)
	}
	y.Clock.Advance(2 * time.Minute)
	y.Mails.Fail = errors.New("no mail server")
	y.Work()
	patiently(t, "a try that fails", func() bool {
		var tries int
		_, err := db.One(y.DB.Read(t.Context()), &tries, `SELECT coalesce(max(cardinality(errors)), 0) FROM river_job WHERE kind = 'usedcar.alert'`)
		return err == nil && tries > 0
	})
	y.Mails.Heal()
	if got := y.alerts("reader@example.com"); len(got) != 1 {
		t.Errorf("%d letters after the mail server came back", len(got))
	}
}

func TestWhatIsNotTrueAnyMoreIsNotTold(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.Work()
	const to, holder = "daily@example.com", "priya.raman@example.com"
	page, off := y.save(to, "", usedcars.Daily)
	y.save(holder, "", usedcars.Daily)
	y.Clock.Advance(time.Minute)
	y.car = "U-7K2M9Y"
	y.list(y.car, "UU1RJU00X247K2M9Y")
	gone := y.car
	y.car = "U-7K2M9Z"
	y.list(y.car, "UU1RJU00X247K2M9Z")
	if got := y.alerts(to); len(got) != 0 {
		t.Fatalf("a daily letter went at once: %+v", got)
	}
	y.place(y.hold()) // Priya buys one, the other is taken off
	y.car = gone
	y.move(usedcars.Step{To: usedcars.Withdrawn, Actor: "test"})
	y.Clock.Advance(24 * time.Hour)
	got := y.alerts(to)
	if len(got) != 1 || strings.Contains(got[0].Text, "u-7k2m9y") || !strings.Contains(got[0].Text, "u-7k2m9z") || !strings.Contains(got[0].Text, "Another buyer has it") {
		t.Fatalf("the daily letter: %+v", got)
	}
	if got := y.alerts(holder); len(got) != 0 {
		t.Errorf("who buys the car is told of it: %+v", got)
	}
	// Paused, then ended: nothing is told, and address and search are forgotten.
	y.Tx(func(ctx context.Context, tx *db.Tx) error {
		return y.UsedCar.ActOnSearchTx(ctx, tx, y.shop, page, "pause")
	})
	y.car = "U-7K2M9A"
	y.list(y.car, "UU1RJU00X247K2M9A")
	y.Clock.Advance(24 * time.Hour)
	if got := y.alerts(to); len(got) != 1 {
		t.Errorf("a paused search tells: %+v", got[1:])
	}
	for range 2 {
		y.Tx(func(ctx context.Context, tx *db.Tx) error { return y.UsedCar.SearchOffTx(ctx, tx, y.shop, off) })
	}
	var left struct{ Email, Query, EndWhy string }
	if _, err := db.One(y.DB.Read(t.Context()), &left, `SELECT email, query, end_why FROM used_searches WHERE state = 'ended'`); err != nil || left.Email+left.Query != "" || left.EndWhy != "off" {
		t.Errorf("of an ended search is left %+v, %v", left, err)
	}
	err := y.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return y.UsedCar.ActOnSearchTx(ctx, tx, y.shop, page, "resume")
	})
	if !errors.Is(err, usedcars.ErrSearchOver) {
		t.Errorf("an ended search goes on: %v", err)
	}
}

func TestAnAddressSaysYesItself(t *testing.T) {
	t.Parallel()
	y := open(t)
	y.Work()
	const to = "reader@example.com"
	y.ask(to, "fuel=hybrid", usedcars.AtOnce)
	y.Clock.Advance(time.Minute)
	y.car = "U-7K2M9Y"
	y.list(y.car, "UU1RJU00X247K2M9Y")
	if got := y.alerts(to); len(got) != 0 {
		t.Fatalf("told before it said yes: %+v", got)
	}
	var hashed bool
	token := y.letterTo(to, "/confirm")
	if _, err := db.One(y.DB.Read(t.Context()), &hashed, `SELECT NOT EXISTS (SELECT FROM used_searches s WHERE s::text LIKE ?)`, "%"+token+"%"); err != nil || !hashed {
		t.Errorf("the secret stands in the table: %v", err)
	}
	for i := range 5 { // no more than so many wait for a yes, and none of it is told to who asks
		y.ask(to, fmt.Sprintf("fuel=hybrid&max=%d", 10000+i), usedcars.AtOnce)
	}
	var waiting int
	if _, err := db.One(y.DB.Read(t.Context()), &waiting, `SELECT count(*) FROM used_searches`); err != nil || waiting != usedcars.MostUnheard {
		t.Errorf("%d searches wait for a yes, %v", waiting, err)
	}
	y.Clock.Advance(8 * 24 * time.Hour)
	err := y.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := y.UsedCar.ConfirmSearchTx(ctx, tx, y.shop, token)
		return err
	})
	if !errors.Is(err, usedcars.ErrSearchOver) {
		t.Errorf("a yes after eight days: %v", err)
	}
	y.Tx(func(_ context.Context, tx *db.Tx) error { return usedcars.ForgetSearchesTx(tx) })
	if _, err := db.One(y.DB.Read(t.Context()), &waiting, `SELECT count(*) FROM used_searches`); err != nil || waiting != 0 {
		t.Errorf("%d searches are left without a yes, %v", waiting, err)
	}
	for i := range usedcars.MostSearches {
		y.save(to, fmt.Sprintf("max=%d", 20000+i), usedcars.AtOnce)
	}
	y.ask(to, "max=1", usedcars.AtOnce)
	if _, err := db.One(y.DB.Read(t.Context()), &waiting, `SELECT count(*) FROM used_searches`); err != nil || waiting != usedcars.MostSearches {
		t.Errorf("%d searches of one address, %v", waiting, err)
	}
	y.Clock.Advance(366 * 24 * time.Hour)
	y.Tx(func(_ context.Context, tx *db.Tx) error { return usedcars.ForgetSearchesTx(tx) })
	if _, err := db.One(y.DB.Read(t.Context()), &waiting, `SELECT count(*) FROM used_searches WHERE email <> ''`); err != nil || waiting != 0 {
		t.Errorf("%d addresses are kept after a year without a word, %v", waiting, err)
	}
}
