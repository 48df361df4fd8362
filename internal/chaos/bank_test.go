package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"forecourt/internal/stripesim"
)

// bankSwitch presses a switch of the card bank.
func (s *stand) bankSwitch(ctx context.Context, name string, form url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.card+"/_sandbox/"+name, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the bank's switch %s answered %d", name, resp.StatusCode)
	}
	return nil
}

// TestTheBankFailsOften lets a fifth of all calls to the bank fail, before or after they did their work,
// in every way that a call can fail.
func TestTheBankFailsOften(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	s := newStand(t, plot{fault: "20 % of the bank's calls fail, before or after", buyers: 6})
	s.c.limit = runs(t, 3, 40)
	err := s.c.crowdIn(ctx, func(ctx context.Context) error {
		form := url.Values{"path": {"/v1/"}, "rate": {"0.2"}, "seed": {fmt.Sprint(s.c.seed)}, "phase": {"mix"}, "kind": {"mix"}, "hang_seconds": {"1"}}
		return s.strike(ctx, func() error { return s.bankSwitch(ctx, "fault", form) },
			func() error { return s.bankSwitch(ctx, "fault", url.Values{"clear": {"yes"}}) }, time.Duration(runs(t, 6, 120))*time.Second)
	})
	if err != nil {
		t.Fatal(err)
	}
	s.c.checkFailures()
	s.letPass(ctx, 3*time.Minute)
	s.audit(ctx, nil)
}

// letPass lets time pass for the deadlines by which what failed is looked at again.
func (s *stand) letPass(ctx context.Context, d time.Duration) {
	s.clock.Advance(d)
	_ = sleep(ctx, 100*time.Millisecond)
}

// TestNoticesComeAnyhow lets the bank's notices come twice, shuffled, or never, while time runs so fast
// that the deadlines come within the campaign.
func TestNoticesComeAnyhow(t *testing.T) {
	t.Parallel()
	s := newStand(t, plot{fault: "notices: 30 % twice, shuffled over 60 s, 10 % never", buyers: 6, bank: func(o *stripesim.Options) {
		o.Seed, o.Dup, o.Drop, o.Shuffle = *seed, .3, .1, time.Minute
	}})
	s.fastForward(t, 0)
}

// TestNoticesComeThreeDaysLate lets each notice come when nobody waits for it any more.
func TestNoticesComeThreeDaysLate(t *testing.T) {
	t.Parallel()
	s := newStand(t, plot{fault: "notices: three days late", buyers: 6, bank: func(o *stripesim.Options) {
		o.Schedule = []time.Duration{72 * time.Hour, time.Second, 5 * time.Second}
	}})
	s.fastForward(t, 73*time.Hour)
}

// fastForward lets people buy while an hour is a few seconds, then lets more time pass at once.
func (s *stand) fastForward(t *testing.T, more time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	s.c.limit = runs(t, 2, 30)
	stop := s.clock.run(240)
	err := s.c.crowdIn(ctx, func(ctx context.Context) error { return sleep(ctx, time.Duration(runs(t, 2, 60))*time.Second) })
	stop()
	if err != nil {
		t.Fatal(err)
	}
	s.c.ready = append(s.c.ready, 0) // one run, in which nothing was down
	s.c.checkFailures()
	s.clock.Advance(2*time.Minute + more)
	s.audit(ctx, later)
}

// later is where an order may stand when days have passed for everybody.
func later(j *journey) []string {
	switch j.ends {
	case staysUnpaid:
		return []string{"checkout", "lapsed"}
	case staysOffered:
		return []string{"offered", "choosing", "cancelled"}
	case staysAsked:
		return []string{"choosing", "cancelled"}
	}
	return []string{j.ends.state()}
}

// TestTheClockJumps puts the clock eight days forward while orders wait everywhere, and ten minutes
// back while people buy.
func TestTheClockJumps(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	defer cancel()
	s := newStand(t, plot{fault: "the clock jumps 8 days forward, 10 minutes back", buyers: 4})
	s.c.limit = runs(t, 3, 20)
	quiet := s.c.draw
	s.c.draw = func(r *rand.Rand, n int) plan { // half of them wait somewhere
		p := quiet(r, n)
		if n%2 == 0 {
			p.ends = []ending{staysUnpaid, staysOffered, staysAsked}[r.IntN(3)]
			p.decline, p.agree = p.ends == staysAsked, false
		}
		return p
	}
	nothing := func() error { return nil }
	jump := func(d time.Duration) func() error { return func() error { s.clock.Advance(d); return nil } }
	wait := func(ctx context.Context) error { return sleep(ctx, time.Second) }
	waited := map[*journey]bool{} // for eight days
	for range runs(t, 1, 5) {
		if err := s.c.crowdIn(ctx, wait); err != nil {
			t.Fatal(err)
		}
		for _, j := range s.c.done {
			waited[j] = true
		}
		if err := s.strike(ctx, jump(8*24*time.Hour), nothing, 0); err != nil {
			t.Fatal(err)
		}
		// After eight days everybody has to sign in again.
		if err := s.c.signIn(ctx); err != nil {
			t.Fatal(err)
		}
		if err := s.c.crowdIn(ctx, func(ctx context.Context) error {
			if err := wait(ctx); err != nil {
				return err
			}
			return s.strike(ctx, jump(-10*time.Minute), nothing, 0)
		}); err != nil {
			t.Fatal(err)
		}
	}
	s.c.checkFailures()
	s.clock.Advance(13 * time.Minute)
	s.audit(ctx, func(j *journey) []string {
		switch {
		case !waited[j]:
			return later(j)
		case j.ends == staysUnpaid:
			return []string{"lapsed"}
		case j.ends == staysOffered || j.ends == staysAsked:
			return []string{"cancelled"}
		}
		return []string{j.ends.state()}
	})
}
