package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// Keys sign and verify access tokens. The first signs, all verify: a new key is put in front, the old
// one is taken away when its last token has ended.
type Keys struct {
	kid    string
	sign   ed25519.PrivateKey
	verify map[string]ed25519.PublicKey
}

// ParseKeys reads seeds of 32 bytes in base64 and tells all mistakes at once, without the seeds.
func ParseKeys(seeds ...string) (Keys, error) {
	k := Keys{verify: map[string]ed25519.PublicKey{}}
	var wrong []error
	for i, s := range seeds {
		seed, err := base64.StdEncoding.DecodeString(s)
		if err != nil || len(seed) != ed25519.SeedSize || flat(seed) {
			wrong = append(wrong, fmt.Errorf("token key %d is not 32 random bytes in base64", i+1))
			continue
		}
		private := ed25519.NewKeyFromSeed(seed)
		public := private.Public().(ed25519.PublicKey)
		name := kid(public)
		if k.verify[name] != nil {
			wrong = append(wrong, fmt.Errorf("token key %d is there twice", i+1))
			continue
		}
		if k.sign == nil {
			k.kid, k.sign = name, private
		}
		k.verify[name] = public
	}
	if len(seeds) == 0 {
		wrong = append(wrong, errors.New("at least one token key is needed"))
	}
	return k, errors.Join(wrong...)
}

// NewSeed makes a seed for ParseKeys.
func NewSeed() string {
	b := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(b)
	return base64.StdEncoding.EncodeToString(b)
}

// kid names a key by its public half, so that it needs no setting of its own.
func kid(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// flat catches a placeholder that was never replaced: one byte over and over.
func flat(b []byte) bool {
	for _, c := range b {
		if c != b[0] {
			return false
		}
	}
	return true
}
