package storefront_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func compare(cs ...string) string {
	return "/dacia/gb/compare?" + url.Values{"c": cs}.Encode()
}

// link is the address behind the first link with these words.
func (a answer) link(t *testing.T, words string) string {
	t.Helper()
	m := regexp.MustCompile(`<a [^>]*href="([^"]*)"[^>]*>(?:<svg.*?</svg>)?` + regexp.QuoteMeta(words)).FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no link %q in %s", words, a.text())
	}
	return html.UnescapeString(m[1])
}

// From a model's page to two cars beside each other, one taken out again, and on to the dealer.
func TestComparingIsAJourney(t *testing.T) {
	t.Parallel()
	s := open(t)
	one := s.page(s.page("/dacia/gb/new/duster").link(t, "Compare the Duster"))
	if text := one.text(); !strings.Contains(text, "1. Duster") || !strings.Contains(text, "Add a car") || strings.Contains(text, "Show differences only") {
		t.Fatalf("one car: %s", text)
	}
	add := regexp.MustCompile(`<a class="choice go" href="([^"]*)"><span><b>Jogger</b>`).FindStringSubmatch(one.body)
	two := s.page(html.UnescapeString(add[1]))
	text := two.text()
	for _, want := range []string{"1. Duster", "2. Jogger", "Total on the road", "Deposit, by card", "CO2, WLTP", "Per year", "Per month", "Equipment", "Price lines that differ"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	diff := s.page(two.link(t, "Show differences only"))
	if d := diff.text(); strings.Contains(d, "Deposit, by card") || !strings.Contains(d, "Mass, ready to drive") {
		t.Errorf("differences only: %s", d)
	}
	if back := s.page(diff.link(t, "Show everything")); back.text() != text {
		t.Error("everything is not what it was")
	}
	if left := s.page(two.link(t, "Remove")).text(); strings.Contains(left, "2. Jogger") || !strings.Contains(left, "1. Jogger") {
		t.Errorf("after removing the first: %s", left)
	}
	if to := two.link(t, "Change"); !strings.Contains(to, "/new/duster/configure?s=") || !strings.Contains(to, "&with=jogger%3A") {
		t.Errorf("change leads to %s", to)
	}
	if step := s.page(two.link(t, "Choose this car")); !strings.Contains(step.text(), "Duster") {
		t.Errorf("chosen: %s", step.text())
	}
}

// The total of each column is the one of the dealer step, to the penny.
func TestComparedTotalsAreTheCheckouts(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.page(compare("jogger:expression.hybrid-155.heated-seats", "duster:journey.cedar", "spring:"))
	row := regexp.MustCompile(`(?s)Total on the road</th>(.*?)</tr>`).FindStringSubmatch(a.body)[1]
	totals := regexp.MustCompile(`<span>([^<]*)</span>`).FindAllStringSubmatch(row, -1)
	links := chosen.FindAllStringSubmatch(a.body, -1)
	if len(totals) != 3 || len(links) != 3 {
		t.Fatalf("%d totals, %d links", len(totals), len(links))
	}
	for i, l := range links {
		if step := s.page(html.UnescapeString(l[1])).text(); !strings.Contains(step, strings.TrimSuffix(totals[i][1], ".00")) {
			t.Errorf("column %d says %s, the dealer step %.200s", i+1, totals[i][1], step)
		}
	}
	for _, want := range []string{"Chosen, £", "Cedar green", "140 mi", "not for towing"} {
		if !strings.Contains(a.text(), want) {
			t.Errorf("no %q in %s", want, a.text())
		}
	}
}

func TestRunningCostFollowsTheReader(t *testing.T) {
	t.Parallel()
	s := open(t)
	cars := compare("duster:mild-140", "spring:")
	a := s.page(cars)
	for _, want := range []string{"assumed", "8,000 mi", "£956", "£431"} { // 708.1 l at 1.35; 1,596.5 kWh at 0.27, 12.4 kWh per 100 km
		if !strings.Contains(a.text(), want) {
			t.Errorf("no %q in %s", want, a.text())
		}
	}
	own := s.page(cars + "&yearly=16000&petrol=1.50&kwh=0,10")
	if text := own.text(); !strings.Contains(text, "£2,124") || !strings.Contains(text, "£319") || strings.Contains(text, "assumed Petrol") {
		t.Errorf("own figures: %s", text)
	}
	if !strings.Contains(own.body, `name="petrol" type="text" inputmode="decimal" autocomplete="off" value="1.50"`) {
		t.Error("the price that was typed is lost")
	}
	if to := own.link(t, "Show differences only"); !strings.Contains(to, "yearly=16000") || !strings.Contains(to, "kwh=0.10") {
		t.Errorf("the other view forgets the figures: %s", to)
	}
	if it := s.page(strings.Replace(cars, "/gb/", "/it/", 1)); !strings.Contains(it.text(), "12.000 km") || !strings.Contains(it.body, `value="1,75"`) {
		t.Errorf("Italy: %s", it.text())
	}
	for _, bad := range []string{"yearly=abc", "yearly=5", "yearly=99999999999999999999", "petrol=free", "kwh=-1", "petrol=1e9"} {
		if a := s.get(cars + "&" + bad); a.status != 422 || !strings.Contains(a.body, `class="errors"`) || !strings.Contains(a.text(), "1. Duster") {
			t.Errorf("%s: %d %.200s", bad, a.status, a.text())
		}
	}
}

func TestASavedBuildJoinsAComparison(t *testing.T) {
	t.Parallel()
	s := open(t)
	save := s.page(cheapDuster + "/save?s=journey.cedar")
	code := s.post(cheapDuster+"/save", save.form(t, cheapDuster+"/save")).to()
	code = code[strings.LastIndexByte(code, '/')+1:]
	a := s.get(compare("spring:") + "&yearly=9000&code=" + strings.ToLower(code))
	if a.status != 303 || !strings.Contains(a.to(), "c=duster") || !strings.Contains(a.to(), "yearly=9000") {
		t.Fatalf("added: %d %s", a.status, a.to())
	}
	if text := s.page(a.to()).text(); !strings.Contains(text, "1. Spring") || !strings.Contains(text, "2. Duster Journey") {
		t.Errorf("the comparison: %s", text)
	}
	for _, bad := range []string{"nope", "ZZZZ-ZZZZ", "%3Cb%3E"} {
		if a := s.get(compare("spring:") + "&code=" + bad); a.status != 422 || !strings.Contains(a.text(), "We know no build") || !strings.Contains(a.text(), "1. Spring") {
			t.Errorf("code %s: %d %.200s", bad, a.status, a.text())
		}
	}
	full := s.get(compare("spring:", "duster:", "jogger:", "sandero:") + "&code=" + code)
	if full.status != 422 || !strings.Contains(full.text(), "1. Spring") {
		t.Errorf("a fifth by code: %d", full.status)
	}
	if other := s.get("/dacia/fr/compare?code=" + code); other.status != 422 {
		t.Errorf("a British build in France: %d", other.status)
	}
}

func TestComparisonsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := open(t)
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/dacia/gb/compare":           {200, "Which cars do you want to compare?"},
		"/dacia/gb/compare?c=&c=":     {200, "Which cars do you want to compare?"},
		compare("clio:"):              {422, "No car in this address can be shown"},
		compare("%ff", "a:b:c", ":"):  {422, "No car in this address can be shown"},
		compare("clio:", "duster:"):   {200, "names a model that Dacia does not sell here"},
		compare("duster:", "duster:"): {200, "named twice"},
		compare("a:", "duster:", "spring:", "b:", "jogger:", "sandero:", "bigster:", "sandero-stepway:"): {200, "4 cars at most"},
		compare("duster:no-such-part", "spring:"):                                                        {200, "parts that are not sold here"},
		compare("duster:essential.journey", "spring:"):                                                   {200, "does not name a car that can be built"},
		compare("duster:';--", "spring:"):                                                                {200, "does not name a car that can be built"},
		compare("duster:sleep-kit.dog-guard", "spring:"):                                                 {200, "This car cannot be built as asked. Left out:"},
		compare("duster:"+strings.Repeat("a.", 9000), "x"):                                               {200, "does not name a car that can be built"},
	} {
		a := s.get(path)
		if a.status != want.status || !strings.Contains(a.text(), want.text) {
			t.Errorf("%.90s: %d, want %d and %q in %.400s", path, a.status, want.status, want.text, a.text())
		}
		checkIDs(t, path, a.body)
	}
	for _, text := range hostile {
		for _, field := range []string{"c", "diff", "yearly", "petrol", "kwh", "code"} {
			a := s.get(compare("duster:", "spring:") + "&" + with(map[string][]string{}, field, text).Encode())
			if a.status >= 500 || strings.Contains(a.body, "<script>alert") {
				t.Errorf("%s=%.20q: %d", field, text, a.status)
			}
		}
	}
}

