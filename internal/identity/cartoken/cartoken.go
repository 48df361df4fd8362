package cartoken

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MostBytes is how long a message may be.
const MostBytes = 4096

const tokenType = "car+jwt"

// Message is what a vehicle said.
type Message struct {
	VIN     string
	At      time.Time // by the vehicle's clock, to the second
	Seq     int64     // its number: rising, and the same only for the same message
	Signals json.RawMessage
}

// Ways of being wrong.
var (
	ErrUnreadable = errors.New("cartoken: this is no message of a vehicle")
	ErrForged     = errors.New("cartoken: the signature is not this key's")
)

type claims struct {
	jwt.RegisteredClaims
	Seq     int64           `json:"seq"`
	Signals json.RawMessage `json:"signals"`
}

// Validate implements jwt.ClaimsValidator: what the library checks only when it is there.
func (c *claims) Validate() error {
	if c.Issuer == "" || c.IssuedAt == nil || c.Seq <= 0 || c.Seq >= 1<<53 || len(c.Signals) == 0 {
		return ErrUnreadable
	}
	return nil
}

// Times are judged by the receiver's rules, and what is told in the future or long ago is told so.
var parser = jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithStrictDecoding(), jwt.WithTimeFunc(func() time.Time { return time.Time{} }))

// KeyID names a key by its public half.
func KeyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// Named is the key that a message claims to be signed with; nothing of it is checked.
func Named(token string) (string, error) {
	head, _, ok := strings.Cut(token, ".")
	if !ok || len(token) > MostBytes {
		return "", ErrUnreadable
	}
	raw, err := base64.RawURLEncoding.DecodeString(head)
	var h struct {
		Kid  string `json:"kid"`
		Typ  string `json:"typ"`
		Alg  string `json:"alg"`
		Crit any    `json:"crit"`
	}
	if err != nil || json.Unmarshal(raw, &h) != nil || h.Typ != tokenType || h.Alg != jwt.SigningMethodEdDSA.Alg() || h.Crit != nil || len(h.Kid) != 12 {
		return "", ErrUnreadable
	}
	return h.Kid, nil
}

// Verify reads a message that public signed.
func Verify(token string, public ed25519.PublicKey) (Message, error) {
	if _, err := Named(token); err != nil {
		return Message{}, err
	}
	var c claims
	_, err := parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return public, nil })
	switch {
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return Message{}, ErrForged
	case err != nil:
		return Message{}, ErrUnreadable
	}
	return Message{VIN: c.Issuer, At: c.IssuedAt.UTC(), Seq: c.Seq, Signals: c.Signals}, nil
}

// Sign writes a message as its vehicle would.
func Sign(m Message, private ed25519.PrivateKey) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, &claims{Seq: m.Seq, Signals: m.Signals,
		RegisteredClaims: jwt.RegisteredClaims{Issuer: m.VIN, IssuedAt: jwt.NewNumericDate(m.At)}})
	t.Header["kid"], t.Header["typ"] = KeyID(private.Public().(ed25519.PublicKey)), tokenType
	return t.SignedString(private)
}
