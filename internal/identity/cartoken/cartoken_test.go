package cartoken_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"forecourt/internal/identity/cartoken"

	"github.com/golang-jwt/jwt/v5"
)

var (
	own   = ed25519.NewKeyFromSeed([]byte("a vehicle's own key, 32 bytes..!"))
	other = ed25519.NewKeyFromSeed([]byte("another vehicle's key, 32 bytes!"))
	at    = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
)

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func sign(t *testing.T, k ed25519.PrivateKey) string {
	t.Helper()
	token, err := cartoken.Sign(cartoken.Message{VIN: "VF1RJA00X70000001", At: at, Seq: 7, Signals: json.RawMessage(`{"battery_pct":18}`)}, k)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestAMessageIsReadAsItWasSigned(t *testing.T) {
	t.Parallel()
	m, err := cartoken.Verify(sign(t, own), public(own))
	if err != nil || m.VIN != "VF1RJA00X70000001" || !m.At.Equal(at) || m.Seq != 7 || string(m.Signals) != `{"battery_pct":18}` {
		t.Errorf("%+v, %v", m, err)
	}
	if kid, err := cartoken.Named(sign(t, own)); err != nil || kid != cartoken.KeyID(public(own)) {
		t.Errorf("named %q, %v", kid, err)
	}
}

func TestWhatIsNotSignedByTheKeyIsRefused(t *testing.T) {
	t.Parallel()
	good := sign(t, own)
	part := strings.Split(good, ".")
	forged := strings.Replace(string(must(base64.RawURLEncoding.DecodeString(part[1]))), "18", "81", 1)
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"another key":     {sign(t, other), cartoken.ErrForged},
		"changed content": {part[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(forged)) + "." + part[2], cartoken.ErrForged},
		"no signature":    {part[0] + "." + part[1] + ".", cartoken.ErrForged},
		"two parts":       {part[0] + "." + part[1], cartoken.ErrUnreadable},
		"nothing":         {"", cartoken.ErrUnreadable},
		"too long":        {good + strings.Repeat("A", cartoken.MostBytes), cartoken.ErrUnreadable},
		"no algorithm":    {head(`{"alg":"none","typ":"car+jwt","kid":"`+cartoken.KeyID(public(own))+`"}`) + "." + part[1] + ".", cartoken.ErrUnreadable},
		"by a word":       {byWord(t), cartoken.ErrUnreadable},
		"another type":    {claimed(t, jwt.MapClaims{"iss": "x", "iat": at.Unix(), "seq": 1, "signals": 1}, "at+jwt"), cartoken.ErrUnreadable},
		"no VIN":          {claimed(t, jwt.MapClaims{"iat": at.Unix(), "seq": 1, "signals": 1}, "car+jwt"), cartoken.ErrUnreadable},
		"no time":         {claimed(t, jwt.MapClaims{"iss": "x", "seq": 1, "signals": 1}, "car+jwt"), cartoken.ErrUnreadable},
		"no number":       {claimed(t, jwt.MapClaims{"iss": "x", "iat": at.Unix(), "signals": 1}, "car+jwt"), cartoken.ErrUnreadable},
		"a wild number":   {claimed(t, jwt.MapClaims{"iss": "x", "iat": at.Unix(), "seq": 1 << 60, "signals": 1}, "car+jwt"), cartoken.ErrUnreadable},
		"nothing said":    {claimed(t, jwt.MapClaims{"iss": "x", "iat": at.Unix(), "seq": 1}, "car+jwt"), cartoken.ErrUnreadable},
	} {
		if m, err := cartoken.Verify(c.token, public(own)); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v, want %v", name, m, err, c.want)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func head(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func claimed(t *testing.T, c jwt.MapClaims, typ string) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	token.Header["kid"], token.Header["typ"] = cartoken.KeyID(public(own)), typ
	s, err := token.SignedString(own)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// byWord signs with the public key as if it were a shared secret.
func byWord(t *testing.T) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": "x", "iat": at.Unix(), "seq": 1, "signals": 1})
	token.Header["kid"], token.Header["typ"] = cartoken.KeyID(public(own)), "car+jwt"
	s, err := token.SignedString([]byte(public(own)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
