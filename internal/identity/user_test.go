package identity

import (
	"reflect"
	"testing"

	"forecourt/internal/id"
)

func TestEachRoleHoldsItsPermissionsAndNoOther(t *testing.T) {
	t.Parallel()
	all := []Permission{DealerSee, DealerQueue, DealerPrepare, DealerMoney, DealerHandover, DealerSite, DealerStaff, DealerGroup, ManagerView, ManagerSwitch, HQView, PreviewShop, RangeEdit, Own, ManagerClock}
	at := func(r SiteRole) User { return User{Role: RoleDealer, Grants: []Grant{{r, leeds}}} }
	for name, c := range map[string]struct {
		u    User
		bits string
	}{
		"service":       {at(Service), "101000000001010"},
		"handover":      {at(HandoverDesk), "101010000001010"},
		"sales":         {at(Sales), "111110000001010"},
		"site manager":  {at(SiteManager), "111111100001010"},
		"group manager": {at(GroupManager), "111111110001010"},
		"no role":       {User{Role: RoleDealer}, "000000000000010"},
		"unknown role":  {at("owner"), "000000000000010"},
		"manager":       {User{Role: RoleManager, Grants: []Grant{{GroupManager, leeds}}}, "000000001101111"},
		"hq":            {User{Role: RoleHQ}, "000000001011110"},
		"nobody":        {User{Grants: []Grant{{GroupManager, leeds}}}, "000000000000000"},
		"root":          {User{Role: "root"}, "000000000000000"},
	} {
		for i, p := range all {
			if c.u.May(p) != (c.bits[i] == '1') {
				t.Errorf("%s, permission %q: %v", name, p, c.u.May(p))
			}
			if dealers := i < 8; dealers && c.u.MayAt(p, leeds) != (c.bits[i] == '1') || c.u.MayAt(p, milan) || c.u.MayAt(p, "") {
				t.Errorf("%s, permission %q at a site: %v, elsewhere %v", name, p, c.u.MayAt(p, leeds), c.u.MayAt(p, milan))
			}
		}
		if !c.u.May(Public) || c.u.May("") || c.u.May("*") {
			t.Errorf("%s: public must be open, an unknown permission closed", name)
		}
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	c, b := clerk(), boss()
	c.Grants = []Grant{{Sales, leeds}}
	if !c.At(leeds) || c.At(milan) || c.At("") || b.At(leeds) || (User{Role: RoleDealer}).At("") {
		t.Error("only the dealer's own staff is at the dealer")
	}
	if !b.Sees("gb") || b.Sees("fr") || c.Sees("gb") || !(User{Role: RoleHQ}).Sees("fr") {
		t.Error("a manager sees own markets, the head office all, a dealer none")
	}
}

func TestUsersAreCheckedBeforeTheyAreWritten(t *testing.T) {
	t.Parallel()
	s := NewUsers(world(t), Options{})
	broken := map[string]func(*User){
		"no e-mail":          func(u *User) { u.Email = "" },
		"two lines":          func(u *User) { u.Email = "a@example.com\nb@example.com" },
		"name in e-mail":     func(u *User) { u.Email = "Amy <amy@example.com>" },
		"dotted I":           func(u *User) { u.Email = "\u0130@example.com" },
		"Kelvin sign":        func(u *User) { u.Email = "\u212a@example.com" },
		"long e-mail":        func(u *User) { u.Email = manyOf('a', 250) + "@example.com" },
		"no name":            func(u *User) { u.Name = " " },
		"bidi name":          func(u *User) { u.Name = "Amy\u202eklreC" },
		"NUL name":           func(u *User) { u.Name = "Amy\x00" },
		"not UTF-8":          func(u *User) { u.Name = "Amy\xff" },
		"unknown role":       func(u *User) { u.Role = "root" },
		"dealer without one": func(u *User) { u.Dealer = "" },
		"dealer and market":  func(u *User) { u.Markets = []id.Market{"gb"} },
		"manager of nothing": func(u *User) { u.Role, u.Dealer = RoleManager, "" },
		"market with comma":  func(u *User) { *u = boss(); u.Markets = []id.Market{"gb,it"} },
	}
	for name, change := range broken {
		u := clerk()
		change(&u)
		_, err := s.Create(t.Context(), u, password)
		refused(t, name, err, ErrUser)
	}
	for _, code := range []id.Dealer{"gb-nowhere-atall", "GB LEEDS", "a\x00bcd"} {
		u := clerk()
		u.Dealer = code
		_, err := s.Create(t.Context(), u, password)
		refused(t, string(code), err, ErrNoDealer)
	}
	if n := countRows(t, s.db, `SELECT count(*) FROM users`); n != 0 {
		t.Errorf("%d users were written", n)
	}
}

func TestWeakPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := staffed(t)
	for _, p := range []string{"", "elevenchars", manyOf('a', 20), manyOf('x', 1025), DemoPassword, "Forecourt-Demo",
		"with a \x00 inside", "with \xff inside it"} {
		_, err := s.Create(t.Context(), boss(), p)
		refused(t, p, err, ErrPassword)
		refused(t, p, s.SetPassword(t.Context(), "amy@example.com", p), ErrPassword)
	}
	refused(t, "the e-mail", s.SetPassword(t.Context(), "AMY@example.com", "Amy@Example.com"), ErrPassword)
}

