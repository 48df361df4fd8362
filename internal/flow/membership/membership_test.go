package membership_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/flow/membership"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

const kendal id.Dealer = "gb-kendal-fellside"

var chief = identity.User{ID: "0198a000-0000-7000-8000-000000000001", Role: identity.RoleDealer,
	Grants: []identity.Grant{{Role: identity.GroupManager, Dealer: testkit.Leeds}, {Role: identity.GroupManager, Dealer: kendal}}}

var signature = membership.Signature{Brand: "renault", Flow: id.FlowNew, Terms: network.TermsVersion, Lang: "en-GB", Text: "the words", Name: " Gillian Hartsop "}

func act(k *testkit.Kit, do func(ctx context.Context, tx *db.Tx) error) error {
	k.T.Helper()
	if err := k.DB.InTx(k.T.Context(), do); err != nil {
		return err
	}
	return k.World.Refresh(k.T.Context())
}

func shown(k *testkit.Kit, b id.Brand, d id.Dealer) bool {
	return slices.ContainsFunc(k.World.Now().Dealers(b, "gb", id.FlowNew), func(x *network.Dealer) bool { return x.Code == d })
}

func TestOnlyWhoSignedIsShown(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	s := &membership.Service{DB: k.DB, World: k.World}
	join := func(by identity.User, d id.Dealer, change func(*membership.Signature)) error {
		sig := signature
		change(&sig)
		return act(k, func(ctx context.Context, tx *db.Tx) error { return s.JoinTx(ctx, tx, by, d, sig) })
	}
	same := func(*membership.Signature) {}
	if shown(k, "renault", kendal) || !shown(k, "dacia", kendal) || !shown(k, "renault", testkit.Leeds) {
		t.Fatal("the files' dealers")
	}
	site := chief
	site.Grants = []identity.Grant{{Role: identity.SiteManager, Dealer: kendal}}
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"a site's manager":   {join(site, kendal, same), identity.ErrGrant},
		"another dealer":     {join(chief, testkit.London, same), identity.ErrGrant},
		"not invited":        {join(chief, kendal, func(x *membership.Signature) { x.Flow = "boats" }), network.ErrNotInvited},
		"an unknown brand":   {join(chief, kendal, func(x *membership.Signature) { x.Brand = "lada" }), network.ErrNotInvited},
		"terms of before":    {join(chief, kendal, func(x *membership.Signature) { x.Terms = "2020-1" }), network.ErrTerms},
		"no name":            {join(chief, kendal, func(x *membership.Signature) { x.Name = " " }), network.ErrName},
		"in already":         {join(chief, kendal, func(x *membership.Signature) { x.Brand = "dacia" }), network.ErrJoined},
		"in already, Leeds'": {join(chief, testkit.Leeds, same), network.ErrJoined},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	var in atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			err := k.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return s.JoinTx(ctx, tx, chief, kendal, signature) })
			if err == nil {
				in.Add(1)
			} else if !errors.Is(err, network.ErrJoined) {
				t.Errorf("a loser hears %v", err)
			}
		})
	}
	wg.Wait()
	if err := k.World.Refresh(t.Context()); err != nil || in.Load() != 1 || !shown(k, "renault", kendal) {
		t.Fatalf("%d joined, %v", in.Load(), err)
	}
	members, err := network.MembersAt(k.DB.Read(t.Context()), kendal)
	if err != nil || len(members) != 4 { // Dacia's new and used cars and service, and what was signed
		t.Fatalf("%v %v", members, err)
	}
	signed := members[slices.IndexFunc(members, func(m network.Membership) bool { return m.Brand == "renault" })]
	if !signed.Holds() || signed.Name != "Gillian Hartsop" || signed.By != chief.Actor() || signed.Terms != network.TermsVersion {
		t.Errorf("what was signed: %+v", signed)
	}
	forged := signed
	forged.Name = "Somebody Else"
	if forged.Holds() {
		t.Error("the seal does not bind the name")
	}
	if err := k.DB.Read(t.Context()).Exec(`UPDATE pilot_memberships SET signed_name = 'Somebody Else' WHERE id = ?`, signed.ID).Error; err == nil {
		t.Error("the schema lets a signature change")
	}
}

func TestLeavingPassesOffersOnAndKeepsWhatWasAccepted(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	s := &membership.Service{DB: k.DB, World: k.World}
	notice := func() error {
		return act(k, func(ctx context.Context, tx *db.Tx) error {
			return s.NoticeTx(ctx, tx, chief, testkit.Leeds, "dacia", id.FlowNew)
		})
	}
	if err := notice(); err != nil {
		t.Fatal(err)
	}
	if err := notice(); !errors.Is(err, network.ErrNotMember) {
		t.Errorf("notice twice: %v", err)
	}
	k.Clock.Advance((network.NoticeDays - 1) * 24 * time.Hour)
	open, accepted := k.Buy(testkit.London), k.Buy()
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		return k.NewCar.AcceptTx(ctx, tx, sale.Staff{User: chief.ID, Dealer: testkit.Leeds}, accepted.Number)
	})
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := k.World.Refresh(t.Context()); err != nil || !shown(k, "dacia", testkit.Leeds) {
		t.Fatalf("gone before its day: %v", err)
	}
	k.Clock.Advance(15 * time.Hour)
	for range 2 {
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.World.Refresh(t.Context()); err != nil || shown(k, "dacia", testkit.Leeds) || !shown(k, "renault", testkit.Leeds) {
		t.Fatalf("after its day: %v", err)
	}
	if err := k.NewCar.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		order id.Order
		want  string
	}{
		"accepted": {accepted.ID, "gb-leeds-northgate accepted"},
		"offered":  {open.ID, "gb-london-kestrel offered"},
	} {
		var got string
		if _, err := db.One(k.DB.Read(t.Context()), &got, `SELECT dealer || ' ' || state FROM queue_entries WHERE order_id = ? ORDER BY round DESC LIMIT 1`, c.order); err != nil || got != c.want {
			t.Errorf("the %s order is at %s, want %s (%v)", name, got, c.want, err)
		}
	}
	var n int
	if _, err := db.One(k.DB.Read(t.Context()), &n, `SELECT count(*) FROM audit_log WHERE action IN ('pilot.notice', 'pilot.left')`); err != nil || n != 2 {
		t.Errorf("%d audit rows, %v", n, err)
	}
	// An import of the same files brings nobody back who has left.
	k.Tx(func(_ context.Context, tx *db.Tx) error {
		d, _ := k.World.Now().FileOf(testkit.Leeds)
		return network.SeedTx(tx, d)
	})
	if members, err := network.MembersAt(k.DB.Read(t.Context()), testkit.Leeds); err != nil || len(members) != 5 { // used cars and service of both, new ones of the other
		t.Errorf("%v %v", members, err)
	}
}
