package identity

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/platform/dbtest"
	"forecourt/internal/platform/limit"

	"github.com/alexedwards/argon2id"
)

func TestLoginSaysTheSameToEveryStranger(t *testing.T) {
	t.Parallel()
	s, amy := staffed(t)
	_, err := s.Create(t.Context(), boss(), password)
	must(t, err)
	must(t, s.Disable(t.Context(), boss().Email))
	tries := map[string][2]string{
		"wrong password":   {amy.Email, "wrong password of amy"},
		"empty password":   {amy.Email, ""},
		"long password":    {amy.Email, manyOf('x', 5000)},
		"unknown":          {"nobody@example.com", password},
		"disabled":         {boss().Email, password},
		"no e-mail":        {"", password},
		"not UTF-8":        {"amy\xff@example.com", password},
		"NUL":              {"amy@example.com\x00", password},
		"SQL":              {"' OR 1=1 --", password},
		"very long e-mail": {manyOf('a', 9000) + "@example.com", password},
	}
	for name, try := range tries {
		u, err := s.Login(t.Context(), try[0], try[1], homeIP)
		refused(t, name, err, ErrLogin)
		if u.ID != "" || err.Error() != ErrLogin.Error() {
			t.Errorf("%s: user %q, error %q", name, u.ID, err)
		}
	}
	got, err := s.Login(t.Context(), " AMY@example.com", password, homeIP)
	must(t, err)
	if got.ID != amy.ID {
		t.Errorf("signed in as %s, want %s", got.ID, amy.ID)
	}
	must(t, s.Enable(t.Context(), boss().Email))
	_, err = s.Login(t.Context(), boss().Email, password, homeIP)
	must(t, err)
}

func TestNobodysHashCostsWhatOthersCost(t *testing.T) {
	t.Parallel()
	for _, h := range []string{nobody(), mustHash(t, password)} {
		p, salt, key, err := argon2id.DecodeHash(h)
		must(t, err)
		if *p != *cost || len(salt) != 16 || len(key) != 32 {
			t.Errorf("hash with %+v", p)
		}
	}
	ok, err := matches(t.Context(), "", nobody())
	if ok || err != nil {
		t.Errorf("nobody's hash matched: %v, %v", ok, err)
	}
}

func mustHash(t *testing.T, p string) string {
	t.Helper()
	h, err := hashPassword(t.Context(), p)
	must(t, err)
	return h
}

func TestSameCharactersOfDifferentKeyboardsAreTheSamePassword(t *testing.T) {
	t.Parallel()
	ok, err := matches(t.Context(), "cafe\u0301 in the morning", mustHash(t, "caf\u00e9 in the morning"))
	if !ok || err != nil {
		t.Errorf("composed and decomposed differ: %v, %v", ok, err)
	}
}

func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			_ = withSlot(t.Context(), func() error {
				n := now.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				_, err := argon2id.CreateHash("x", cost)
				now.Add(-1)
				return err
			})
		})
	}
	wg.Wait()
	if most.Load() > hashesAtOnce {
		t.Errorf("%d hashes at once", most.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// A visitor who went away may still find a free slot; he must never wait for one.
	if err := withSlot(ctx, func() error { return nil }); err != nil {
		refused(t, "cancelled", err, ErrBusy)
	}
}

func TestFailedLoginsAreLimitedPerAccountAndPrefix(t *testing.T) {
	t.Parallel()
	s, amy := staffed(t)
	for _, email := range []string{amy.Email, "nobody@example.com"} {
		for i := range 10 {
			_, err := s.Login(t.Context(), email, "wrong", fmt.Sprintf("192.0.2.%d", i))
			refused(t, email, err, ErrLogin)
		}
		_, err := s.Login(t.Context(), email, "wrong", homeIP)
		refused(t, email+" eleventh", err, limit.ErrLimited)
	}
	_, err := s.Login(t.Context(), amy.Email, password, homeIP)
	refused(t, "right password after too many", err, limit.ErrLimited)
	_, err = s.Login(t.Context(), amy.Email, password, "198.51.100.7")
	must(t, err) // she herself, from elsewhere, is not locked out
	dbtest.Clock(t, s.db).Advance(15 * time.Minute)
	_, err = s.Login(t.Context(), amy.Email, password, homeIP)
	must(t, err)
}

func TestSuccessfulLoginsDoNotUseUpTheAccountsLimit(t *testing.T) {
	t.Parallel()
	s, amy := staffed(t)
	for range 15 {
		dbtest.Clock(t, s.db).Advance(time.Second)
		_, err := s.Login(t.Context(), amy.Email, password, homeIP)
		must(t, err)
	}
}

func TestPrefixLimitCountsAllAccounts(t *testing.T) {
	t.Parallel()
	s := NewUsers(world(t), Options{PerPrefix: limit.Rule{Name: "test.prefix", Max: 3, Window: time.Hour}})
	for i := range 3 {
		_, err := s.Login(t.Context(), fmt.Sprintf("n%d@example.com", i), "wrong", "2001:db8:0:1::"+fmt.Sprint(i))
		refused(t, "within", err, ErrLogin)
	}
	_, err := s.Login(t.Context(), "other@example.com", "wrong", "2001:db8:0:1::ffff")
	refused(t, "fourth of the prefix", err, limit.ErrLimited)
	_, err = s.Login(t.Context(), "other@example.com", "wrong", "2001:db8:9::1")
	refused(t, "another prefix", err, ErrLogin)
}

func TestPrefix(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"192.0.2.77": "192.0.2.0/24", "::ffff:192.0.2.77": "192.0.2.0/24", "2001:db8:1:2ff::9": "2001:db8:1:200::/56",
		"fe80::1%eth0": "fe80::/56", "": "unknown", "x": "unknown",
	} {
		if got := prefix(ip); got != want {
			t.Errorf("%q: %q, want %q", ip, got, want)
		}
	}
}
