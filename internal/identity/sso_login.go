package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/limit"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	// ssoSkew is by how much a provider's clock may differ from ours.
	ssoSkew = 2 * time.Minute
	// discoveryLife is how long a provider's description, and keys that it may have withdrawn, are believed.
	// A key that is not known is asked for at once.
	discoveryLife = 10 * time.Minute
)

// ssoStarts bounds how often one group's provider is called for people on their way.
var ssoStarts = limit.Rule{Name: "sso.group", Max: 600, Window: 15 * time.Minute}

// discovered is what a provider says about itself.
type discovered struct {
	provider *oidc.Provider
	endpoint oauth2.Endpoint
	answers  bool // it names itself in each answer (RFC 9207)
	version  string
	until    time.Time
}

// discover reads a provider's description.
func (s *SSO) discover(ctx context.Context, issuer string) (discovered, error) {
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, s.client), issuer)
	if err != nil {
		return discovered{}, fault.Wrap(ErrSSOIssuer.Kind, ErrSSOIssuer.Key, ErrSSOIssuer.Op, err)
	}
	var says struct {
		Keys    string   `json:"jwks_uri"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
		Answers bool     `json:"authorization_response_iss_parameter_supported"`
		PKCE    []string `json:"code_challenge_methods_supported"`
	}
	if err := p.Claims(&says); err != nil {
		return discovered{}, fault.Wrap(ErrSSOIssuer.Kind, ErrSSOIssuer.Key, ErrSSOIssuer.Op, err)
	}
	d := discovered{provider: p, endpoint: p.Endpoint(), answers: says.Answers}
	for _, address := range []string{d.endpoint.AuthURL, d.endpoint.TokenURL, says.Keys} {
		if u, err := url.Parse(address); err != nil || s.reach.Check(u) != nil {
			return discovered{}, fault.Wrap(ErrSSOIssuer.Kind, ErrSSOIssuer.Key, ErrSSOIssuer.Op, fmt.Errorf("the provider names the address %q", address))
		}
	}
	if len(says.PKCE) > 0 && !slices.Contains(says.PKCE, "S256") {
		return discovered{}, fault.Wrap(ErrSSOIssuer.Kind, ErrSSOIssuer.Key, ErrSSOIssuer.Op, errors.New("the provider cannot S256"))
	}
	// Guessing would try a code twice, and a code works once.
	d.endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if len(says.Methods) > 0 && !slices.Contains(says.Methods, "client_secret_basic") {
		d.endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return d, nil
}

// known is a provider's description, from memory while it is fresh.
func (s *SSO) known(ctx context.Context, p Provider) (discovered, error) {
	now := s.users.db.Clock.Now()
	s.mu.Lock()
	d, ok := s.seen[p.Group]
	s.mu.Unlock()
	if ok && d.version == p.version && now.Before(d.until) {
		return d, nil
	}
	d, err := s.discover(ctx, p.Issuer)
	if err != nil {
		return discovered{}, fault.Wrap(ErrSSODown.Kind, ErrSSODown.Key, ErrSSODown.Op, err)
	}
	d.version, d.until = p.version, now.Add(discoveryLife)
	s.mu.Lock()
	s.seen[p.Group] = d
	s.mu.Unlock()
	return d, nil
}

func (s *SSO) configOf(p Provider, d discovered) (*oauth2.Config, error) {
	secret, err := s.secretOf(p)
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: secret, Endpoint: d.endpoint, RedirectURL: s.Callback(p.Group), Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}, err
}

// Departure is where somebody goes to show who he is.
type Departure struct {
	URL     string // of the provider
	Host    string // as people read it
	Browser string // stays in the browser that leaves: only there the answer is worth something
}

// Begin sends somebody to his group's provider. next is where he wants to go; browser is what Departure gave
// the same browser before, so that two pages that are open at once do not spoil each other. again is for
// somebody behind a lock: the provider is to ask anew and not to remember.
func (s *SSO) Begin(ctx context.Context, g id.Group, next, browser string, again bool) (Departure, error) {
	p, ok, err := s.Of(ctx, g)
	if err != nil || !ok {
		return Departure{}, orConflict(err, ErrNoSSO)
	}
	if err := limit.Take(ctx, s.users.db, ssoStarts, string(g)); err != nil {
		return Departure{}, err
	}
	d, err := s.known(ctx, p)
	if err != nil {
		return Departure{}, err
	}
	conf, err := s.configOf(p, d)
	if err != nil {
		return Departure{}, err
	}
	if !isRandom(browser) {
		browser = random()
	}
	state := random()
	a := attempt{GroupCode: string(g), Version: p.version, Nonce: random(), Verifier: oauth2.GenerateVerifier(), Next: next, Again: again}
	if err := keepAttempt(ctx, s.users.db, sum(state), sum(browser), a); err != nil {
		return Departure{}, err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if p.Trusted && p.ACR != "" {
		options = append(options, oauth2.SetAuthURLParam("acr_values", p.ACR))
	}
	if again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	to := conf.AuthCodeURL(state, options...)
	u, err := url.Parse(to)
	if err != nil {
		return Departure{}, err
	}
	return Departure{URL: to, Host: u.Host, Browser: browser}, nil
}

// random is 256 bits for an address or a cookie.
func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func isRandom(s string) bool {
	b, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && len(b) == 32
}

func sum(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

// Return is what a browser brings back from a provider.
type Return struct {
	Group   id.Group // of the address
	State   string
	Code    string
	Issuer  string // as the answer names it; empty when it does not
	Refused string // the provider's own word for no
	Browser string // from Departure
}

// Entry is somebody whom his provider has let in.
type Entry struct {
	User    User
	Next    string
	Vouched bool // a provider that the group trusts has asked for a second factor
	Owes    bool // his own second factor is still to be asked for
}

// Finish takes a provider's answer. All that is wrong with the answer itself is ErrSSO with its cause for the log;
// ErrSSONobody is somebody whom the group has not invited, ErrSSOMail a mail address that the provider has not
// verified or does not speak for, ErrSSOSubject a mail address that was somebody else's before.
func (s *SSO) Finish(ctx context.Context, r Return) (Entry, error) {
	a, ok, err := takeAttempt(ctx, s.users.db, sum(r.State), sum(r.Browser), r.Group)
	if err != nil || !ok {
		return Entry{}, orBad(err, "there is no such attempt of this browser")
	}
	p, ok, err := s.Of(ctx, r.Group)
	if err != nil || !ok || p.version != a.Version {
		return Entry{}, orBad(err, "the provider was changed meanwhile")
	}
	if r.Refused != "" || r.Code == "" {
		return Entry{Next: a.Next}, orBad(nil, "the provider said no")
	}
	d, err := s.known(ctx, p)
	if err != nil {
		return Entry{}, err
	}
	if r.Issuer != "" && r.Issuer != p.Issuer || r.Issuer == "" && d.answers {
		return Entry{}, orBad(nil, "the answer is another provider's")
	}
	c, err := s.redeem(ctx, p, d, a, r.Code)
	if err != nil {
		return Entry{}, err
	}
	return s.enter(ctx, p, a, c)
}

func orBad(err error, cause string) error {
	if err != nil {
		return err
	}
	return badSSO(errors.New(cause))
}

func badSSO(cause error) error { return fault.Wrap(ErrSSO.Kind, ErrSSO.Key, ErrSSO.Op, cause) }

// ssoClaims is what a provider says of somebody.
type ssoClaims struct {
	Subject  string
	Email    string   `json:"email"`
	Verified any      `json:"email_verified"` // some write "true"
	Party    string   `json:"azp"`
	ACR      string   `json:"acr"`
	AMR      []string `json:"amr"`
	AuthTime int64    `json:"auth_time"`
}

func (c ssoClaims) verified() bool { return c.Verified == true || c.Verified == "true" }

// redeem exchanges the code for the provider's signed word, and looks at every part of it.
func (s *SSO) redeem(ctx context.Context, p Provider, d discovered, a attempt, code string) (ssoClaims, error) {
	conf, err := s.configOf(p, d)
	if err != nil {
		return ssoClaims{}, err
	}
	ctx = oidc.ClientContext(ctx, s.client)
	token, err := conf.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return ssoClaims{}, badSSO(withoutBody(err))
	}
	raw, _ := token.Extra("id_token").(string)
	now := time.Unix(a.Now, 0)
	word, err := d.provider.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, Now: func() time.Time { return now.Add(-ssoSkew) }}).Verify(ctx, raw)
	if err != nil {
		return ssoClaims{}, badSSO(err)
	}
	var c ssoClaims
	if err := word.Claims(&c); err != nil {
		return ssoClaims{}, badSSO(err)
	}
	c.Subject = word.Subject
	switch {
	case subtle.ConstantTimeCompare([]byte(word.Nonce), []byte(a.Nonce)) != 1:
		return c, orBad(nil, "the nonce is not ours")
	case c.Subject == "" || len(c.Subject) > 255 || !printable(c.Subject):
		return c, orBad(nil, "the subject is none")
	case c.Party != "" && c.Party != p.ClientID, len(word.Audience) > 1 && c.Party == "":
		return c, orBad(nil, "the word was given to somebody else")
	case word.IssuedAt.After(now.Add(ssoSkew)):
		return c, orBad(nil, "the word is of a later day")
	case a.Again && c.AuthTime < a.Begun-int64(ssoSkew.Seconds()):
		return c, orBad(nil, "the provider did not ask anew")
	}
	if word.AccessTokenHash != "" {
		if err := word.VerifyAccessToken(token.AccessToken); err != nil {
			return c, badSSO(err)
		}
	}
	if c.Email == "" && d.provider.UserInfoEndpoint() != "" {
		return s.ask(ctx, d, token, c)
	}
	return c, nil
}

// ask is for providers that tell the mail address only when they are asked for it.
func (s *SSO) ask(ctx context.Context, d discovered, token *oauth2.Token, c ssoClaims) (ssoClaims, error) {
	info, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return c, badSSO(withoutBody(err))
	}
	if info.Subject != c.Subject {
		return c, orBad(nil, "the provider speaks of somebody else")
	}
	c.Email, c.Verified = info.Email, info.EmailVerified
	return c, nil
}

// withoutBody keeps what a provider wrote out of our log.
func withoutBody(err error) error {
	var x *oauth2.RetrieveError
	if errors.As(err, &x) && x.Response != nil {
		return fmt.Errorf("the provider answered %d", x.Response.StatusCode)
	}
	return err
}

// factorKinds sorts the methods of RFC 8176: what somebody knows, has, is.
var factorKinds = map[string]string{"pwd": "knows", "pin": "knows", "kba": "knows",
	"otp": "has", "hwk": "has", "swk": "has", "sc": "has", "sms": "has", "tel": "has",
	"fpt": "is", "face": "is", "iris": "is", "retina": "is", "vbm": "is"}

// vouches tells whether the provider asked for a second factor and the group believes it: it says so in one
// word, or names methods of two kinds, or the level that the group's manager entered.
func (p Provider) vouches(c ssoClaims) bool {
	if !p.Trusted {
		return false
	}
	kinds := map[string]bool{}
	for _, m := range c.AMR {
		if k, ok := factorKinds[m]; ok {
			kinds[k] = true
		}
	}
	return p.ACR != "" && c.ACR == p.ACR || slices.Contains(c.AMR, "mfa") || len(kinds) > 1
}

// enter finds whose word it is and writes that he came.
func (s *SSO) enter(ctx context.Context, p Provider, a attempt, c ssoClaims) (Entry, error) {
	e := Entry{Next: a.Next, Vouched: p.vouches(c)}
	err := s.users.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now, ok, err := providerOf(tx.DB, p.Group, true)
		if err != nil || !ok || now.version != p.version {
			return orBad(err, "the provider was changed meanwhile")
		}
		who, err := s.whoTx(ctx, tx, p, c)
		if err != nil {
			return err
		}
		u, ok, err := userByID(tx.DB, who, s.users.o.Demo)
		if err != nil || !ok {
			return orConflict(err, ErrSSONobody)
		}
		if err := belongsTx(tx, p.Group, u); err != nil {
			return err
		}
		if err := loggedInTx(tx, u.ID); err != nil {
			return err
		}
		e.User, e.Owes = u, u.Second && !e.Vouched
		return audit.WriteTx(ctx, tx, audit.Row{Actor: u.Actor(), Action: "user.signed_in", Subject: "user:" + string(u.ID),
			New: map[string]any{"by": "sso", "group": p.Group, "second_factor_of_provider": e.Vouched}})
	})
	if err != nil {
		return Entry{}, err
	}
	return e, nil
}

// belongsTx refuses whoever is not the group's alone: a provider speaks for one house.
func belongsTx(tx *db.Tx, g id.Group, u User) error {
	groups, err := groupsOf(tx.DB, u.ID)
	if err == nil && (u.Role != RoleDealer || u.Group != g || len(groups) != 1 || groups[0] != g) {
		err = ErrSSONobody
	}
	return err
}

// whoTx is the account of a subject: the one that is linked, else by a verified mail address of the group's own
// domains the one that has it, else the one that an open invitation makes. A provider alone makes none.
func (s *SSO) whoTx(ctx context.Context, tx *db.Tx, p Provider, c ssoClaims) (id.User, error) {
	who, ok, err := useLinkTx(tx, p, c.Subject)
	if err != nil || ok {
		return who, err
	}
	email := fold(c.Email)
	if !c.verified() || !plainEmail(email) || !slices.Contains(p.Domains, domainOf(email)) {
		return "", ErrSSOMail
	}
	acc, ok, err := accountByEmail(tx.DB, email, s.users.o.Demo)
	if err != nil {
		return "", err
	}
	if ok {
		// Before anything is written about him: a mail address of another house stays a stranger's.
		if err := belongsTx(tx, p.Group, acc.User); err != nil {
			return "", err
		}
	} else {
		i, ok, err := openInvitationTx(tx, p.Group, email)
		if err != nil || !ok {
			return "", orConflict(err, ErrSSONobody)
		}
		made, err := s.users.joinTx(ctx, tx, i, nobody())
		if err != nil {
			return "", orNobody(err)
		}
		if err := withoutPasswordTx(tx, made); err != nil {
			return "", err
		}
		acc.ID = made
	}
	if err := linkTx(tx, p, acc.ID, c.Subject); err != nil {
		return "", err
	}
	return acc.ID, audit.WriteTx(ctx, tx, audit.Row{Actor: "staff:" + string(acc.ID), Action: "user.sso_linked", Subject: "user:" + string(acc.ID), New: map[string]any{"group": p.Group, "issuer": p.Issuer}})
}

// orNobody hides why an invitation is worth nothing, and whether somebody was disabled.
func orNobody(err error) error {
	if err == ErrNoInvitation || err == ErrTaken {
		return ErrSSONobody
	}
	return err
}

// UseSSO tells where somebody has to sign in instead, when his group requires it: by the mail domain that he typed, or,
// when his own way was right, by his account. It answers alike whether or not the address has an account.
func (s *SSO) UseSSO(ctx context.Context, email string, failed error) (Provider, bool, error) {
	p, ok, err := s.ForEmail(ctx, email)
	if err != nil || ok && p.Required {
		return p, ok, err
	}
	var x *fault.Fault
	if errors.As(failed, &x) && x.Key == ErrUseSSO.Key {
		return s.Of(ctx, id.Group(x.Args["Group"]))
	}
	return Provider{}, false, nil
}

// Host is the issuer as people read it.
func (p Provider) Host() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.Issuer, "https://"), "http://")
}
