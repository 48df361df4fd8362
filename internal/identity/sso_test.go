package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity/idptest"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/outward"

	"github.com/golang-jwt/jwt/v5"
)

const pennine = id.Group("gb-pennine")

// house is a group with its provider, its manager and a colleague.
type house struct {
	*SSO
	idp   *idptest.Provider
	chief User
	amy   User
}

func demoReach() outward.Options { return outward.Options{Demo: true, Timeout: time.Minute} }

func ssoHouse(t *testing.T) *house {
	t.Helper()
	users, amy := staffed(t)
	s, err := NewSSO(users, []byte("a secret of the tests, 32 bytes or more"), shopURL, demoReach())
	must(t, err)
	h := &house{SSO: s, idp: idptest.New(t), amy: amy, chief: colleague(t, users, "chief@example.com", Grant{GroupManager, leeds})}
	must(t, h.save(t, h.setting(), h.idp.Secret))
	return h
}

func (h *house) setting() Provider {
	return Provider{Issuer: h.idp.URL, ClientID: h.idp.Client, Domains: []string{"example.com"}}
}

func (h *house) save(t *testing.T, p Provider, secret string) error {
	t.Helper()
	return h.users.act(t, func(ctx context.Context, tx *db.Tx) error { return h.SaveTx(ctx, tx, h.chief, p, secret) })
}

func person(subject, email string) idptest.Person {
	return idptest.Person{Subject: subject, Email: email, Verified: true}
}

func (h *house) begin(t *testing.T) Departure {
	t.Helper()
	d, err := h.Begin(t.Context(), pennine, "/dealer", "", false)
	must(t, err)
	return d
}

// answer is the way back of somebody who went by d.
func (h *house) answer(t *testing.T, d Departure, who idptest.Person) Return {
	t.Helper()
	q := h.idp.Visit(t, d.URL, who).Query()
	return Return{Group: pennine, State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Browser: d.Browser}
}

func (h *house) comes(t *testing.T, who idptest.Person) (Entry, error) {
	t.Helper()
	return h.Finish(t.Context(), h.answer(t, h.begin(t), who))
}

func TestTheFirstTimeByMailThenBySubject(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	e, err := h.comes(t, person("s-1", "AMY@example.com"))
	must(t, err)
	if e.User.ID != h.amy.ID || e.Next != "/dealer" || e.Owes || e.Vouched {
		t.Fatalf("%+v", e)
	}
	// The mail address has changed at the provider: the subject says who it is.
	e, err = h.comes(t, idptest.Person{Subject: "s-1", Email: "amy.new@elsewhere.example", Verified: false})
	must(t, err)
	if e.User.ID != h.amy.ID {
		t.Errorf("the subject is %s", e.User.Email)
	}
	_, err = h.comes(t, person("s-2", "amy@example.com"))
	refused(t, "another subject with the same mail address", err, ErrSSOSubject)
	_, err = h.comes(t, person("s-1 ", "chief@example.com"))
	must(t, err)
	_, err = h.comes(t, person("s-1", "chief@example.com"))
	must(t, err)
	if n := countRows(t, h.users.db, `SELECT count(*) FROM sso_links WHERE ended_at IS NULL`); n != 2 {
		t.Errorf("%d links, want two", n)
	}
	if s := text(t, h.users.db, `SELECT string_agg(new::text, '') FROM audit_log WHERE new IS NOT NULL`); strings.Contains(s, "amy@") || strings.Contains(s, "s-1") || strings.Contains(s, h.idp.Secret) {
		t.Errorf("the audit log tells a person or a secret: %s", s)
	}
	// After the manager has forgotten him the mail address counts again.
	must(t, h.users.act(t, func(ctx context.Context, tx *db.Tx) error { return h.UnlinkTx(ctx, tx, h.chief, h.amy.ID) }))
	e, err = h.comes(t, person("s-2", "amy@example.com"))
	must(t, err)
	if e.User.ID != h.amy.ID {
		t.Errorf("after unlinking: %s", e.User.Email)
	}
}

