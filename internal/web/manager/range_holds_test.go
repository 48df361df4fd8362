package manager_test

import (
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/web/webtest"
	"forecourt/internal/world"
)

func holdForm(a webtest.Answer, market, feature, until, reason string) url.Values {
	return url.Values{"form_key": {a.Hidden("form_key")}, "market": {market}, "feature": {feature}, "until": {until}, "reason": {reason}}
}

func TestAHoldIsSeenInTheShop(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	other := listening(t, h)
	a := page(t, h, b, duster+"?hold=spare-wheel")
	says(t, "the form", a, `value="spare-wheel" selected`)
	until := string(market.DateOf(h.Clock.Now().AddDate(0, 0, 10)))
	done := b.Post(duster+"/hold", holdForm(a, "gb", "spare-wheel", until, "stock"))
	if done.Status != 303 {
		t.Fatalf("%d", done.Status)
	}
	next, _, _ := strings.Cut(done.Location, "#")
	says(t, "the page afterwards", page(t, h, b, next), "Spare wheel cannot be ordered in United Kingdom until", "Out of stock", "can be ordered today")
	held := func(w *world.World, m id.Market) bool {
		for _, hold := range w.Holds("dacia", m, "duster") {
			if hold.Feature == "spare-wheel" {
				return true
			}
		}
		return false
	}
	awaits(t, other, func(w *world.World) bool { return held(w, "gb") })
	choice := choiceOf(t, dusterIn(t, other.Now(), h, "gb"), "spare-wheel")
	if choice.State != configurator.Blocked || choice.Clash == nil || choice.Clash.Hold == nil || string(choice.Clash.Hold.Until) != until {
		t.Errorf("the shop shows %s, %v", choice.State, choice.Clash)
	}
	if held(other.Now(), "it") {
		t.Error("another market is held too")
	}
	says(t, "the list", page(t, h, b, "/manager/ranges"), "1 held")
	if n := count(t, h, `SELECT count(*) FROM audit_log WHERE action = 'range.hold' AND subject = 'range:dacia/duster/spare-wheel' AND market = 'gb' AND actor LIKE 'staff:%'`); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	a = page(t, h, b, duster)
	done = b.Post(duster+"/release", holdForm(a, "gb", "spare-wheel", "", ""))
	if done.Status != 303 {
		t.Fatalf("release: %d", done.Status)
	}
	awaits(t, other, func(w *world.World) bool { return !held(w, "gb") })
	if c := choiceOf(t, dusterIn(t, other.Now(), h, "gb"), "spare-wheel"); c.Clash != nil && c.Clash.Hold != nil {
		t.Error("released, and still held in the shop")
	}
	// A colleague released it first: what was wanted is so.
	if again := b.Post(duster+"/release", holdForm(page(t, h, b, duster), "gb", "spare-wheel", "", "")); again.Status != 303 {
		t.Errorf("released twice: %d", again.Status)
	}
}

func choiceOf(t *testing.T, mo *configurator.Model, f id.Feature) configurator.Choice {
	t.Helper()
	p, err := mo.Page(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range p.Groups {
		for _, c := range g.Choices {
			if c.Feature.Code == f {
				return c
			}
		}
	}
	t.Fatalf("no %s on the page", f)
	return configurator.Choice{}
}

func TestAHoldAsksForWhatIsMissing(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	a := page(t, h, b, duster)
	for name, c := range map[string]struct{ market, feature, until, reason, message string }{
		"no feature":      {"gb", "", "", "stock", "Choose a feature that is sold here."},
		"unknown feature": {"gb", "wings", "", "stock", "Choose a feature that is sold here."},
		"past":            {"gb", "sound", "2001-01-01", "stock", "Give today or a later day"},
		"no day":          {"gb", "sound", "soon", "stock", "Give today or a later day"},
		"no reason":       {"gb", "sound", "", "because", "Choose a reason."},
	} {
		if got := b.Post(duster+"/hold", holdForm(a, c.market, c.feature, c.until, c.reason)); got.Status != 422 || !strings.Contains(got.Body, c.message) {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
	for _, m := range []string{"it", "zz", ""} {
		if got := b.Post(duster+"/hold", holdForm(a, m, "sound", "", "stock")); got.Status != 404 {
			t.Errorf("hold in market %q: %d", m, got.Status)
		}
	}
	// The last engine that is left may not be held: nothing could be ordered.
	for i, engine := range []string{"eco-g-120", "mild-140", "mild-130-4x4", "hybrid-155", "hybrid-g-150-4x4"} {
		got := b.Post(duster+"/hold", holdForm(b.Get(duster), "gb", engine, "", "week"))
		if want := map[bool]int{true: 422, false: 303}[i == 4]; got.Status != want && !(i < 4 && got.Status == 422) {
			t.Errorf("%s: %d", engine, got.Status)
		}
	}
	if p, err := dusterIn(t, h.Kit.World.Now(), h, "gb").Page(nil); err != nil || p.Cars < 1 {
		t.Errorf("the shop stands empty: %v", err)
	}
}
