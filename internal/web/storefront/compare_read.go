package storefront

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/web"
)

// A comparison has two to four cars: fewer compare nothing, more do not fit beside each other.
const (
	fewestCandidates = 2
	mostCandidates   = 4
)

// energyParams are the prices that an address may carry.
var energyParams = []string{"petrol", "diesel", "lpg", "kwh"}

var compareParams = append([]string{"c", "diff", "yearly"}, energyParams...)

// comparison is what an address asks for: the cars that could be read and how to show them.
type comparison struct {
	cars   []candidate
	diff   bool
	yearly int64 // market units
	prices energyPrices
	given  url.Values // distance and prices as they were given, for links
	notes  []string   // what was asked for and is not shown
	asked  int        // cars that the address names
	errs   web.FieldErrors
}

// candidate is one car of a comparison.
type candidate struct {
	*car
	build configurator.Build
	note  string // it is not quite what the address says
}

func (c candidate) raw() string { return rawCandidate(c.rng.Model, c.build.Selection) }

// rawCandidate is a car in an address: its model and what was picked.
func rawCandidate(m id.Model, s configurator.Selection) string {
	return string(m) + ":" + configurator.Encode(s)
}

func compareLink(s *shop, cs []string) string {
	if len(cs) == 0 {
		return s.path() + "/compare"
	}
	return s.path() + "/compare?" + url.Values{"c": cs}.Encode()
}

// compareURL puts a build beside those that were chosen before, written as an address has them.
func (k *car) compareURL(b configurator.Build, others []string) string {
	mine := rawCandidate(k.rng.Model, b.Selection)
	var cs []string
	for _, o := range others {
		if o != mine && !slices.Contains(cs, o) && len(cs) < mostCandidates-1 {
			cs = append(cs, o)
		}
	}
	return compareLink(k.shop, append(cs, mine))
}

func (h *Handlers) readComparison(b web.Base, s *shop, q url.Values) (*comparison, error) {
	out := &comparison{yearly: assumedYearly(s.market), prices: assumedFor(s.market), given: url.Values{}, diff: q.Get("diff") != "",
		errs: web.FieldErrors{Keys: map[string]string{}}}
	out.readRunning(q)
	seen := map[string]bool{}
	for _, raw := range q["c"] {
		if strings.TrimSpace(raw) == "" {
			continue
		}
		if out.asked++; len(out.cars) == mostCandidates {
			out.note(b.T("storefront.compare.note.too_many", "Most", mostCandidates))
			continue
		}
		one, ok, err := h.candidate(b, s, raw)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			out.note(b.T("storefront.compare.note.unknown", "Brand", s.brand.Name))
		case seen[one.raw()]:
			out.note(b.T("storefront.compare.note.twice", "Car", one.rng.Name))
		default:
			seen[one.raw()] = true
			out.cars = append(out.cars, one)
		}
	}
	return out, nil
}

func (c *comparison) note(text string) {
	if !slices.Contains(c.notes, text) {
		c.notes = append(c.notes, text)
	}
}

// candidate reads one car; false when there is no such model here. Choices that cannot be built become
// the nearest car that can, with a note of what was left out.
func (h *Handlers) candidate(b web.Base, s *shop, raw string) (candidate, bool, error) {
	model, text, _ := strings.Cut(raw, ":")
	k, err := h.carOf(s, id.Model(model))
	if err != nil {
		return candidate{}, false, nil
	}
	build, err := k.build(text)
	if err == nil {
		return candidate{car: k, build: build}, true, nil
	}
	var gone []id.Feature
	if picked, bad := configurator.Decode(text); bad == nil {
		build, gone, err = stillSold(k, picked)
	}
	note := b.T("storefront.compare.note.none_left", "Car", k.rng.Name)
	if err != nil {
		build, err = k.model.Complete(nil)
	} else if known := k.known(gone); len(known) > 0 {
		note = b.T("storefront.compare.note.left_out", "Parts", b.P.List(k.namesOf(known)))
	} else {
		note = b.T("storefront.compare.note.unsold")
	}
	return candidate{car: k, build: build, note: note}, true, err
}

// known are the features that the range has words for: what a stranger typed is not repeated.
func (k *car) known(fs []id.Feature) []id.Feature {
	return slices.DeleteFunc(slices.Clone(fs), func(f id.Feature) bool {
		_, ok := k.rng.Feature(f)
		return !ok
	})
}

func (c *comparison) readRunning(q url.Values) {
	if v := web.CleanLine(q.Get("yearly")); v != "" {
		n, err := strconv.ParseInt(strings.NewReplacer(",", "", ".", "", " ", "").Replace(v), 10, 64)
		if err != nil || n < leastYearly || n > mostYearly {
			c.reject("yearly", "storefront.compare.error.yearly")
		} else {
			c.yearly = n
			c.given.Set("yearly", strconv.FormatInt(n, 10))
		}
	}
	for _, e := range energyParams {
		v := web.CleanLine(q.Get(e))
		if v == "" {
			continue
		}
		n, ok := parsePrice(v)
		if !ok {
			c.reject(e, "storefront.compare.error.price")
			continue
		}
		*c.prices.at(e) = n
		c.given.Set(e, writePrice(n, "."))
	}
}

func (c *comparison) reject(field, key string) {
	c.errs.Keys[field] = key
	c.errs.Order = append(c.errs.Order, field)
}

func (c *comparison) raws() []string {
	out := make([]string, len(c.cars))
	for i := range c.cars {
		out[i] = c.cars[i].raw()
	}
	return out
}

// url is this comparison with other cars or another view.
func (c *comparison) url(s *shop, cs []string, diff bool) string {
	q := url.Values{"c": cs}
	for name, v := range c.given {
		q[name] = v
	}
	if diff {
		q.Set("diff", "1")
	}
	if len(q) == 1 && len(cs) == 0 {
		return s.path() + "/compare"
	}
	return s.path() + "/compare?" + q.Encode()
}

// others are the cars but one.
func (c *comparison) others(i int) []string { return slices.Delete(c.raws(), i, i+1) }
