package identity

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/dbtest"
)

var links = NewLinks([]byte("a secret of the tests, 32 bytes or more"))

// colleague makes an account with roles.
func colleague(t *testing.T, s *Users, email string, grants ...Grant) User {
	t.Helper()
	u, err := s.Create(t.Context(), User{Email: email, Name: "Person " + email, Role: RoleDealer, Dealer: grants[0].Dealer, Grants: grants}, password)
	must(t, err)
	return u
}

func (s *Users) act(t *testing.T, do func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return s.db.InTx(t.Context(), do)
}

func (s *Users) again(t *testing.T, who id.User) User {
	t.Helper()
	u, ok, err := userByID(s.db.Read(t.Context()), who, false)
	if err != nil || !ok {
		t.Fatalf("%v %v", ok, err)
	}
	return u
}

func (s *Users) ask(t *testing.T, by User, email string, grants ...Grant) (id.Invitation, error) {
	t.Helper()
	var key id.Invitation
	err := s.act(t, func(ctx context.Context, tx *db.Tx) (err error) {
		key, err = s.InviteTx(ctx, tx, by, links, email, "New Colleague", grants)
		return err
	})
	return key, err
}

// The whole table: who may hand out which role at his own site, at another of his group, and elsewhere.
func TestNobodyGrantsWhatHeDoesNotHold(t *testing.T) {
	t.Parallel()
	roles := []SiteRole{Service, HandoverDesk, Sales, SiteManager, GroupManager}
	//                      own site  sister    elsewhere
	want := map[SiteRole][3]string{
		Service:      {"00000", "00000", "00000"},
		HandoverDesk: {"00000", "00000", "00000"},
		Sales:        {"00000", "00000", "00000"},
		SiteManager:  {"11110", "00000", "00000"},
		GroupManager: {"11111", "11111", "00000"},
	}
	s := NewUsers(world(t), Options{})
	for i, holder := range roles {
		by := colleague(t, s, string(holder)+"@example.com", Grant{holder, leeds})
		if i == 0 && by.Group != "gb-pennine" {
			t.Fatalf("the group is %q", by.Group)
		}
		for n, site := range []id.Dealer{leeds, kendal, milan} {
			for r, role := range roles {
				g, may := Grant{role, site}, want[holder][n][r] == '1'
				if by.MayGrant(g) != may {
					t.Errorf("%s may make a %s at %s: %v", holder, role, site, !may)
				}
				_, err := s.ask(t, by, "x@example.com", g)
				if may != (err == nil) || err != nil && !errors.Is(err, ErrGrant) && !errors.Is(err, ErrNoDealer) {
					t.Errorf("%s invites a %s at %s: %v", holder, role, site, err)
				}
				if may && holder != GroupManager {
					if _, err := s.ask(t, by, "x@example.com", g, Grant{GroupManager, site}); !errors.Is(err, ErrGrant) {
						t.Errorf("%s smuggles a group manager in beside a %s: %v", holder, role, err)
					}
				}
			}
		}
	}
}

