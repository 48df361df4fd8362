package dealersite_test

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"testing"

	"forecourt/internal/flow/membership"
	"forecourt/internal/flow/outbound"
	"forecourt/internal/flow/sitecalendar"
	"forecourt/internal/flow/team"
	"forecourt/internal/hook"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/letters"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/forms"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/mail"
	"forecourt/internal/web/dealersite"
	"forecourt/internal/web/signin"
	"forecourt/internal/web/webtest"

	"forecourt/templates"
)

const (
	leeds  id.Dealer = "gb-leeds-northgate"
	kendal id.Dealer = "gb-kendal-fellside" // of the same group
	london id.Dealer = "gb-london-kestrel"
)

// site is the surface with its sign-in, over a database of its own.
type site struct {
	*webtest.House
	team *team.Service
	out  *outbound.Service
	mu   sync.Mutex
	sent []mail.Message
}

// Send implements mail.Sender.
func (s *site) Send(_ context.Context, m mail.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, m)
	return nil
}

func open(t *testing.T) *site {
	t.Helper()
	s := &site{House: webtest.New(t)}
	inserts, err := jobs.New(s.DB.Pool, jobs.Options{})
	must(t, err)
	s.team = &team.Service{DB: s.DB, World: s.Kit.World, Jobs: inserts, Users: s.Users, Links: identity.NewLinks([]byte(strings.Repeat("k", 32))),
		Words: s.Kit.Catalogue, Letters: s.letters(), Sender: s, BaseURL: "http://shop.example.com"}
	s.Open(dealersite.New(dealersite.Deps{Kit: s.Kit, Users: s.Users, Team: s.team, Calendar: &sitecalendar.Service{DB: s.DB, World: s.Kit.World}, Pilots: &membership.Service{DB: s.DB, World: s.Kit.World}, SSO: s.SSO, Outbound: s.hooks(inserts)}).Routes())
	s.Open(signin.New(s.Kit, s.Users, s.team, s.Factors, s.SSO).Routes())
	t.Cleanup(func() {
		if missing := s.Kit.Catalogue.Missing(); len(missing) > 0 {
			t.Errorf("words are missing: %v", missing)
		}
	})
	return s
}

func (s *site) letters() *letters.Letters {
	l, err := letters.New(s.Kit.Catalogue, templates.Files, letters.Config{Domain: "shop.example.com"})
	must(s.T.(*testing.T), err)
	return l
}

// hooks is the service that brings events to dealers' systems, of which this machine may be one.
func (s *site) hooks(inserts *jobs.Client) *outbound.Service {
	seal, err := hook.NewSeal([]byte("a secret of the tests, 32 bytes or more"))
	must(s.T.(*testing.T), err)
	s.out = &outbound.Service{DB: s.DB, World: s.Kit.World, Jobs: inserts, Seal: seal, Courier: hook.NewCourier(true), Users: s.Users, Words: s.Kit.Catalogue, Letters: s.letters(), Sender: s, BaseURL: "http://shop.example.com", Log: s.Kit.Log}
	return s.out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// person signs somebody in with roles.
func (s *site) person(email string, grants ...identity.Grant) *webtest.Browser {
	s.T.Helper()
	return s.Person(identity.User{Email: email, Name: "Person " + email, Role: identity.RoleDealer, Dealer: grants[0].Dealer, Grants: grants})
}

func at(r identity.SiteRole, d id.Dealer) identity.Grant { return identity.Grant{Role: r, Dealer: d} }

// form is fields with a key of their own.
func form(pairs ...string) url.Values {
	v := url.Values{"form_key": {forms.NewKey()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// one reads a single value.
func one[T any](s *site, query string, args ...any) T {
	s.T.Helper()
	var v T
	if _, err := db.One(s.DB.Read(s.T.Context()), &v, query, args...); err != nil {
		s.T.Fatal(err)
	}
	return v
}
