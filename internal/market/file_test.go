package market_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

var demoMarkets = []string{"gb", "it", "fr", "de", "es", "ro"}

// leastFees are the mandatory lines a market must have; few where no tax falls due on a
// registration.
var leastFees = map[string]int{"gb": 4, "it": 4, "fr": 4, "de": 2, "ro": 3, "es": 4}

func readConfig(t *testing.T, path ...string) (string, []byte) {
	t.Helper()
	name := filepath.Join(append([]string{"..", "..", "config"}, path...)...)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return name, data
}

func demoMarket(t *testing.T, code string) *market.Market {
	t.Helper()
	name, data := readConfig(t, "markets", code+".yaml")
	m, problems := market.DecodeMarket(name, data)
	if len(problems) != 0 {
		t.Fatalf("%s:\n%v", code, filecheck.Problems(problems))
	}
	return m
}

func TestDemoMarkets(t *testing.T) {
	t.Parallel()
	for _, code := range demoMarkets {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			m := demoMarket(t, code)
			if string(m.Code) != code {
				t.Errorf("the file of %s describes %s", code, m.Code)
			}
			for _, name := range market.TextNames {
				if txt := m.TextAt(name, "2026-06-01"); len(txt.Body[""]) < 150 {
					t.Errorf("text %s in force on 1 June 2026 is too short: %q", name, txt.Body)
				}
			}
			for _, day := range []market.Date{"2026-01-01", "2026-12-31", "2027-06-01"} {
				if _, ok := m.TermsAt(id.FlowNew, day); !ok {
					t.Errorf("no terms for new cars on %s", day)
				}
				if len(m.FeesAt(day)) < leastFees[code] {
					t.Errorf("only %d mandatory lines on %s", len(m.FeesAt(day)), day)
				}
			}
		})
	}
}

func TestDemoMarketFigures(t *testing.T) {
	t.Parallel()
	for _, want := range []struct {
		code    string
		deposit int64
		button  bool
		vat     map[market.Date]int64
	}{
		{"gb", 100_00, false, map[market.Date]int64{"2011-01-03": 1750, "2011-01-04": 2000, "2026-11-22": 2000}},
		{"it", 500_00, true, map[market.Date]int64{"2013-09-30": 2100, "2013-10-01": 2200, "2026-11-22": 2200}},
		{"de", 400_00, true, map[market.Date]int64{"2020-06-30": 1900, "2020-07-01": 1600, "2020-12-31": 1600, "2021-01-01": 1900, "2026-11-22": 1900}},
		{"es", 300_00, true, map[market.Date]int64{"2012-08-31": 1800, "2012-09-01": 2100, "2026-11-22": 2100}},
		{"ro", 1500_00, true, map[market.Date]int64{"2025-07-31": 1900, "2025-08-01": 2100, "2026-11-22": 2100}},
		{"fr", 300_00, true, map[market.Date]int64{"2013-12-31": 1960, "2014-01-01": 2000, "2026-11-22": 2000}},
	} {
		t.Run(want.code, func(t *testing.T) {
			t.Parallel()
			m := demoMarket(t, want.code)
			terms, _ := m.TermsAt(id.FlowNew, "2026-11-22")
			if terms.DepositMinor != want.deposit || terms.OfferHours != 8 || terms.Seller != "dealer" || terms.HoldsMoney != "maker" || terms.Contract != "online" {
				t.Errorf("terms are %+v", terms)
			}
			if m.WithdrawalButton != want.button || m.WithdrawalDays != 14 {
				t.Errorf("withdrawal: button %v, %d days", m.WithdrawalButton, m.WithdrawalDays)
			}
			for day, bp := range want.vat {
				if got, ok := m.VATAt(day); !ok || got != bp {
					t.Errorf("VAT on %s is %d, want %d", day, got, bp)
				}
			}
		})
	}
}

func TestDemoFees(t *testing.T) {
	t.Parallel()
	malus := map[market.Date]market.Fee{}
	for _, day := range []market.Date{"2026-12-31", "2027-01-01"} {
		for _, f := range demoMarket(t, "fr").FeesAt(day) {
			switch f.Code {
			case "malus_co2":
				malus[day] = f
			case "malus_masse":
				if f.Pays("electric") || !f.Pays("petrol") {
					t.Error("electric cars do not pay the malus on mass, petrol cars do")
				}
			}
		}
	}
	if s := malus["2026-12-31"].Steps; s[0].Above != 107 || s[0].AmountMinor != 50_00 || s[len(s)-1].Above != 191 || s[len(s)-1].AmountMinor != 80_000_00 {
		t.Errorf("malus of 2026 runs from %+v to %+v", s[0], s[len(s)-1])
	}
	if s := malus["2027-01-01"].Steps; s[0].Above != 102 {
		t.Errorf("malus of 2027 starts above %d g", s[0].Above)
	}
	if n := len(demoMarket(t, "fr").AdMessages); n != 3 {
		t.Errorf("%d mobility messages", n)
	}
	for _, w := range demoMarket(t, "fr").AdMessages {
		msg := w[""]
		if !strings.HasSuffix(msg, "#SeDéplacerMoinsPolluer") {
			t.Errorf("message without its hashtag: %q", msg)
		}
	}
}

// Easter moves most of the moving holidays; it is computed here by another way than by hand.
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	n := h + l - 7*((a+11*h+22*l)/451) + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}