func TestRolesOfColleaguesAreChangedByThoseWhoHoldThem(t *testing.T) {
	t.Parallel()
	s := NewUsers(world(t), Options{})
	group := colleague(t, s, "group@example.com", Grant{GroupManager, leeds})
	site := colleague(t, s, "site@example.com", Grant{SiteManager, leeds})
	both := colleague(t, s, "both@example.com", Grant{Sales, leeds}, Grant{Service, kendal})
	other := colleague(t, s, "milan@example.com", Grant{SiteManager, milan})
	change := func(by User, who id.User, want ...Grant) error {
		return s.act(t, func(ctx context.Context, tx *db.Tx) error { return s.ChangeRolesTx(ctx, tx, by, who, want) })
	}
	refused(t, "oneself", change(site, site.ID, Grant{SiteManager, leeds}), ErrGrantSelf)
	refused(t, "a stranger", change(site, other.ID, Grant{Sales, leeds}), ErrNoUser)
	refused(t, "no id", change(site, "x"), ErrNoUser)
	refused(t, "up to the group", change(site, both.ID, Grant{GroupManager, leeds}), ErrGrant)
	refused(t, "at a sister site", change(site, both.ID, Grant{Sales, leeds}, Grant{Sales, kendal}), ErrGrant)
	refused(t, "the group's manager away", change(site, group.ID), ErrGrant)
	refused(t, "by one who sells", change(both, site.ID), ErrNoUser)
	refused(t, "by one of another group", change(other, both.ID), ErrNoUser)

	must(t, change(site, both.ID, Grant{SiteManager, leeds}))
	if got := s.again(t, both.ID).Grants; !slices.Equal(got, []Grant{{Service, kendal}, {SiteManager, leeds}}) {
		t.Errorf("after the change: %v", got)
	}
	must(t, change(site, both.ID))
	after := s.again(t, both.ID)
	if !slices.Equal(after.Grants, []Grant{{Service, kendal}}) || after.Dealer != kendal {
		t.Errorf("what the site's manager cannot see is gone: %v at %s", after.Grants, after.Dealer)
	}
	must(t, change(group, site.ID, Grant{GroupManager, leeds}, Grant{GroupManager, kendal}))
	if got := s.again(t, site.ID); !got.MayAt(DealerGroup, kendal) || got.MayAt(DealerGroup, milan) {
		t.Errorf("a manager of the group has %v", got.Grants)
	}
	if n := countRows(t, s.db, `SELECT count(*) FROM audit_log WHERE action = 'staff.roles'`); n != 3 {
		t.Errorf("%d audit rows, want 3", n)
	}
	if n := countRows(t, s.db, `SELECT count(*) FROM staff_roles WHERE ended_at IS NOT NULL AND ended_by LIKE 'staff:%'`); n != 3 {
		t.Errorf("%d ended roles are kept, want 3", n)
	}
}

// A manager who was ended a moment ago hands nothing out: the rights are read again inside the transaction.
func TestAStaleManagerGrantsNothing(t *testing.T) {
	t.Parallel()
	s := NewUsers(world(t), Options{})
	group := colleague(t, s, "group@example.com", Grant{GroupManager, leeds})
	site := colleague(t, s, "site@example.com", Grant{SiteManager, leeds})
	key, err := s.ask(t, site, "new@example.com", Grant{SiteManager, leeds})
	must(t, err)
	must(t, s.act(t, func(ctx context.Context, tx *db.Tx) error {
		return s.ChangeRolesTx(ctx, tx, group, site.ID, []Grant{{Sales, leeds}})
	}))
	_, err = s.ask(t, site, "another@example.com", Grant{Sales, leeds})
	refused(t, "inviting with rights of before", err, ErrGrant)
	_, err = s.Join(t.Context(), links.Invitation(key), password)
	refused(t, "an invitation whose inviter lost the role", err, ErrNoInvitation)
}