func TestNobodyComesWhoWasNotInvited(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	for name, who := range map[string]idptest.Person{
		"unverified":      {Subject: "u", Email: "amy@example.com", Verified: false},
		"no word of it":   {Subject: "u", Email: "amy@example.com"},
		"a foreign mail":  person("u", "amy@example.org"),
		"a longer domain": person("u", "amy@sub.example.com"),
		"no mail":         person("u", ""),
		"two mails":       person("u", "x@evil.example,amy@example.com"),
	} {
		_, err := h.comes(t, who)
		refused(t, name, err, ErrSSOMail)
	}
	_, err := h.comes(t, person("n", "nobody@example.com"))
	refused(t, "a stranger", err, ErrSSONobody)
	if n := countRows(t, h.users.db, `SELECT count(*) FROM users`); n != 2 {
		t.Errorf("%d accounts, want two", n)
	}
	must(t, h.users.Disable(t.Context(), "amy@example.com"))
	_, err = h.comes(t, person("a", "amy@example.com"))
	refused(t, "a closed account", err, ErrSSONobody)

	// An invitation of the group makes the account; the provider alone does not.
	key, err := h.users.ask(t, h.chief, "nora@example.com", Grant{Sales, kendal})
	must(t, err)
	e, err := h.comes(t, person("nora", "nora@example.com"))
	must(t, err)
	if !e.User.Holds(Grant{Sales, kendal}) || len(e.User.Grants) != 1 {
		t.Errorf("nora holds %v", e.User.Grants)
	}
	if n := countRows(t, h.users.db, `SELECT count(*) FROM staff_invitations WHERE id = ? AND accepted_by = ?`, key, e.User.ID); n != 1 {
		t.Error("the invitation is still open")
	}
	_, err = h.users.Login(t.Context(), "nora@example.com", "", homeIP)
	refused(t, "an account without a password", err, ErrLogin)
}

// Whoever works for another group, or for an office, is nobody to this group's provider, whatever it says.
func TestAProviderSpeaksForItsOwnGroupOnly(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	milano := colleague(t, h.users, "ugo@porta.example", Grant{GroupManager, milan})
	_, err := h.users.Create(t.Context(), User{Email: "office@offices.example", Name: "Office", Role: RoleManager, Markets: []id.Market{"gb"}}, password)
	must(t, err)
	for _, domain := range []string{"porta.example", "offices.example"} {
		p := h.setting()
		p.Domains = append(p.Domains, domain)
		refused(t, domain, h.save(t, p, ""), ErrSSOTaken)
	}
	// Somebody of another group who got a mail address of the domain later.
	late := colleague(t, h.users, "late@example.com", Grant{Sales, milan})
	_, err = h.comes(t, person("late", "late@example.com"))
	refused(t, "another group's", err, ErrSSONobody)
	// One who works for both is not this provider's to speak for.
	must(t, h.users.act(t, func(_ context.Context, tx *db.Tx) error {
		return addRoleTx(tx, "system", h.amy.ID, Grant{Sales, milan})
	}))
	_, err = h.comes(t, person("amy", "amy@example.com"))
	refused(t, "of two groups", err, ErrSSONobody)
	if n := countRows(t, h.users.db, `SELECT count(*) FROM sso_links`); n != 0 {
		t.Errorf("%d links were made", n)
	}
	err = h.users.act(t, func(ctx context.Context, tx *db.Tx) error {
		return h.SaveTx(ctx, tx, late, h.setting(), h.idp.Secret)
	})
	refused(t, "set up by who sells", err, ErrGrant)
	p := h.setting()
	p.Group = pennine // what the caller says does not count
	p.Domains = []string{"porta.example"}
	must(t, h.users.act(t, func(ctx context.Context, tx *db.Tx) error { return h.SaveTx(ctx, tx, milano, p, h.idp.Secret) }))
	if s := text(t, h.users.db, `SELECT group_code FROM sso_domains WHERE domain = 'porta.example'`); s != "it-porta" {
		t.Errorf("the domain is %s's", s)
	}
	refused(t, "forgetting somebody of another group", h.users.act(t, func(ctx context.Context, tx *db.Tx) error { return h.UnlinkTx(ctx, tx, milano, h.amy.ID) }), ErrNoUser)
}

