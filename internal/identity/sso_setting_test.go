package identity

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/platform/db"
	"forecourt/internal/platform/outward"
)

func TestAGroupRequiresItsProvider(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	p := h.setting()
	p.Required = true
	refused(t, "before he came through it himself", h.save(t, p, ""), ErrSSOFirstYourself)
	_, err := h.comes(t, person("c", "chief@example.com"))
	must(t, err)
	colleague(t, h.users, "out@elsewhere.example", Grant{Service, kendal})
	refused(t, "somebody could not get in", h.save(t, p, ""), ErrSSOOutside)
	must(t, h.users.Disable(t.Context(), "out@elsewhere.example"))
	must(t, h.save(t, p, ""))
	_, err = h.users.Login(t.Context(), "amy@example.com", password, homeIP)
	refused(t, "the right password", err, ErrUseSSO)
	_, err = h.users.Login(t.Context(), "amy@example.com", "not the right password", homeIP)
	refused(t, "a wrong password", err, ErrLogin)
	for _, email := range []string{"amy@example.com", "nobody@example.com"} {
		got, ok, err := h.UseSSO(t.Context(), email, ErrLogin)
		if must(t, err); !ok || got.Group != pennine {
			t.Errorf("%s is told nothing", email)
		}
	}
	if _, ok, _ := h.UseSSO(t.Context(), "x@example.org", ErrLogin); ok {
		t.Error("another domain is sent there")
	}
	key, err := h.users.ask(t, h.chief, "nora@example.com", Grant{Sales, leeds})
	must(t, err)
	_, err = h.users.Join(t.Context(), links.Invitation(key), "a sentence to remember")
	refused(t, "joining with a password", err, ErrUseSSO)

	next := p
	next.ClientID = "another"
	refused(t, "a new client", h.save(t, next, "secret"), ErrSSOFirstYourself)
	refused(t, "a new client with the old secret", h.save(t, func() Provider { n := next; n.Required = false; return n }(), ""), ErrSSOSecret)
	must(t, h.users.ReleaseSSO(t.Context(), pennine))
	_, err = h.users.Login(t.Context(), "amy@example.com", password, homeIP)
	must(t, err)
	must(t, h.users.act(t, func(ctx context.Context, tx *db.Tx) error { return h.EndTx(ctx, tx, h.chief) }))
	_, err = h.Begin(t.Context(), pennine, "", "", false)
	refused(t, "after the end", err, ErrNoSSO)
}

func TestWhatCannotBeAProviderIsRefused(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	for name, c := range map[string]struct {
		change func(*Provider)
		want   error
	}{
		"no issuer":        {func(p *Provider) { p.Issuer = "" }, ErrSSOIssuer},
		"plain http":       {func(p *Provider) { p.Issuer = "http://id.example.com" }, ErrSSOIssuer},
		"a private one":    {func(p *Provider) { p.Issuer = "https://10.0.0.1" }, ErrSSOIssuer},
		"the metadata":     {func(p *Provider) { p.Issuer = "http://169.254.169.254/latest" }, ErrSSOIssuer},
		"a file":           {func(p *Provider) { p.Issuer = "file:///etc/passwd" }, ErrSSOIssuer},
		"with a name":      {func(p *Provider) { p.Issuer = strings.Replace(h.idp.URL, "//", "//user:pw@", 1) }, ErrSSOIssuer},
		"with a query":     {func(p *Provider) { p.Issuer += "?x=1" }, ErrSSOIssuer},
		"nobody there":     {func(p *Provider) { p.Issuer += "/nowhere" }, ErrSSOIssuer},
		"no client":        {func(p *Provider) { p.ClientID = "" }, ErrSSOClient},
		"no domain":        {func(p *Provider) { p.Domains = nil }, ErrSSODomain},
		"half a domain":    {func(p *Provider) { p.Domains = []string{"com"} }, ErrSSODomain},
		"a wild domain":    {func(p *Provider) { p.Domains = []string{"*.example.com"} }, ErrSSODomain},
		"a level too long": {func(p *Provider) { p.ACR = strings.Repeat("x", 201) }, ErrSSOLevel},
	} {
		p := h.setting()
		c.change(&p)
		refused(t, name, h.Check(t.Context(), h.chief, p), c.want)
	}
	must(t, h.Check(t.Context(), h.chief, h.setting()))
	for name, describe := range map[string]func(doc map[string]any){
		"another issuer":  func(doc map[string]any) { doc["issuer"] = "https://id.example.org" },
		"a private token": func(doc map[string]any) { doc["token_endpoint"] = "https://192.168.0.1/token" },
		"plain keys":      func(doc map[string]any) { doc["jwks_uri"] = "http://id.example.org/keys" },
		"a script":        func(doc map[string]any) { doc["authorization_endpoint"] = "javascript:alert(1)" },
		"no S256":         func(doc map[string]any) { doc["code_challenge_methods_supported"] = []string{"plain"} },
	} {
		h.idp.Describe = describe
		refused(t, name, h.Check(t.Context(), h.chief, h.setting()), ErrSSOIssuer)
	}
	h.idp.Describe = nil
	closed, err := NewSSO(h.users, []byte("a secret of the tests, 32 bytes or more"), shopURL, outward.Options{})
	must(t, err)
	refused(t, "outside of the demo", closed.Check(t.Context(), h.chief, h.setting()), ErrSSOIssuer)
}