func TestDemoHolidays(t *testing.T) {
	t.Parallel()
	type shut struct {
		code, region string
		fromEaster   int
		want         bool
	}
	for _, c := range []shut{
		{"gb", "wales", -2, true}, {"gb", "england", 1, true}, {"gb", "scotland", 1, false},
		{"it", "mi", 0, true}, {"it", "mi", 1, true}, {"it", "mi", 50, false}, {"it", "bz", 50, true},
		{"fr", "bretagne", -2, false}, {"fr", "alsace-moselle", -2, true}, {"fr", "bretagne", 1, true},
		{"fr", "bretagne", 39, true}, {"fr", "bretagne", 50, true},
		{"de", "berlin", -2, true}, {"de", "berlin", 1, true}, {"de", "berlin", 39, true}, {"de", "berlin", 50, true},
		{"es", "madrid", -2, true}, {"es", "madrid", -3, true}, {"es", "catalunya", -3, false}, {"es", "catalunya", 1, true}, {"es", "madrid", 1, false},
		{"de", "berlin", 60, false}, {"de", "bayern", 60, true},
	} {
		m := demoMarket(t, c.code)
		for _, year := range []int{2026, 2027} {
			day := market.DateOf(easter(year).AddDate(0, 0, c.fromEaster))
			if m.IsHoliday(day, c.region) != c.want {
				t.Errorf("%s %s shut on %s: %v", c.code, c.region, day, !c.want)
			}
		}
	}
	for _, c := range []struct {
		code, region string
		day          market.Date
		want         bool
	}{
		{"gb", "scotland", "2027-01-04", true}, {"gb", "england", "2027-01-04", false}, {"gb", "england", "2026-12-28", true},
		{"gb", "northern-ireland", "2026-07-13", true}, {"gb", "scotland", "2026-08-31", false}, {"it", "mi", "2027-12-07", true},
		{"it", "rm", "2027-12-07", false}, {"it", "rm", "2027-10-04", true}, {"fr", "alsace-moselle", "2026-12-26", true}, {"fr", "corse", "2026-12-26", false},
		{"es", "catalunya", "2026-09-11", true}, {"es", "madrid", "2026-09-11", false}, {"es", "aragon", "2027-04-23", true},
		{"ro", "cluj", "2026-04-10", true}, {"ro", "cluj", "2026-04-13", true}, {"ro", "cluj", "2027-05-03", true}, {"ro", "cluj", "2027-03-29", false},
		{"de", "sachsen", "2026-11-18", true}, {"de", "sachsen", "2027-11-17", true}, {"de", "bayern", "2026-11-18", false}, {"de", "berlin", "2027-03-08", true},
	} {
		if demoMarket(t, c.code).IsHoliday(c.day, c.region) != c.want {
			t.Errorf("%s %s shut on %s: %v", c.code, c.region, c.day, !c.want)
		}
	}
}

func TestDemoBrandsAndManagers(t *testing.T) {
	t.Parallel()
	brands, problems := market.DecodeBrands(readConfig(t, "brands.yaml"))
	if len(problems) != 0 || len(brands) != 2 {
		t.Errorf("%d brands, problems:\n%v", len(brands), filecheck.Problems(problems))
	}
	people, problems := market.DecodeManagers(readConfig(t, "staff.yaml"))
	if len(problems) != 0 || len(people) < 5 {
		t.Errorf("%d people, problems:\n%v", len(people), filecheck.Problems(problems))
	}
}

// A brand is its lines in the file: a third one needs nothing else.
func TestBrandWithUnreadableColoursIsRefused(t *testing.T) {
	t.Parallel()
	_, data := readConfig(t, "brands.yaml")
	third := strings.NewReplacer("code: renault", "code: kestrel", "name: Renault", "name: Kestrel", "order: 2", "order: 3").
		Replace("  - code: renault" + strings.SplitN(string(data), "  - code: renault", 2)[1])
	brands, problems := market.DecodeBrands("brands.yaml", append(data, third...))
	if len(problems) > 0 || len(brands) != 3 || brands[2].Colours.Light["accent"] != "#f2e11c" {
		t.Fatalf("%d brands, problems: %v", len(brands), problems)
	}
	for _, x := range []struct{ old, new, want string }{
		{`ink: "#141416"`, `ink: "#9a9a9f"`, "Kestrel, light: ink #9a9a9f on bg #f4f4f5 has a contrast of 2.5"},
		{`        quiet: "#57575e"` + "\n", "", "Kestrel, light: quiet is missing"},
		{`focus: "#2459d6"`, `focus: blue`, `Kestrel, light: focus can not be "blue"; write it like #1a2b3c`},
		{`focus: "#2459d6"`, "focus: \"#2459d6\"\n        glow: \"#fff\"", `Kestrel, light: there is no colour "glow"`},
		{"code: kestrel", "code: forecourt", "code forecourt is the house's own"},
		{"    colours:", "    colors:", "colours is missing"},
	} {
		_, problems := market.DecodeBrands("brands.yaml", append(data, strings.Replace(third, x.old, x.new, 1)...))
		if len(problems) == 0 || !strings.Contains(fmt.Sprint(problems), x.want) {
			t.Errorf("%s: want %q, have %v", x.new, x.want, problems)
		}
		for _, p := range problems {
			if p.Line < strings.Count(string(data), "\n") {
				t.Errorf("%s: line %d is not the brand's: %s", x.new, p.Line, p.Reason)
			}
		}
	}
}
