package identity

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/limit"

	"github.com/golang-jwt/jwt/v5"
)

// garage is a world with a dealer's system that can get tokens.
type garage struct {
	*Tokens
	client id.APIClient
	secret string
}

func newGarage(t *testing.T) garage {
	t.Helper()
	keys, err := ParseKeys(NewSeed(), NewSeed())
	must(t, err)
	tok := NewTokens(world(t), keys)
	c, secret, err := tok.AddClient(t.Context(), leeds, "Workshop system")
	must(t, err)
	return garage{tok, c, secret}
}

func (g garage) issue(t *testing.T) string {
	t.Helper()
	token, _, err := g.IssueToken(t.Context(), g.client, g.secret, homeIP)
	must(t, err)
	return token
}

func (g garage) refuses(t *testing.T, what, token string) {
	t.Helper()
	c, err := g.Verify(t.Context(), token)
	refused(t, what, err, ErrToken)
	if c != (Caller{}) || fault.KindOf(err) != fault.Unsigned {
		t.Errorf("%s: caller %+v, kind %v", what, c, fault.KindOf(err))
	}
}

func TestIssueAndVerify(t *testing.T) {
	t.Parallel()
	g := newGarage(t)
	token, expires, err := g.IssueToken(t.Context(), g.client, g.secret, homeIP)
	must(t, err)
	if want := dbtest.Start.Add(15 * time.Minute); !expires.Equal(want) {
		t.Errorf("expires %v, want %v", expires, want)
	}
	c, err := g.Verify(t.Context(), token)
	must(t, err)
	if c.Client != g.client || c.Dealer != leeds || !id.IsKey(c.Token) || !c.Expires.Equal(expires) {
		t.Errorf("caller %+v", c)
	}
	if text(t, g.db, `SELECT secret_hash FROM api_clients`) == g.secret {
		t.Error("the secret is stored as it is")
	}
}

func TestASecretIsNeeded(t *testing.T) {
	t.Parallel()
	g := newGarage(t)
	other, otherSecret, err := g.AddClient(t.Context(), milan, "Other")
	must(t, err)
	tries := []struct {
		client id.APIClient
		secret string
	}{{g.client, ""}, {g.client, otherSecret}, {g.client, hashSecret(g.secret)}, {id.New[id.APIClient](), g.secret},
		{"", ""}, {"' OR 1=1 --", g.secret}, {"\x00", g.secret}, {"\xff", "\xff"}}
	for _, try := range tries {
		token, _, err := g.IssueToken(t.Context(), try.client, try.secret, homeIP)
		if refused(t, string(try.client), err, ErrClient); token != "" || err.Error() != ErrClient.Error() {
			t.Errorf("%q: token %q, error %v", try.client, token, err)
		}
	}
	must(t, g.RevokeClient(t.Context(), other))
	_, _, err = g.IssueToken(t.Context(), other, otherSecret, homeIP)
	refused(t, "revoked client", err, ErrClient)
	refused(t, "unknown client", g.RevokeClient(t.Context(), id.New[id.APIClient]()), ErrNoClient)
	refused(t, "no client", g.RevokeClient(t.Context(), "x"), ErrNoClient)
	_, _, err = g.AddClient(t.Context(), "gb-nowhere-atall", "x")
	refused(t, "unknown dealer", err, ErrNoDealer)
	_, _, err = g.AddClient(t.Context(), leeds, "bidi \u202e")
	refused(t, "name", err, ErrUser)
}

func TestIssuingIsLimited(t *testing.T) {
	t.Parallel()
	g := newGarage(t)
	for range issuePerClient.Max {
		_, _, err := g.IssueToken(t.Context(), g.client, "wrong", homeIP)
		refused(t, "within", err, ErrClient)
	}
	_, _, err := g.IssueToken(t.Context(), g.client, g.secret, homeIP)
	refused(t, "after too many", err, limit.ErrLimited)
	_, _, err = g.IssueToken(t.Context(), g.client, g.secret, "198.51.100.1")
	must(t, err)
}