// Each way of forging, stealing or bending an answer is refused, and lets nobody in.
func TestAnAnswerIsLookedAtFromAllSides(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	amy := person("s-1", "amy@example.com")
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	now := time.Now()
	words := map[string]func(c jwt.MapClaims){
		"nonce":          func(c jwt.MapClaims) { c["nonce"] = "another" },
		"no nonce":       func(c jwt.MapClaims) { delete(c, "nonce") },
		"audience":       func(c jwt.MapClaims) { c["aud"] = "somebody-else" },
		"no audience":    func(c jwt.MapClaims) { delete(c, "aud") },
		"two, no party":  func(c jwt.MapClaims) { c["aud"] = []string{h.idp.Client, "else"} },
		"another party":  func(c jwt.MapClaims) { c["azp"] = "else" },
		"issuer":         func(c jwt.MapClaims) { c["iss"] = "https://id.example.org" },
		"no issuer":      func(c jwt.MapClaims) { delete(c, "iss") },
		"expired":        func(c jwt.MapClaims) { c["exp"] = now.Add(-10 * time.Minute).Unix() },
		"no end":         func(c jwt.MapClaims) { delete(c, "exp") },
		"of tomorrow":    func(c jwt.MapClaims) { c["iat"] = now.Add(time.Hour).Unix() },
		"not yet":        func(c jwt.MapClaims) { c["nbf"] = now.Add(time.Hour).Unix() },
		"no subject":     func(c jwt.MapClaims) { delete(c, "sub") },
		"a long subject": func(c jwt.MapClaims) { c["sub"] = strings.Repeat("x", 300) },
		"another token":  func(c jwt.MapClaims) { c["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" },
	}
	for name, lie := range words {
		h.idp.Lie = lie
		_, err := h.comes(t, amy)
		refused(t, name, err, ErrSSO)
	}
	h.idp.Lie = nil
	signatures := map[string]func(c jwt.MapClaims) string{
		"alg none": func(c jwt.MapClaims) string {
			s, _ := jwt.NewWithClaims(jwt.SigningMethodNone, c).SignedString(jwt.UnsafeAllowNoneSignatureType)
			return s
		},
		"our own secret as a key": func(c jwt.MapClaims) string {
			s, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(h.idp.Secret))
			return s
		},
		"a stranger's key": func(c jwt.MapClaims) string { return idptest.Signed(c, stranger) },
		"cut":              func(c jwt.MapClaims) string { s := idptest.Signed(c, h.idp.Key()); return s[:len(s)-8] },
		"nothing":          func(jwt.MapClaims) string { return "" },
	}
	for name, sign := range signatures {
		h.idp.Sign = sign
		_, err := h.comes(t, amy)
		refused(t, name, err, ErrSSO)
	}
	h.idp.Sign = nil

	for name, bend := range map[string]func(r *Return){
		"state":           func(r *Return) { r.State = random() },
		"no state":        func(r *Return) { r.State = "" },
		"another browser": func(r *Return) { r.Browser = random() },
		"no browser":      func(r *Return) { r.Browser = "" },
		"another group":   func(r *Return) { r.Group = "it-porta" },
		"another issuer":  func(r *Return) { r.Issuer = "https://id.example.org" },
		"a made-up code":  func(r *Return) { r.Code = "guess" },
		"no code":         func(r *Return) { r.Code = "" },
		"refused":         func(r *Return) { r.Refused = "access_denied" },
	} {
		r := h.answer(t, h.begin(t), amy)
		bend(&r)
		_, err := h.Finish(t.Context(), r)
		refused(t, name, err, ErrSSO)
	}

	// The code of another attempt: PKCE binds it to the one that asked.
	mine, theirs := h.answer(t, h.begin(t), amy), h.answer(t, h.begin(t), amy)
	mine.Code = theirs.Code
	_, err = h.Finish(t.Context(), mine)
	refused(t, "an injected code", err, ErrSSO)

	r := h.answer(t, h.begin(t), amy)
	_, err = h.Finish(t.Context(), r)
	must(t, err)
	_, err = h.Finish(t.Context(), r)
	refused(t, "a second time", err, ErrSSO)

	d := h.begin(t)
	must(t, h.save(t, h.setting(), ""))
	_, err = h.Finish(t.Context(), h.answer(t, d, amy))
	refused(t, "changed meanwhile", err, ErrSSO)
	d = h.begin(t)
	must(t, h.users.db.Read(t.Context()).Exec(`UPDATE sso_attempts SET expires_at = current_timestamp - interval '1 second'`).Error)
	_, err = h.Finish(t.Context(), h.answer(t, d, amy))
	refused(t, "too late", err, ErrSSO)
	if n := countRows(t, h.users.db, `SELECT count(*) FROM audit_log WHERE action = 'user.signed_in'`); n != 1 {
		t.Errorf("%d came in, want the one", n)
	}
}

func TestAnAnswerWithoutItsIssuerWhereTheProviderNamesItself(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	h.idp.Describe = func(doc map[string]any) { doc["authorization_response_iss_parameter_supported"] = true }
	r := h.answer(t, h.begin(t), person("s", "amy@example.com"))
	_, err := h.Finish(t.Context(), r)
	refused(t, "no issuer", err, ErrSSO)
	r = h.answer(t, h.begin(t), person("s", "amy@example.com"))
	r.Issuer = h.idp.URL
	_, err = h.Finish(t.Context(), r)
	must(t, err)
}

