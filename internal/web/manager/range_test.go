package manager_test

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/web/webtest"
	"forecourt/internal/world"
)

const duster = "/manager/ranges/dacia/duster"

func allMarkets(h *webtest.House) *webtest.Browser {
	return h.Manager("tomas@europe-office.example.com", "gb", "it", "fr", "de", "es", "ro")
}

func says(t *testing.T, what string, a webtest.Answer, words ...string) {
	t.Helper()
	text := html.UnescapeString(a.Body)
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q", what, w)
		}
	}
}

func isSilent(t *testing.T, what string, a webtest.Answer, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(html.UnescapeString(a.Body), w) {
			t.Errorf("%s says %q", what, w)
		}
	}
}

func dusterIn(t *testing.T, w *world.World, h *webtest.House, m id.Market) *configurator.Model {
	t.Helper()
	mk, _ := w.Market(m)
	mo, err := w.Model("dacia", m, "duster", world.Today(mk, h.Clock.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return mo
}

func TestRangesAreListedWithTheirReports(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	a := page(t, h, b, "/manager/ranges")
	says(t, "the list", a, "Duster", "Clio", "United Kingdom", "Import of the files", duster+"?market=gb")
	isSilent(t, "the list of a manager of gb", a, "Italia", "market=it", "market=zz")
	if n := strings.Count(page(t, h, allMarkets(h), "/manager/ranges").Body, duster); n != 6 {
		t.Errorf("a manager of all markets sees the model %d times", n)
	}
	mk, _ := h.Kit.World.Now().Market("gb")
	e, ok := h.Kit.World.Now().EditionOn("dacia", "duster", "gb", world.Today(mk, h.Clock.Now()))
	if !ok {
		t.Fatal("the model is not published")
	}
	p := h.Kit.Catalogue.Printer("en-GB")
	if plain := strings.ReplaceAll(p.Int(123456789), ",", ""); plain != "123456789" {
		t.Fatal(plain)
	}
	cars := strings.ReplaceAll(a.Body, ",", "")
	if !strings.Contains(cars, ">"+e.Report.Cars+"<") {
		t.Errorf("the list does not give the exact number of cars, %s", e.Report.Cars)
	}
}

func TestARangeReadsInWords(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	a := page(t, h, b, duster)
	says(t, "the page", a, "Heated windscreen needs Automatic air conditioning.", "The wires are switched by automatic air conditioning.",
		"Spare wheel does not go with Surround sound with subwoofer.", "Winter pack includes Heated front seats, Heated steering wheel and Heated windscreen.",
		"Standard on Expression: Reversing camera and Rear parking sensors.", "6 combinations", "<td>Essential</td>", "Bicycle carrier for two needs one of these: Fixed tow bar, Detachable tow bar.")
	one := page(t, h, b, duster+"?feature=heated-screen")
	says(t, "the search", one, "are about Heated windscreen.", "Heated windscreen needs Automatic air conditioning.")
	isSilent(t, "the search for one feature", one, "Spare wheel does not go with Surround sound")
	if odd := b.Get(duster + "?feature=%3Cscript%3E&hold=%22%3E&done=x"); odd.Status != 200 || strings.Contains(odd.Body, "<script>\"") {
		t.Errorf("an unknown feature: %d", odd.Status)
	}
}

func TestRangePagesSpeakThreeLanguages(t *testing.T) {
	t.Parallel()
	h := house(t)
	for m, words := range map[id.Market][]string{
		"it": {"Parabrezza riscaldato richiede Climatizzatore automatico.", "Le regole in parole"},
		"fr": {"Pare-brise chauffant exige Climatisation automatique.", "Les règles en mots"},
		"gb": {"Heated windscreen needs Automatic air conditioning.", "The rules in words"},
	} {
		b := h.Manager("m@"+string(m)+"-office.example.com", m)
		says(t, string(m), page(t, h, b, duster), words...)
		page(t, h, b, "/manager/ranges")
		page(t, h, b, duster+"/draft")
		page(t, h, b, duster+"/try?s=spare-wheel.sound")
		page(t, h, b, duster+"/try?s=extreme.eco-g-120")
	}
}

func TestARangeOfAnotherMarketIsNotThere(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	for path, want := range map[string]int{
		duster: 200, duster + "?market=gb": 200, duster + "?market=it": 404, duster + "?market=zz": 404, "/manager/ranges/dacia/unicorn": 404,
		"/manager/ranges/renault/duster": 404, "/manager/ranges/nobody/duster": 404, duster + "/try?market=fr": 404, duster + "/draft": 200,
		duster + "/drafts/0198a000-0000-7000-8000-000000000009": 404, duster + "/drafts/x": 404, duster + "/try?draft=x": 404,
	} {
		if a := b.Get(path); a.Status != want {
			t.Errorf("%s: %d, want %d", path, a.Status, want)
		}
	}
	smoke := h.Manager("smoke@office.example.com", "zz")
	if a := smoke.Get(duster); a.Status != 404 {
		t.Errorf("a manager whose market does not sell the model: %d", a.Status)
	}
	if a := h.Dealer("anna@northgate-leeds.example.com", leeds).Get("/manager/ranges"); a.Status != 403 {
		t.Errorf("dealer: %d", a.Status)
	}
	if a := h.Stranger().Get(duster); a.Status != 303 {
		t.Errorf("stranger: %d", a.Status)
	}
	hq := h.HQ("ines@hq.example.com")
	says(t, "the page of the product office", page(t, h, hq, duster), "/hold\"", "Hold a feature")
	for path, want := range map[string]int{"/hold": 422, "/release": 400, "/draft": 422} { // it may, and is told what is missing
		if a := hq.Post(duster+path, url.Values{"market": {"gb"}, "feature": {"spare-wheel"}}); a.Status != want {
			t.Errorf("product office posts %s: %d", path, a.Status)
		}
	}
	for _, path := range []string{"/hold", "/release"} {
		if a := b.Post(duster+path, url.Values{"market": {"it"}, "feature": {"spare-wheel"}}); a.Status != 404 {
			t.Errorf("manager of gb posts %s for it: %d", path, a.Status)
		}
	}
}

func TestWhatIfTellsWhy(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := h.Manager("harriet@gb-office.example.com", "gb")
	a := page(t, h, b, duster+"/try?market=gb&s=spare-wheel")
	p, err := dusterIn(t, h.Kit.World.Now(), h, "gb").Page(configurator.Selection{"spare-wheel"})
	if err != nil {
		t.Fatal(err)
	}
	en := h.Kit.Catalogue.Printer("en-GB")
	says(t, "the page", a, en.Money(p.Build.Quote.Total), en.Int(int64(p.Cars)), "Does not go with Spare wheel.", "Spare wheel does not go with Surround sound with subwoofer.",
		"The subwoofer fills the well of the spare wheel.", "Gives up Spare wheel.", "Let go of Spare wheel")
	for _, g := range p.Groups {
		for _, ch := range g.Choices {
			if !strings.Contains(a.Body, en.Money(ch.From)) {
				t.Errorf("%s: the page does not say %s", ch.Feature.Code, en.Money(ch.From))
			}
		}
	}
	says(t, "adding", page(t, h, b, duster+"/try?market=gb&s=spare-wheel&add=khaki"), "Let go of Lichen khaki", "Let go of Spare wheel")
	says(t, "picks that clash", page(t, h, b, duster+"/try?s=sound.spare-wheel"), "These picks do not go together.")
	says(t, "picks that are none", page(t, h, b, duster+"/try?s=wings..x"), "It begins without them.")
}

// TestRangePagesAskAFixedNumberOfTimes: more publications, drafts and holds, the same statements.
func TestRangePagesAskAFixedNumberOfTimes(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := allMarkets(h)
	for _, p := range []string{"/manager/ranges", duster, duster + "/try", duster + "/draft"} {
		page(t, h, b, p)
		if n := h.Statements(func() { page(t, h, b, p) }); n > 6 {
			t.Errorf("%s asks %d times", p, n)
		}
	}
}