func TestTimeOfATokenIsTheInjectedClocks(t *testing.T) {
	t.Parallel()
	g := newGarage(t)
	clock := dbtest.Clock(t, g.db)
	token := g.issue(t)
	for _, step := range []struct {
		at time.Duration
		ok bool
	}{{-31 * time.Second, false}, {-29 * time.Second, true}, {15*time.Minute + 29*time.Second, true}, {15*time.Minute + 31*time.Second, false}} {
		clock.Set(dbtest.Start.Add(step.at))
		if _, err := g.Verify(t.Context(), token); (err == nil) != step.ok {
			t.Errorf("at %v: %v", step.at, err)
		}
	}
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	g := newGarage(t)
	first, second := g.issue(t), g.issue(t)
	c, err := g.Verify(t.Context(), first)
	must(t, err)
	must(t, g.Revoke(t.Context(), strings.ToUpper(c.Token)))
	must(t, g.Revoke(t.Context(), c.Token))
	g.refuses(t, "revoked token", first)
	must(t, sweep(t, g.db))
	g.refuses(t, "revoked token after a sweep", first)
	if _, err := g.Verify(t.Context(), second); err != nil {
		t.Errorf("the other token: %v", err)
	}
	refused(t, "revoke nonsense", g.Revoke(t.Context(), "x"), ErrToken)
	must(t, g.RevokeClient(t.Context(), g.client))
	g.refuses(t, "token of a revoked client", second)

	dbtest.Clock(t, g.db).Advance(time.Hour)
	must(t, sweep(t, g.db))
	if n := countRows(t, g.db, `SELECT count(*) FROM revoked_tokens`); n != 0 {
		t.Errorf("%d revocations kept past their use", n)
	}
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	oldSeed, newSeed := NewSeed(), NewSeed()
	g := newGarage(t)
	with := func(seeds ...string) garage {
		k, err := ParseKeys(seeds...)
		must(t, err)
		return garage{NewTokens(g.db, k), g.client, g.secret}
	}
	oldToken := with(oldSeed).issue(t)
	both := with(newSeed, oldSeed)
	newToken := both.issue(t)
	for name, token := range map[string]string{"old": oldToken, "new": newToken} {
		if _, err := both.Verify(t.Context(), token); err != nil {
			t.Errorf("%s key while both are there: %v", name, err)
		}
	}
	with(newSeed).refuses(t, "key taken away", oldToken)
	with(oldSeed).refuses(t, "key not known yet", newToken)
}

func TestParseKeysTellsAllMistakesAndNoSecret(t *testing.T) {
	t.Parallel()
	good := NewSeed()
	flat := base64.StdEncoding.EncodeToString(make([]byte, 32))
	_, err := ParseKeys("secret-but-short", good, flat, good)
	if err == nil {
		t.Fatal("broken keys were taken")
	}
	for _, want := range []string{"key 1", "key 3", "key 4 is there twice"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %q", want, err)
		}
	}
	if strings.Contains(err.Error(), good) || strings.Contains(err.Error(), "secret") {
		t.Error("the message shows a key")
	}
	if _, err := ParseKeys(); err == nil {
		t.Error("no keys were taken")
	}
}

// forge signs what change makes of good claims and header, with any method and key.
func (g garage) forge(t *testing.T, m jwt.SigningMethod, key any, change func(header, claims map[string]any)) string {
	t.Helper()
	now := g.db.Clock.Now().Unix()
	body := jwt.MapClaims{"iss": tokenIssuer, "aud": []string{tokenAudience}, "sub": string(g.client), "jti": id.New[string](),
		"iat": now, "nbf": now, "exp": now + 900, "dealer": string(leeds)}
	token := jwt.NewWithClaims(m, body)
	token.Header["kid"], token.Header["typ"] = g.keys.kid, tokenType
	if change != nil {
		change(token.Header, body)
	}
	s, err := token.SignedString(key)
	must(t, err)
	return s
}

