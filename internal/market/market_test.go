package market_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

func TestZoneOf(t *testing.T) {
	t.Parallel()
	for range 2 { // the second answer comes from memory
		if got := market.ZoneOf("Europe/Rome").String(); got != "Europe/Rome" {
			t.Errorf("Europe/Rome is %s", got)
		}
		if market.ZoneOf("Europe/Nowhere") != time.UTC {
			t.Error("an unknown zone must be UTC")
		}
	}
}

func TestWhatIsInForce(t *testing.T) {
	t.Parallel()
	m := &market.Market{
		VAT:   []market.Rate{{From: "2025-08-01", RateBP: 2100}, {From: "2017-01-01", RateBP: 1900}},
		Fees:  []market.Fee{{Code: "old", From: "2025-01-01", To: "2025-12-31"}, {Code: "new", From: "2026-01-01"}},
		Texts: map[string][]market.Text{"terms": {{Version: "1", From: "2025-01-01"}, {Version: "2", From: "2026-01-01"}}},
	}
	if _, ok := m.VATAt("2016-12-31"); ok {
		t.Error("a rate is in force before the first")
	}
	for day, want := range map[market.Date]int64{"2017-01-01": 1900, "2025-07-31": 1900, "2025-08-01": 2100} {
		if got, _ := m.VATAt(day); got != want {
			t.Errorf("VAT on %s is %d, want %d", day, got, want)
		}
	}
	for day, want := range map[market.Date]string{"2025-12-31": "old", "2026-01-01": "new"} {
		if fees := m.FeesAt(day); len(fees) != 1 || fees[0].Code != want {
			t.Errorf("fees on %s are %v, want %s", day, fees, want)
		}
	}
	for day, want := range map[market.Date]string{"2024-12-31": "", "2025-12-31": "1", "2026-01-01": "2"} {
		if got := m.TextAt("terms", day).Version; got != want {
			t.Errorf("terms on %s are version %q, want %q", day, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[market.Date]bool{"2028-02-29": true, "2027-02-29": false, "2026-1-1": false, "": false, "2026-01-01T00:00:00Z": false} {
		if text.Valid() != want {
			t.Errorf("%q valid: %v", text, !want)
		}
	}
	rome := market.ZoneOf("Europe/Rome")
	if got := market.Date("2026-03-30").Time(rome); got.Format(time.RFC3339) != "2026-03-30T00:00:00+02:00" {
		t.Errorf("the day begins at %s", got)
	}
	if got := market.DateOf(time.Date(2026, 3, 29, 22, 30, 0, 0, time.UTC).In(rome)); got != "2026-03-30" {
		t.Errorf("the day in Rome is %s", got)
	}
}

func TestParseState(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"off", "preview", "live", "paused"} {
		if got, err := market.ParseState(s); err != nil || string(got) != s {
			t.Errorf("%s: %v %v", s, got, err)
		}
	}
	if _, err := market.ParseState("LIVE"); err == nil {
		t.Error("an unknown state was accepted")
	}
}

func TestMarketWordsByLanguage(t *testing.T) {
	t.Parallel()
	m := market.Market{Locale: "it-IT", Also: []string{"de-DE"}}
	both := market.Wording{"it": "Targhe", "de": "Kennzeichen", "en": "Plates"}
	for name, c := range map[string]struct {
		words market.Wording
		lang  string
		want  market.Said
	}{
		"asked":           {both, "de", market.Said{Text: "Kennzeichen"}},
		"first":           {both, "it", market.Said{Text: "Targhe"}},
		"hole":            {market.Wording{"it": "Targhe", "en": "Plates"}, "de", market.Said{Text: "Targhe", Lang: "it"}},
		"hole in both":    {market.Wording{"en": "Plates", "fr": "Plaques"}, "de", market.Said{Text: "Plates", Lang: "en"}},
		"plain":           {market.Plain("Targhe"), "it", market.Said{Text: "Targhe"}},
		"plain elsewhere": {market.Plain("Targhe"), "de", market.Said{Text: "Targhe", Lang: "it"}},
		"nothing":         {nil, "de", market.Said{}},
	} {
		if got := m.Say(c.words, c.lang); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if l, ok := m.LocaleOf("de"); !ok || l != "de-DE" {
		t.Errorf("German is %q", l)
	}
	for _, lang := range []string{"", "fr", "de-DE", "DE"} {
		if l, ok := m.LocaleOf(lang); ok {
			t.Errorf("%q is %q", lang, l)
		}
	}
	if m.Speak("de-DE") != "de-DE" || m.Speak("fr-FR") != "it-IT" || m.Speak("") != "it-IT" {
		t.Error("a market speaks what it does not, or not what it does")
	}
}

// Code from before reads the plain form; both forms come back as they were.
func TestWordingIsKeptInBothForms(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]market.Wording{`"Targhe"`: market.Plain("Targhe"), `""`: nil, `{"de":"Kennzeichen","it":"Targhe"}`: {"it": "Targhe", "de": "Kennzeichen"}} {
		raw, err := json.Marshal(w)
		if err != nil || string(raw) != want {
			t.Errorf("%v is kept as %s, %v", w, raw, err)
		}
		var back market.Wording
		if err := json.Unmarshal(raw, &back); err != nil || !maps.Equal(back, w) {
			t.Errorf("%s comes back as %v, %v", raw, back, err)
		}
	}
}

func TestSellerOfTheDay(t *testing.T) {
	t.Parallel()
	m := &market.Market{Sellers: []market.Entity{
		{As: market.ByMaker, From: "2025-01-01", Code: "all"},
		{As: market.ByMaker, From: "2025-06-01", Code: "all", Name: "renamed"},
		{As: market.ByMaker, Brand: "dacia", From: "2026-01-01", Code: "dacia"},
		{As: market.ByGroup, From: "2026-01-01", Code: "group"},
	}}
	for _, c := range []struct {
		as    string
		brand id.Brand
		day   market.Date
		want  string
	}{
		{"maker", "dacia", "2024-12-31", ""}, {"maker", "dacia", "2025-05-31", "all"}, {"maker", "dacia", "2025-12-31", "all renamed"},
		{"maker", "dacia", "2026-01-01", "dacia"}, {"maker", "renault", "2026-01-01", "all renamed"}, {"group", "dacia", "2026-01-01", "group"}, {"dealer", "dacia", "2026-01-01", ""},
	} {
		e, ok := m.SellerAt(c.as, c.brand, c.day)
		if got := strings.TrimSpace(e.Code + " " + e.Name); got != c.want || ok != (c.want != "") {
			t.Errorf("%s of %s on %s is %q", c.as, c.brand, c.day, got)
		}
	}
}