// The secret is sealed for its group, issuer and client: neither the row nor another issuer opens it.
func TestTheClientsSecretIsSealed(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	if strings.Contains(text(t, h.users.db, `SELECT encode(sealed, 'escape') || (SELECT string_agg(a::text, '') FROM audit_log a) FROM sso_providers`), h.idp.Secret) {
		t.Fatal("the secret is there to read")
	}
	p, _, err := h.Of(t.Context(), pennine)
	must(t, err)
	if got, err := h.secretOf(p); err != nil || got != h.idp.Secret {
		t.Errorf("%q %v", got, err)
	}
	p.Issuer = "https://evil.example.org"
	if _, err := h.secretOf(p); err == nil {
		t.Error("another issuer gets the secret")
	}
}

// TestWhoJoinedByTheProviderGetsAPasswordWhenItIsTakenAway: an account that the provider made has none. An invitation to
// its own address lets its owner set the first, and nobody another.
func TestWhoJoinedByTheProviderGetsAPasswordWhenItIsTakenAway(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	_, err := h.users.ask(t, h.chief, "nora@example.com", Grant{Sales, kendal})
	must(t, err)
	e, err := h.comes(t, person("nora", "nora@example.com"))
	must(t, err)
	must(t, h.users.act(t, func(ctx context.Context, tx *db.Tx) error { return h.EndTx(ctx, tx, h.chief) }))
	if _, err := h.Begin(t.Context(), pennine, "/dealer", "", false); err == nil {
		t.Fatal("the provider is still there")
	}
	_, err = h.users.Login(t.Context(), "nora@example.com", password, homeIP)
	refused(t, "an account without a password", err, ErrLogin)

	key, err := h.users.ask(t, h.chief, "Nora@example.com", Grant{Sales, kendal})
	must(t, err)
	link := links.Invitation(key)
	_, err = h.users.Join(t.Context(), link, "short")
	refused(t, "a weak password", err, ErrPassword)
	const chosen = "a first password of her own"
	u, err := h.users.Join(t.Context(), link, chosen)
	must(t, err)
	if u.ID != e.User.ID || len(u.Grants) != 1 || !u.Holds(Grant{Sales, kendal}) {
		t.Fatalf("it is another account: %+v", u)
	}
	if in, err := h.users.Login(t.Context(), "nora@example.com", chosen, homeIP); err != nil || in.ID != e.User.ID {
		t.Errorf("she does not get in: %v", err)
	}
	_, err = h.users.Join(t.Context(), link, "another password of hers")
	refused(t, "the link once more", err, ErrNoInvitation)
	_, err = h.users.ask(t, h.chief, "nora@example.com", Grant{Sales, kendal})
	refused(t, "an invitation of somebody with a password", err, ErrWorksHere)
	if n := countRows(t, h.users.db, `SELECT count(*) FROM audit_log WHERE action = 'user.first_password' AND subject = ?`, "user:"+string(e.User.ID)); n != 1 {
		t.Errorf("%d rows in the audit", n)
	}
}

// TestAFirstPasswordIsTheGroupsToOffer: not that of another group, not for an account that is closed, and not while the
// group's provider is the only way in.
func TestAFirstPasswordIsTheGroupsToOffer(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	_, err := h.users.ask(t, h.chief, "nora@example.com", Grant{Sales, kendal})
	must(t, err)
	_, err = h.comes(t, person("nora", "nora@example.com"))
	must(t, err)
	foreign := colleague(t, h.users, "boss@elsewhere.example", Grant{SiteManager, milan})
	key, err := h.users.ask(t, foreign, "nora@example.com", Grant{Sales, milan})
	must(t, err)
	const chosen = "a first password of her own"
	_, err = h.users.Join(t.Context(), links.Invitation(key), chosen)
	refused(t, "another group's letter", err, ErrTaken)
	_, err = h.users.Login(t.Context(), "nora@example.com", chosen, homeIP)
	refused(t, "after it", err, ErrLogin)
	key, err = h.users.ask(t, h.chief, "nora@example.com", Grant{Sales, kendal})
	must(t, err)
	must(t, h.users.Disable(t.Context(), "nora@example.com"))
	_, err = h.users.Join(t.Context(), links.Invitation(key), chosen)
	refused(t, "a closed account", err, ErrTaken)
}