func TestClocksDifferALittle(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	for _, shift := range []time.Duration{-time.Minute, time.Minute} {
		h.idp.Lie = func(c jwt.MapClaims) {
			at := time.Now().Add(shift)
			c["iat"], c["nbf"], c["exp"] = at.Unix(), at.Unix(), at.Add(30*time.Second).Unix()
		}
		_, err := h.comes(t, person("s-1", "amy@example.com"))
		must(t, err)
	}
}

// A key that the provider has changed is asked for at once, also with its description in memory.
func TestAProvidersKeysRotate(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	_, err := h.comes(t, person("s-1", "amy@example.com"))
	must(t, err)
	h.idp.Rotate()
	_, err = h.comes(t, person("s-1", "amy@example.com"))
	must(t, err)
}

func TestAMailAddressThatIsToldOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	h.idp.InUserInfo = true
	e, err := h.comes(t, person("s-1", "amy@example.com"))
	must(t, err)
	if e.User.ID != h.amy.ID {
		t.Errorf("%s came", e.User.Email)
	}
}

// By default the account's own second factor is asked for; a provider's counts when the manager says so.
func TestWhoseSecondFactorCounts(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	must(t, h.users.db.Read(t.Context()).Exec(`INSERT INTO user_totp (user_id, sealed, confirmed_at, created_at) VALUES (?, 'x', now(), now())`, h.amy.ID).Error)
	strong := idptest.Person{Subject: "s-1", Email: "amy@example.com", Verified: true, AMR: []string{"pwd", "otp"}}
	e, err := h.comes(t, strong)
	must(t, err)
	if !e.Owes || e.Vouched {
		t.Errorf("not trusted: %+v", e)
	}
	p := h.setting()
	p.Trusted, p.ACR = true, "gold"
	must(t, h.save(t, p, ""))
	for _, c := range []struct {
		amr     []string
		acr     string
		vouched bool
	}{{[]string{"pwd", "otp"}, "", true}, {[]string{"mfa"}, "", true}, {nil, "gold", true}, {[]string{"pwd"}, "", false}, {[]string{"pwd", "pin"}, "", false}, {[]string{"otp"}, "silver", false}, {nil, "", false}, {[]string{"x", "y"}, "", false}} {
		who := strong
		who.AMR, who.ACR = c.amr, c.acr
		e, err := h.comes(t, who)
		must(t, err)
		if e.Vouched != c.vouched || e.Owes == c.vouched {
			t.Errorf("%v %q: %+v", c.amr, c.acr, e)
		}
	}
	if h.idp.Asked().Get("acr_values") != "gold" {
		t.Error("the level is not asked for")
	}
	if s := text(t, h.users.db, `SELECT string_agg(new ->> 'trusted', ',' ORDER BY id) FROM audit_log WHERE action = 'group.sso'`); s != "false,true" {
		t.Errorf("the audit log says %s", s)
	}
}

func TestBehindALockTheProviderAsksAnew(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	back := func(age time.Duration) error {
		h.idp.Lie = func(c jwt.MapClaims) { c["auth_time"] = time.Now().Add(-age).Unix() }
		d, err := h.Begin(t.Context(), pennine, "/dealer", "", true)
		must(t, err)
		_, err = h.Finish(t.Context(), h.answer(t, d, person("s-1", "amy@example.com")))
		return err
	}
	must(t, back(0))
	if q := h.idp.Asked(); q.Get("prompt") != "login" || q.Get("max_age") != "0" {
		t.Errorf("asked with %v", q)
	}
	refused(t, "an old sign-on", back(time.Hour), ErrSSO)
}

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

// Of two browsers' clicks with one answer, and of two first visits of one person, one gets in each.
func TestOneAnswerLetsInOnce(t *testing.T) {
	t.Parallel()
	h := ssoHouse(t)
	r := h.answer(t, h.begin(t), person("s-1", "amy@example.com"))
	var in atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := h.Finish(context.Background(), r); err == nil {
				in.Add(1)
			} else if !errors.Is(err, ErrSSO) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("%d came in", in.Load())
	}
	if _, err := url.Parse(h.Callback(pennine)); err != nil || h.Callback(pennine) == h.Callback("it-porta") {
		t.Error("groups share a way back")
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
