package storefront_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/market"
)

var chosen = regexp.MustCompile(`href="([^"]*/dealer[^"]*)">Choose this car`)
var prices = regexp.MustCompile(`<p class="price gap-s">([^ <]*)`)

// From a pick it is one click to the dealer step, for the same car at the same total.
func TestAPickIsOneClickFromTheCheckout(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, q := range []string{"", "?where=town", "?budget=25000&seats=5&gearbox=automatic&must=park&must=warm", "?fuel=electric&home=yes", "?where=snow&must=tow", "?seats=7&must=boot"} {
		for _, brand := range []string{"dacia", "renault"} {
			a := s.page("/" + brand + "/gb/guide" + q)
			links, totals := chosen.FindAllStringSubmatch(a.body, -1), prices.FindAllStringSubmatch(a.body, -1)
			if len(links) == 0 || len(links) > 3 || len(links) != len(totals) {
				t.Fatalf("%s%s: %d links and %d prices", brand, q, len(links), len(totals))
			}
			for i, l := range links {
				if step := s.page(html.UnescapeString(l[1])); !strings.Contains(step.text(), totals[i][1]) {
					t.Errorf("%s%s: the guide says %s, the dealer step %.300s", brand, q, totals[i][1], step.text())
				}
			}
		}
	}
}

func TestThePicksMeetTheWishes(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.page("/dacia/gb/guide?budget=25000&seats=7&gearbox=automatic&must=warm&must=tow").text()
	for _, want := range []string{"1 car fits", "Jogger Expression", "Fits your budget with £", "7 seats", "Automatic gearbox", "Pulls 750 kg", "Heated front seats", "Close, with something missing"} {
		if !strings.Contains(a, want) {
			t.Errorf("the seven-seater lacks %q: %s", want, a)
		}
	}
	if a := s.page("/dacia/gb/guide?fuel=electric").text(); !strings.Contains(a, "Electric, 140 mi on a charge") || !strings.Contains(a, "2 cars fit") {
		t.Errorf("electric: %s", a)
	}
	if a := s.page("/renault/gb/guide?seats=7").text(); !strings.Contains(a, "Kangoo") || !strings.Contains(a, "Two seats in the third row") {
		t.Errorf("seven seats by an option: %s", a)
	}
	if a := s.page("/renault/gb/guide?where=snow").text(); !strings.Contains(a, "Four driven wheels") || !strings.Contains(a, "All-season tyres") {
		t.Errorf("snow: %s", a)
	}
}

func TestNothingFits(t *testing.T) {
	t.Parallel()
	s := open(t)
	dear := s.page("/dacia/gb/guide?budget=20000&seats=7&gearbox=automatic&must=tow")
	for _, want := range []string{"Nothing fits all of this", "over your budget", "Jogger is the cheapest car that has all of it", "“Automatic” costs most", "The nearest cars"} {
		if !strings.Contains(html.UnescapeString(dear.text()), want) {
			t.Errorf("no %q in %s", want, dear.text())
		}
	}
	raise := regexp.MustCompile(`href="([^"]*)">Look up to`).FindStringSubmatch(dear.body)
	if raise == nil || !strings.Contains(s.page(strings.TrimSuffix(html.UnescapeString(raise[1]), "#picks")).text(), "Costs exactly your budget") {
		t.Errorf("the raised budget buys nothing: %v", raise)
	}
	split := html.UnescapeString(s.page("/dacia/gb/guide?seats=7&fuel=electric").text())
	if !strings.Contains(split, "No car here has all of this at once. Without “7 seats” there is Spring") {
		t.Errorf("electric with seven seats: %s", split)
	}
	if many := s.page("/renault/gb/guide?seats=7&fuel=lpg&must=sleep").text(); !strings.Contains(many, "giving up one wish is not enough") {
		t.Errorf("too many wishes: %s", many)
	}
}

// Answers are kept on the page, and what no car here can meet is not offered.
func TestQuestionsFollowTheRange(t *testing.T) {
	t.Parallel()
	s := open(t)
	a := s.page("/dacia/gb/guide?budget=23450&where=snow&must=warm")
	for _, want := range []string{`<option value="23450" selected>`, `name="where" value="snow" checked`, `name="must" value="warm" checked`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("lost: %s", want)
		}
	}
	for path, want := range map[string]map[string]bool{
		"/dacia/gb/guide":          {`value="lpg"`: false, `value="electric"`: true, `value="7"`: true, `value="sleep"`: true},
		"/dacia/it/guide":          {`value="lpg"`: true},
		"/dacia/gb/guide?fuel=lpg": {`value="lpg"`: true},
		"/renault/fr/guide":        {`value="lpg"`: true, `name="home"`: true},
	} {
		for text, in := range want {
			if strings.Contains(s.page(path).body, text) != in {
				t.Errorf("%s: %s offered: %v", path, text, !in)
			}
		}
	}
}

func TestTheGuideSpeaksThreeLanguages(t *testing.T) {
	t.Parallel()
	s := open(t)
	for path, want := range map[string][]string{
		"/dacia/gb/guide?budget=24000&where=town": {"Which car suits you?", "Fits your budget", "Short body"},
		"/dacia/it/guide?budget=24000&where=town": {"Quale auto fa per Lei?", "Nel budget", "Compatta", "Scegli quest'auto"},
		"/dacia/fr/guide?budget=24000&where=town": {"Quelle voiture vous convient ?", "Dans votre budget", "Compacte", "Choisir cette voiture"},
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

func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, q := range []string{"budget=abc", "budget=-5", "budget=99999999999999999999", "seats=12", "where=moon", "fuel=coal", "gearbox=%00x", "must=wings&must=tow"} {
		a := s.get("/dacia/gb/guide?" + q)
		if a.status != 422 || !strings.Contains(a.body, `class="errors"`) || !strings.Contains(a.text(), "Choose this car") {
			t.Errorf("%s: %d %.200s", q, a.status, a.text())
		}
		checkIDs(t, q, a.body)
	}
	for _, text := range hostile {
		for _, field := range []string{"budget", "seats", "where", "fuel", "home", "gearbox", "must"} {
			a := s.get("/dacia/gb/guide?" + with(map[string][]string{}, field, text).Encode())
			if a.status >= 500 || strings.Contains(a.body, "<script>alert") {
				t.Errorf("%s=%.20q: %d", field, text, a.status)
			}
		}
	}
	if a := s.get("/dacia/gb/guide?budget=&seats=&must=&nonsense=1"); a.status != 200 {
		t.Errorf("empty answers: %d", a.status)
	}
}

// While the shop is paused both rooms stay open and lead to the waiting list, with the car.
func TestAPausedShopStillGuidesAndCompares(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.turn(market.Paused)
	for _, path := range []string{"/dacia/gb/guide?where=town", compare("duster:", "spring:")} {
		a := s.page(path)
		if !strings.Contains(a.body, `href="/dacia/gb/leave-name?model=spring&amp;s=`) || strings.Contains(a.body, "/dealer?") || strings.Contains(a.text(), "Choose this car") {
			t.Errorf("%s in a paused shop: %s", path, a.text())
		}
	}
	s.turn(market.Off)
	for _, path := range []string{"/dacia/gb/guide", "/dacia/gb/compare", "/dacia/xx/guide", "/nobrand/gb/compare"} {
		if a := s.get(path); a.status != 404 {
			t.Errorf("%s in a shop that is off: %d", path, a.status)
		}
	}
}