// Two addresses with other cars are two pages, also after the first one was kept.
func TestKeptComparisonsDoNotMix(t *testing.T) {
	t.Parallel()
	s := open(t)
	a, b := s.page(compare("duster:", "spring:")), s.page(compare("duster:", "jogger:"))
	if !strings.Contains(a.text(), "2. Spring") || !strings.Contains(b.text(), "2. Jogger") || strings.Contains(b.text(), "2. Spring") {
		t.Error("one comparison was answered with the other")
	}
	if again := s.page(compare("duster:", "spring:")); again.body != a.body {
		t.Error("the kept page is another one")
	}
}

func TestTheComparisonSpeaksThreeLanguages(t *testing.T) {
	t.Parallel()
	s := open(t)
	for path, want := range map[string][]string{
		"/renault/gb/compare?c=clio:&c=rafale:plugin-300-4x4": {"Compare cars", "GBP a kWh", "hp", "Plug-in hybrid"},
		"/renault/it/compare?c=clio:&c=rafale:plugin-300-4x4": {"Confronta le auto", "EUR al kWh", "CV", "Ibrido plug-in"},
		"/renault/fr/compare?c=clio:&c=rafale:plugin-300-4x4": {"Comparer des voitures", "EUR le kWh", "ch", "Hybride rechargeable"},
	} {
		a := s.page(path)
		for _, w := range want {
			if !strings.Contains(html.UnescapeString(a.text()), w) {
				t.Errorf("%s lacks %q: %s", path, w, a.text())
			}
		}
		checkIDs(t, path, a.body)
	}
	if missing := s.web.Catalogue.Missing(); len(missing) > 0 {
		t.Errorf("words missing: %v", missing)
	}
}
