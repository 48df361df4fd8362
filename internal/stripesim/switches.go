package stripesim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// wrongSecret is what deliveries are signed with when an endpoint is told to sign wrongly.
const wrongSecret = "whsec_of_somebody_else"

// setEndpoint changes how deliveries to one address (or, without one, to all) are signed and stamped:
//
//	rotate=whsec_...   a new secret; the old one signs along for overlap_seconds (86400)
//	wrong_secret=1|0   sign with a secret that nobody knows
//	skew_seconds=-600  date signatures so much off: those of more than five minutes ago are too old
//	api_version=...    stamp events with another version; empty is the bank's own again
func (b *Bank) setEndpoint(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	overlap, err := numberIn(form, "overlap_seconds", 86_400, 0, 365*86_400)
	skew, errSkew := numberIn(form, "skew_seconds", 0, -86_400, 86_400)
	if err = errors.Join(err, errSkew); err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	changed := []string{}
	b.commit(func(t *tx) {
		for _, w := range t.chosenEndpoints(form.Get("endpoint")) {
			w.set(form, t.now.Add(time.Duration(overlap)*time.Second))
			if form.Has("skew_seconds") {
				w.Skew = skew
			}
			t.put(change{Endpoint: &w})
			changed = append(changed, w.ID)
		}
	})
	if len(changed) == 0 {
		b.refuseSwitch(w, r, errors.New("no such endpoint"))
		return
	}
	b.answerSwitch(w, r, obj{"endpoints": changed})
}

func (t *tx) chosenEndpoints(id string) []endpoint {
	var out []endpoint
	each(&t.st.endpoints, func(w *endpoint) {
		if id == "" || w.ID == id || w.URL == id {
			out = append(out, *w)
		}
	})
	return out
}

func (w *endpoint) set(form url.Values, until time.Time) {
	if secret := form.Get("rotate"); secret != "" && secret != w.Secret {
		w.Before, w.BeforeUntil, w.Secret = w.Secret, until.Unix(), secret
	}
	if form.Has("wrong_secret") {
		w.Wrong = form.Get("wrong_secret") == "1" || form.Get("wrong_secret") == "true"
	}
	if form.Has("api_version") {
		w.Version = form.Get("api_version")
	}
}

// secrets are what a delivery is signed with now: two while a rotation goes on.
func (w *endpoint) secrets(now time.Time) []string {
	switch {
	case w.Wrong:
		return []string{wrongSecret}
	case w.Before != "" && now.Unix() < w.BeforeUntil:
		return []string{w.Secret, w.Before}
	}
	return []string{w.Secret}
}

// setDelivery changes the chances that events are delivered by, for those that happen from now on:
// dup, drop, late (parts from 0 to 1), shuffle_seconds, late_seconds, seed. What is not named stays.
// Switched chances end with the process; those of Options come back.
func (b *Bank) setDelivery(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	var how chances
	b.commit(func(*tx) {
		how = b.delivery
		if err = how.read(form); err != nil {
			return
		}
		if form.Get("seed") != "" {
			b.chance = rand.New(rand.NewPCG(how.seed, how.seed))
		}
		b.delivery = how
	})
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	b.answerSwitch(w, r, obj{"dup": how.dup, "drop": how.drop, "late": how.late, "shuffle_seconds": how.shuffle.Seconds(),
		"late_seconds": how.lateBy.Seconds(), "seed": how.seed})
}

func (c *chances) read(form url.Values) error {
	for name, part := range map[string]*float64{"dup": &c.dup, "drop": &c.drop, "late": &c.late} {
		s := form.Get(name)
		if s == "" {
			continue
		}
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || !(n >= 0 && n <= 1) {
			return fmt.Errorf("%s must be from 0 to 1", name)
		}
		*part = n
	}
	for name, d := range map[string]*time.Duration{"shuffle_seconds": &c.shuffle, "late_seconds": &c.lateBy} {
		n, err := numberIn(form, name, int64(*d/time.Second), 0, 30*86_400)
		if err != nil {
			return err
		}
		if form.Get(name) != "" {
			*d = time.Duration(n) * time.Second
		}
	}
	if s := form.Get("seed"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return errors.New("seed must be a whole number from 0")
		}
		c.seed = seed
	}
	return nil
}
