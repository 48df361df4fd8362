package hook

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"forecourt/internal/id"
)

// Seal keeps signing secrets: they are needed in the clear for every message, so they are encrypted, not hashed.
type Seal struct{ aead cipher.AEAD }

// NewSeal takes the process's secret.
func NewSeal(secret []byte) (Seal, error) {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("webhook secrets"))
	block, err := aes.NewCipher(m.Sum(nil))
	if err != nil {
		return Seal{}, err
	}
	aead, err := cipher.NewGCM(block)
	return Seal{aead}, err
}

// newSecret has 256 random bits.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	return "fchs_" + base64.RawURLEncoding.EncodeToString(b)
}

// close encrypts a secret for one address; moved to another one it does not open.
func (s Seal) close(h id.Hook, secret string) []byte {
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce)
	return s.aead.Seal(nonce, nonce, []byte(secret), []byte(h))
}

var errSealed = errors.New("hook: a sealed secret cannot be opened")

func (s Seal) open(h id.Hook, sealed []byte) (string, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return "", errSealed
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(h))
	if err != nil {
		return "", errSealed
	}
	return string(plain), nil
}