func TestInvitationsWorkOnceAndOnlyForTheirTime(t *testing.T) {
	t.Parallel()
	s := NewUsers(world(t), Options{})
	clock := dbtest.Clock(t, s.db)
	boss := colleague(t, s, "boss@example.com", Grant{SiteManager, leeds})
	first, err := s.ask(t, boss, " NEW@example.com ", Grant{Sales, leeds})
	must(t, err)
	second, err := s.ask(t, boss, "new@example.com", Grant{HandoverDesk, leeds})
	must(t, err)
	_, err = s.Invited(t.Context(), links.Invitation(first))
	refused(t, "the older link", err, ErrNoInvitation)
	for _, wrong := range []string{"", "x", links.Invitation("0198a000-0000-7000-8000-000000000001"), NewLinks([]byte("another secret")).Invitation(second), links.Invitation(second) + "x"} {
		_, err = s.Invited(t.Context(), wrong)
		refused(t, wrong, err, ErrNoInvitation)
	}
	token := links.Invitation(second)
	if n := countRows(t, s.db, `SELECT count(*) FROM staff_invitations i WHERE i::text LIKE '%' || ? || '%'`, token); n != 0 {
		t.Error("the table holds the link")
	}
	_, err = s.Join(t.Context(), token, "too short")
	refused(t, "a weak password", err, ErrPassword)
	u, err := s.Join(t.Context(), token, "quite another sentence")
	must(t, err)
	if u.Email != "new@example.com" || !u.MayAt(DealerHandover, leeds) || u.MayAt(DealerQueue, leeds) || u.MayAt(DealerSee, kendal) {
		t.Errorf("who joined is %+v", u)
	}
	_, err = s.Login(t.Context(), "new@example.com", "quite another sentence", homeIP)
	must(t, err)
	_, err = s.Join(t.Context(), token, "quite another sentence")
	refused(t, "the second time", err, ErrNoInvitation)

	_, err = s.ask(t, boss, "New@example.com", Grant{Sales, leeds})
	refused(t, "who works there already", err, ErrWorksHere)
	other := colleague(t, s, "other@example.com", Grant{SiteManager, kendal}) // sees nobody of Leeds
	taken, err := s.ask(t, other, "new@example.com", Grant{Sales, kendal})
	must(t, err)
	_, err = s.Join(t.Context(), links.Invitation(taken), "quite another sentence")
	refused(t, "an address with an account", err, ErrTaken)

	late, err := s.ask(t, boss, "late@example.com", Grant{Sales, leeds})
	must(t, err)
	clock.Advance(InvitationLife)
	_, err = s.Join(t.Context(), links.Invitation(late), "quite another sentence")
	refused(t, "too late", err, ErrNoInvitation)
}

// In a demo the invited are the demo's too, and choose their own password: nobody else gets its hash.
func TestAnInvitedDemoAccountKeepsItsPasswordForItself(t *testing.T) {
	t.Parallel()
	d := world(t)
	must(t, ensureDemo(t, d, clerk()))
	s := NewUsers(d, Options{Demo: true})
	amy, err := s.Login(t.Context(), clerk().Email, DemoPassword, homeIP)
	must(t, err)
	key, err := s.ask(t, amy, "zoe@example.com", Grant{Sales, leeds})
	must(t, err)
	_, err = s.Join(t.Context(), links.Invitation(key), "quite another sentence")
	must(t, err)
	must(t, ensureDemo(t, d, clerk(), boss()))
	_, err = s.Login(t.Context(), boss().Email, DemoPassword, homeIP)
	must(t, err)
	if n := countRows(t, d, `SELECT count(*) FROM users WHERE NOT demo`); n != 0 {
		t.Error("the demo's database holds a login that is not the demo's")
	}
}

func TestInvitationsAreWithdrawnByThoseWhoCouldHaveMadeThem(t *testing.T) {
	t.Parallel()
	s := NewUsers(world(t), Options{})
	group := colleague(t, s, "group@example.com", Grant{GroupManager, leeds})
	site := colleague(t, s, "site@example.com", Grant{SiteManager, leeds})
	other := colleague(t, s, "milan@example.com", Grant{SiteManager, milan})
	sales := colleague(t, s, "sales@example.com", Grant{Sales, leeds})
	key, err := s.ask(t, group, "new@example.com", Grant{GroupManager, leeds}, Grant{GroupManager, kendal})
	must(t, err)
	plain, err := s.ask(t, group, "plain@example.com", Grant{Sales, leeds})
	must(t, err)
	withdraw := func(by User, key id.Invitation) error {
		return s.act(t, func(ctx context.Context, tx *db.Tx) error { return s.WithdrawTx(ctx, tx, by, key) })
	}
	refused(t, "by a stranger", withdraw(other, key), ErrNoInvitation)
	refused(t, "by the site's manager", withdraw(site, key), ErrNoInvitation)
	refused(t, "by sales", withdraw(sales, plain), ErrGrant)
	if seen, err := s.Invitations(t.Context(), site); err != nil || len(seen) != 1 || seen[0].ID != plain {
		t.Errorf("the site's manager sees %v, %v", seen, err)
	}
	must(t, withdraw(site, plain))
	refused(t, "twice", withdraw(site, plain), ErrNoInvitation)
	must(t, withdraw(group, key))
	_, err = s.Join(t.Context(), links.Invitation(key), password)
	refused(t, "a withdrawn link", err, ErrNoInvitation)
}

