package identity

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"
)

// DemoPassword opens every demo account, and no other.
const DemoPassword = "forecourt-demo"

const (
	minPassword  = 12   // characters
	maxPassword  = 1024 // bytes: no one types more, and hashing must stay bounded
	hashesAtOnce = 2
	hashPatience = 5 * time.Second
)

var cost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// slots bounds the memory of hashing for the whole process: 19 MiB each.
var slots = make(chan struct{}, hashesAtOnce)

func withSlot(ctx context.Context, work func() error) error {
	ctx, cancel := context.WithTimeout(ctx, hashPatience)
	defer cancel()
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
		return work()
	case <-ctx.Done():
		return fmt.Errorf("wait to hash: %w", ErrBusy)
	}
}

func hashPassword(ctx context.Context, password string) (hash string, err error) {
	err = withSlot(ctx, func() error {
		hash, err = argon2id.CreateHash(typed(password), cost)
		return err
	})
	return hash, err
}

func matches(ctx context.Context, password, hash string) (ok bool, err error) {
	err = withSlot(ctx, func() error {
		ok, err = argon2id.ComparePasswordAndHash(typed(password), hash)
		return err
	})
	return ok, err
}

// typed makes the same characters of different keyboards the same bytes.
func typed(password string) string { return norm.NFKC.String(password) }

// nobody is a hash in the form of the true ones that no password matches: an unknown e-mail costs
// the same work as a known one.
var nobody = sync.OnceValue(func() string {
	b := make([]byte, cost.SaltLength+cost.KeyLength)
	_, _ = rand.Read(b)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", cost.Memory, cost.Iterations, cost.Parallelism,
		enc.EncodeToString(b[:cost.SaltLength]), enc.EncodeToString(b[cost.SaltLength:]))
})

// strong refuses passwords that are short, too long to be typed, well known, or made of the e-mail.
func strong(password, email string) error {
	name, _, _ := strings.Cut(email, "@")
	low := strings.ToLower(password)
	switch {
	case !utf8.ValidString(password), strings.ContainsRune(password, 0):
	case utf8.RuneCountInString(password) < minPassword, len(password) > maxPassword:
	case low == DemoPassword, low == email, strings.Trim(low, "0123456789") == name:
	case strings.Count(password, password[:1]) == len(password):
	default:
		return nil
	}
	return ErrPassword
}