func TestForgedSignatures(t *testing.T) {
	t.Parallel()
	g := newGarage(t)
	if _, err := g.Verify(t.Context(), g.forge(t, jwt.SigningMethodEdDSA, g.keys.sign, nil)); err != nil {
		t.Fatalf("the forge must be able to make a good token: %v", err)
	}
	public := g.keys.verify[g.keys.kid]
	der, err := x509.MarshalPKIXPublicKey(public)
	must(t, err)
	_, stranger, err := ed25519.GenerateKey(nil)
	must(t, err)
	name := func(alg string) func(h, c map[string]any) { return func(h, _ map[string]any) { h["alg"] = alg } }
	good := g.issue(t)
	parts := strings.Split(good, ".")
	for what, token := range map[string]string{
		"alg none":                 g.forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"alg None":                 g.forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, name("None")),
		"alg empty":                g.forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, name("")),
		"HS256 with public key":    g.forge(t, jwt.SigningMethodHS256, []byte(public), nil),
		"HS256 with public DER":    g.forge(t, jwt.SigningMethodHS256, der, nil),
		"HS256 that says EdDSA":    g.forge(t, jwt.SigningMethodHS256, []byte(public), name("EdDSA")),
		"HS512 with kid as key":    g.forge(t, jwt.SigningMethodHS512, []byte(g.keys.kid), nil),
		"HS256 with empty key":     g.forge(t, jwt.SigningMethodHS256, []byte{}, nil),
		"a stranger's key":         g.forge(t, jwt.SigningMethodEdDSA, stranger, nil),
		"no signature":             parts[0] + "." + parts[1] + ".",
		"two parts":                parts[0] + "." + parts[1],
		"four parts":               good + ".x",
		"other signature":          parts[0] + "." + parts[1] + "." + strings.Split(g.issue(t), ".")[2],
		"padded":                   good + "==",
		"last bits of base64":      loosen(good),
		"trailing space":           good + " ",
		"empty":                    "",
		"dots":                     "..",
		"very long":                good + manyOf('A', 5000),
		"not UTF-8":                "\xff.\xff.\xff",
		"changed dealer, same sig": parts[0] + "." + swap(t, parts[1], "dealer", string(milan)) + "." + parts[2],
	} {
		g.refuses(t, what, token)
	}
}

// loosen sets bits of the last character that carry no data: 64 bytes leave four of them.
func loosen(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	end := len(token) - 1
	return token[:end] + string(alphabet[strings.IndexByte(alphabet, token[end])|1])
}

func swap(t *testing.T, part, claim, value string) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(part)
	must(t, err)
	var m map[string]any
	must(t, json.Unmarshal(raw, &m))
	m[claim] = value
	raw, err = json.Marshal(m)
	must(t, err)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func TestClaimsAndHeadersThatAreNotOurs(t *testing.T) {
	t.Parallel()
	g := newGarage(t)
	now := g.db.Clock.Now().Unix()
	type m = map[string]any
	set := func(k string, v any) func(h, c m) { return func(_, c m) { c[k] = v } }
	head := func(k string, v any) func(h, c m) { return func(h, _ m) { h[k] = v } }
	cases := map[string]func(h, c m){
		"expired":             set("exp", now-31),
		"not yet valid":       set("nbf", now+31),
		"from the future":     set("iat", now+31),
		"lives too long":      set("exp", now+901),
		"for ever":            set("exp", 1e18),
		"time as a word":      set("exp", "tomorrow"),
		"other audience":      set("aud", "manager-api"),
		"second audience":     set("aud", []string{tokenAudience, "manager-api"}),
		"audience as a part":  set("aud", tokenAudience+"s"),
		"other issuer":        set("iss", "forecourt.example.com"),
		"other dealer":        set("dealer", string(milan)),
		"no such dealer":      set("dealer", ""),
		"dealer as a list":    set("dealer", []string{string(leeds)}),
		"another's subject":   set("sub", id.New[string]()),
		"subject no key":      set("sub", "' OR 1=1 --"),
		"jti no key":          set("jti", "1"),
		"unknown kid":         head("kid", "AAAAAAAAAAAA"),
		"kid as a path":       head("kid", "../../dev/null"),
		"kid as a list":       head("kid", []string{g.keys.kid}),
		"the other key's kid": head("kid", g.otherKid()),
		"other type":          head("typ", "JWT"),
		"critical extension":  head("crit", []string{"exp"}),
	}
	for _, claim := range []string{"exp", "nbf", "iat", "iss", "aud", "sub", "jti", "dealer"} {
		cases["without "+claim] = func(_, c m) { delete(c, claim) }
	}
	for _, name := range []string{"kid", "typ"} {
		cases["without "+name] = func(h, _ m) { delete(h, name) }
	}
	for what, change := range cases {
		g.refuses(t, what, g.forge(t, jwt.SigningMethodEdDSA, g.keys.sign, change))
	}
	// A key that the token brings along is not looked at.
	_, stranger, err := ed25519.GenerateKey(nil)
	must(t, err)
	g.refuses(t, "key in the header", g.forge(t, jwt.SigningMethodEdDSA, stranger, func(h, _ m) {
		h["jwk"] = m{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(stranger.Public().(ed25519.PublicKey))}
		h["jku"] = "https://example.com/keys"
	}))
}

func (g garage) otherKid() string {
	for name := range g.keys.verify {
		if name != g.keys.kid {
			return name
		}
	}
	return ""
}