func TestManyWhoOpenOneInvitationMakeOneAccount(t *testing.T) {
	t.Parallel()
	s := NewUsers(world(t), Options{})
	boss := colleague(t, s, "boss@example.com", Grant{SiteManager, leeds})
	key, err := s.ask(t, boss, "new@example.com", Grant{Sales, leeds})
	must(t, err)
	var wg sync.WaitGroup
	var joined atomic.Int64
	for range 4 {
		wg.Go(func() {
			_, err := s.Join(t.Context(), links.Invitation(key), "quite another sentence")
			switch {
			case err == nil:
				joined.Add(1)
			case !errors.Is(err, ErrTaken) && !errors.Is(err, ErrNoInvitation) && !errors.Is(err, ErrBusy):
				t.Errorf("a loser hears %v", err)
			}
		})
	}
	wg.Wait()
	if joined.Load() != 1 || countRows(t, s.db, `SELECT count(*) FROM users WHERE email = 'new@example.com'`) != 1 {
		t.Errorf("%d joined", joined.Load())
	}
}

func TestColleaguesAreThoseOfTheManagersSites(t *testing.T) {
	t.Parallel()
	s := NewUsers(world(t), Options{})
	group := colleague(t, s, "group@example.com", Grant{GroupManager, leeds})
	site := colleague(t, s, "site@example.com", Grant{SiteManager, leeds})
	colleague(t, s, "both@example.com", Grant{Sales, leeds}, Grant{Service, kendal})
	kendalOnly := colleague(t, s, "kendal@example.com", Grant{Sales, kendal})
	colleague(t, s, "milan@example.com", Grant{Sales, milan})
	names := func(by User, who id.User) string {
		found, err := s.ColleaguesOf(t.Context(), by, who)
		must(t, err)
		var out []string
		for _, c := range found {
			line := strings.TrimSuffix(c.Email, "@example.com")
			for _, g := range c.Grants {
				line += " " + g.String()
			}
			out = append(out, line)
		}
		return strings.Join(out, "; ")
	}
	if got, want := names(site, ""), "both sales@gb-leeds-northgate; group group_manager@gb-leeds-northgate; site site_manager@gb-leeds-northgate"; got != want {
		t.Errorf("the site's manager sees\n%s\nwant\n%s", got, want)
	}
	if got := names(group, kendalOnly.ID); got != "kendal sales@gb-kendal-fellside" {
		t.Errorf("the group's manager sees %s", got)
	}
	if got := names(site, kendalOnly.ID); got != "" {
		t.Errorf("an id of a sister site shows %s", got)
	}
}

func TestASessionWorksAtOneSiteAtATime(t *testing.T) {
	t.Parallel()
	u := User{Role: RoleDealer, Dealer: leeds, Grants: []Grant{{Sales, kendal}, {Sales, leeds}}}
	for ask, want := range map[id.Dealer]id.Dealer{"": leeds, kendal: kendal, milan: leeds} {
		if got := u.working(ask).Dealer; got != want {
			t.Errorf("asked for %q: %s, want %s", ask, got, want)
		}
	}
	moved := User{Role: RoleDealer, Dealer: milan, Grants: []Grant{{Sales, kendal}}}
	if got := moved.working("").Dealer; got != kendal {
		t.Errorf("without a role at the old site: %s", got)
	}
	if !slices.Equal(u.SitesWith(DealerQueue), []id.Dealer{kendal, leeds}) || len(u.SitesWith(DealerStaff)) != 0 {
		t.Error("the sites of a permission")
	}
	if InvitationLife != 7*24*time.Hour {
		t.Error("the words on the page say seven days")
	}
}
