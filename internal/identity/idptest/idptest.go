package idptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Person is somebody whom the provider knows.
type Person struct {
	Subject  string
	Email    string
	Verified any
	AMR      []string
	ACR      string
}

// Provider runs until the test ends.
type Provider struct {
	URL    string // the issuer
	Client string
	Secret string

	// Lie changes a word before it is signed, Sign signs it otherwise, Describe changes the description. Set
	// before the calls that they are about.
	Lie      func(claims jwt.MapClaims)
	Sign     func(claims jwt.MapClaims) string
	Describe func(doc map[string]any)
	// InUserInfo tells the mail address only to who asks for it.
	InUserInfo bool

	mu    sync.Mutex
	keys  []*ecdsa.PrivateKey // the last one signs
	codes map[string]grant
	told  map[string]Person // by access token
	asked []url.Values
}

type grant struct {
	person Person
	query  url.Values
}

// New starts a provider with one client.
func New(t testing.TB) *Provider {
	t.Helper()
	p := &Provider{Client: "forecourt", Secret: "a secret of the client", codes: map[string]grant{}, told: map[string]Person{}}
	p.Rotate()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.describe)
	mux.HandleFunc("GET /keys", p.publish)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	p.URL = s.URL
	return p
}

// Rotate makes a new key and forgets the old one.
func (p *Provider) Rotate() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = []*ecdsa.PrivateKey{key}
}

// Key is the one that signs.
func (p *Provider) Key() *ecdsa.PrivateKey {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[len(p.keys)-1]
}

func kid(k *ecdsa.PrivateKey) string {
	sum := sha256.Sum256(elliptic.MarshalCompressed(elliptic.P256(), k.X, k.Y))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func (p *Provider) describe(w http.ResponseWriter, _ *http.Request) {
	doc := map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys", "userinfo_endpoint": p.URL + "/userinfo",
		"id_token_signing_alg_values_supported": []string{"ES256"}, "code_challenge_methods_supported": []string{"S256"}, "token_endpoint_auth_methods_supported": []string{"client_secret_basic"}}
	if p.Describe != nil {
		p.Describe(doc)
	}
	answer(w, doc)
}

func answer(w http.ResponseWriter, doc any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(doc)
}

func (p *Provider) publish(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var keys []map[string]string
	for _, k := range p.keys {
		enc := func(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
		keys = append(keys, map[string]string{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid(k), "x": enc(k.X.FillBytes(make([]byte, 32))), "y": enc(k.Y.FillBytes(make([]byte, 32)))})
	}
	answer(w, map[string]any{"keys": keys})
}

// Visit is somebody who comes to the provider by a departure's address and shows who he is. It answers the
// address to which his browser is sent back.
func (p *Provider) Visit(t testing.TB, departure string, who Person) *url.URL {
	t.Helper()
	u, err := url.Parse(departure)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Path != "/authorize" || q.Get("client_id") != p.Client || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("state") == "" || q.Get("nonce") == "" {
		t.Fatalf("the departure lacks something: %s", departure)
	}
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = grant{who, q}
	p.asked = append(p.asked, q)
	p.mu.Unlock()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		t.Fatal(err)
	}
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	return back
}

// Asked is what the last departure asked for.
func (p *Provider) Asked() url.Values {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[len(p.asked)-1]
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	p.mu.Lock()
	g, found := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code")) // works once
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if id != p.Client || secret != p.Secret || !found || r.FormValue("redirect_uri") != g.query.Get("redirect_uri") || base64.RawURLEncoding.EncodeToString(sum[:]) != g.query.Get("code_challenge") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	access := rand.Text()
	p.mu.Lock()
	p.told[access] = g.person
	p.mu.Unlock()
	answer(w, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": p.word(g)})
}

func (p *Provider) word(g grant) string {
	now := time.Now()
	claims := jwt.MapClaims{"iss": p.URL, "sub": g.person.Subject, "aud": p.Client, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": g.query.Get("nonce"), "auth_time": now.Unix()}
	if !p.InUserInfo {
		claims["email"], claims["email_verified"] = g.person.Email, g.person.Verified
	}
	if g.person.AMR != nil {
		claims["amr"] = g.person.AMR
	}
	if g.person.ACR != "" {
		claims["acr"] = g.person.ACR
	}
	if p.Lie != nil {
		p.Lie(claims)
	}
	if p.Sign != nil {
		return p.Sign(claims)
	}
	return Signed(claims, p.Key())
}

// Signed signs a word with a key.
func Signed(claims jwt.MapClaims, key *ecdsa.PrivateKey) string {
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	t.Header["kid"] = kid(key)
	s, err := t.SignedString(key)
	if err != nil {
		panic(err)
	}
	return s
}

func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	who, ok := p.told[r.Header.Get("Authorization")[len("Bearer "):]]
	p.mu.Unlock()
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	answer(w, map[string]any{"sub": who.Subject, "email": who.Email, "email_verified": who.Verified})
}