func TestCreateAndUpsert(t *testing.T) {
	t.Parallel()
	s, amy := staffed(t)
	again := clerk()
	again.Email = " AMY@Example.com "
	_, err := s.Create(t.Context(), again, password)
	refused(t, "second account of an e-mail", err, ErrTaken)

	moved := boss()
	moved.Email = amy.Email
	got, err := s.Upsert(t.Context(), moved, "quite another sentence")
	must(t, err)
	if got.ID != amy.ID {
		t.Errorf("upsert made a new account %s beside %s", got.ID, amy.ID)
	}
	in, err := s.Login(t.Context(), amy.Email, "quite another sentence", homeIP)
	must(t, err)
	moved.ID = amy.ID
	if !reflect.DeepEqual(in, moved) {
		t.Errorf("after upsert %+v, want %+v", in, moved)
	}
	if n := countRows(t, s.db, `SELECT count(*) FROM audit_log WHERE action = 'user.saved' AND subject = ?`, "user:"+string(amy.ID)); n != 2 {
		t.Errorf("%d audit rows, want 2", n)
	}
	if n := countRows(t, s.db, `SELECT count(*) FROM audit_log WHERE old::text || new::text LIKE '%example.com%'`); n != 0 {
		t.Error("the audit log holds an e-mail")
	}
}

func TestDemoAccountsShareOneHashAndExistOnlyInTheDemo(t *testing.T) {
	t.Parallel()
	d := world(t)
	must(t, ensureDemo(t, d, clerk(), boss()))
	before := text(t, d, `SELECT string_agg(password_hash || id || xmin, ' ' ORDER BY email) FROM users`)
	must(t, ensureDemo(t, d, clerk(), boss()))
	if after := text(t, d, `SELECT string_agg(password_hash || id || xmin, ' ' ORDER BY email) FROM users`); after != before {
		t.Error("the second start wrote again")
	}
	if n := countRows(t, d, `SELECT count(DISTINCT password_hash) FROM users WHERE demo`); n != 1 {
		t.Errorf("%d hashes, want a shared one", n)
	}
	demo, live := NewUsers(d, Options{Demo: true}), NewUsers(d, Options{})
	got, err := demo.Login(t.Context(), clerk().Email, DemoPassword, homeIP)
	must(t, err)
	if !got.Demo || !got.At(leeds) {
		t.Errorf("demo login gave %+v", got)
	}
	_, err = live.Login(t.Context(), clerk().Email, DemoPassword, homeIP)
	refused(t, "demo login outside the demo", err, ErrLogin)

	_, err = live.Upsert(t.Context(), clerk(), password)
	refused(t, "taking over a demo account", err, ErrTaken)
	refused(t, "password of a demo account", live.SetPassword(t.Context(), clerk().Email, password), ErrNoUser)
}

func TestDemoUpdatesItsOwnAndNeverTouchesARealAccount(t *testing.T) {
	t.Parallel()
	s, amy := staffed(t)
	refused(t, "demo over a real account", ensureDemo(t, s.db, boss(), clerk()), ErrTaken)
	if n := countRows(t, s.db, `SELECT count(*) FROM users`); n != 1 {
		t.Errorf("%d users after a refused demo, want 1", n)
	}
	_, err := s.Login(t.Context(), amy.Email, DemoPassword, homeIP)
	refused(t, "demo password on a real account", err, ErrLogin)

	must(t, ensureDemo(t, s.db, boss()))
	b := boss()
	b.Markets = []id.Market{"it"}
	must(t, ensureDemo(t, s.db, b))
	got, err := NewUsers(s.db, Options{Demo: true}).Login(t.Context(), b.Email, DemoPassword, homeIP)
	must(t, err)
	if got.Sees("gb") || !got.Sees("it") {
		t.Errorf("markets after the change: %v", got.Markets)
	}
}
