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

	"github.com/golang-jwt/jwt/v5"
)

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
