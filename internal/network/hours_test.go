package network_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"forecourt/internal/market"
	"forecourt/internal/network"
)

func span(opens, closes string) network.Span { return network.Span{Opens: opens, Closes: closes} }

func everyWeekday(spans ...network.Span) network.Week {
	w := network.Week{}
	for _, d := range []string{"mon", "tue", "wed", "thu", "fri"} {
		w[d] = spans
	}
	return w
}

// leeds opens on six days without a break, and in the middle of Sunday.
func leeds(region string) *network.Dealer {
	w := everyWeekday(span("08:30", "18:00"))
	w["sat"] = []network.Span{span("09:00", "17:00")}
	w["sun"] = []network.Span{span("10:30", "16:30")}
	return &network.Dealer{Code: "gb-leeds", Region: region, TimeZone: "Europe/London", Hours: w}
}

// torino has a long break at noon and is shut on Sunday.
func torino() *network.Dealer {
	w := everyWeekday(span("08:30", "12:30"), span("14:30", "19:00"))
	w["sat"] = []network.Span{span("09:00", "12:30")}
	return &network.Dealer{Code: "it-torino", Region: "to", TimeZone: "Europe/Rome", Hours: w}
}

func local(t *testing.T, d *network.Dealer, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, d.Zone())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAddOpenTime(t *testing.T) {
	t.Parallel()
	england, scotland, italian := leeds("england"), leeds("scotland"), torino()
	for name, c := range map[string]struct {
		market string
		dealer *network.Dealer
		from   string
		open   time.Duration
		want   string
	}{
		"within a day":                         {"gb", england, "2026-06-02 09:00", 8 * time.Hour, "2026-06-02 17:00"},
		"over the night":                       {"gb", england, "2026-06-02 16:00", 8 * time.Hour, "2026-06-03 14:30"},
		"asked at night":                       {"gb", england, "2026-06-02 23:15", 8 * time.Hour, "2026-06-03 16:30"},
		"over Sunday's own hours":              {"gb", england, "2026-06-06 15:00", 9 * time.Hour, "2026-06-08 09:30"},
		"over Good Friday":                     {"gb", england, "2026-04-02 16:00", 8 * time.Hour, "2026-04-04 15:00"},
		"over Easter Monday in England":        {"gb", england, "2026-04-04 15:00", 8 * time.Hour, "2026-04-07 14:30"},
		"Easter Monday is a day in Scotland":   {"gb", scotland, "2026-04-04 15:00", 8 * time.Hour, "2026-04-06 14:30"},
		"over Christmas and its substitute":    {"gb", england, "2026-12-24 17:00", 8 * time.Hour, "2026-12-29 09:30"},
		"over lunch":                           {"it", italian, "2026-05-04 12:00", 8 * time.Hour, "2026-05-05 11:30"},
		"asked at lunch":                       {"it", italian, "2026-05-04 13:00", time.Hour, "2026-05-04 15:30"},
		"ends when lunch begins":               {"it", italian, "2026-05-05 08:30", 4 * time.Hour, "2026-05-05 12:30"},
		"over a weekend":                       {"it", italian, "2026-05-09 11:30", 2 * time.Hour, "2026-05-11 09:30"},
		"over the town's own saint":            {"it", italian, "2026-06-23 18:00", 2 * time.Hour, "2026-06-25 09:30"},
		"over the night into summer, London":   {"gb", england, "2026-03-28 16:00", 2 * time.Hour, "2026-03-29 11:30"},
		"over the night into winter, London":   {"gb", england, "2026-10-24 16:00", 2 * time.Hour, "2026-10-25 11:30"},
		"over the weekend into summer, Rome":   {"it", italian, "2026-03-28 12:00", time.Hour, "2026-03-30 09:00"},
		"over the weekend into winter, Rome":   {"it", italian, "2026-10-24 12:00", time.Hour, "2026-10-26 09:00"},
		"nothing, asked while open":            {"gb", england, "2026-06-02 09:00", 0, "2026-06-02 09:00"},
		"nothing, asked at night: the morning": {"gb", england, "2026-06-02 23:00", 0, "2026-06-03 08:30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, from := demoMarket(t, c.market), local(t, c.dealer, c.from)
			got, want := c.dealer.AddOpenTime(m, from, c.open), local(t, c.dealer, c.want)
			if !got.Equal(want) {
				t.Errorf("got %s, want %s", got.In(c.dealer.Zone()), want)
			}
			if sum := c.dealer.OpenTimeBetween(m, from, got); sum != c.open {
				t.Errorf("the time between sums up to %s, want %s", sum, c.open)
			}
			if back := c.dealer.OpenTimeBetween(m, got, from); back != -c.open {
				t.Errorf("backwards it sums up to %s, want %s", back, -c.open)
			}
		})
	}
}

func TestDaysOfTheClockChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		market, zone, day string
		want              time.Duration
	}{
		{"gb", "Europe/London", "2026-03-22", 5 * time.Hour}, {"gb", "Europe/London", "2026-03-29", 4 * time.Hour}, {"gb", "Europe/London", "2026-10-25", 6 * time.Hour},
		{"it", "Europe/Rome", "2026-03-22", 5 * time.Hour}, {"it", "Europe/Rome", "2026-03-29", 4 * time.Hour}, {"it", "Europe/Rome", "2026-10-25", 6 * time.Hour},
	} {
		night := &network.Dealer{TimeZone: c.zone, Hours: network.Week{"sun": {span("00:30", "04:30"), span("10:00", "11:00")}}}
		m, from := demoMarket(t, c.market), local(t, night, c.day+" 00:00")
		if got := night.OpenTimeBetween(m, from, from.AddDate(0, 0, 1)); got != c.want {
			t.Errorf("%s on %s is open for %s, want %s", c.zone, c.day, got, c.want)
		}
		end := night.AddOpenTime(m, from, c.want-30*time.Minute)
		if want := local(t, night, c.day+" 10:30"); !end.Equal(want) {
			t.Errorf("%s on %s: got %s, want %s", c.zone, c.day, end, want)
		}
	}
}

func TestADealerWhoNeverOpensStillHasADeadline(t *testing.T) {
	t.Parallel()
	shut, m := &network.Dealer{TimeZone: "Europe/London"}, demoMarket(t, "gb")
	from := local(t, shut, "2026-06-02 09:00")
	if got := shut.AddOpenTime(m, from, 8*time.Hour); !got.Equal(from.Add(8 * time.Hour)) {
		t.Errorf("got %s", got)
	}
	if got := shut.OpenTimeBetween(m, from, from.AddDate(0, 1, 0)); got != 0 {
		t.Errorf("open for %s", got)
	}
}

// What is added is what lies between, for every demo dealer and any instant of two years.
func TestOpenTimeAddsUp(t *testing.T) {
	t.Parallel()
	for i, code := range demoMarkets {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			m, dealers := demoMarket(t, code), demoDealers(t, code)
			dice := rand.New(rand.NewPCG(2026, uint64(i)))
			start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			for range 2000 {
				d := &dealers[dice.IntN(len(dealers))]
				from := start.Add(time.Duration(dice.Int64N(700*24*3600)) * time.Second)
				a := time.Duration(dice.Int64N(40*3600)) * time.Second
				b := time.Duration(1+dice.Int64N(40*3600)) * time.Second
				addsUp(t, m, d, from, a, b)
			}
		})
	}
}

func addsUp(t *testing.T, m *market.Market, d *network.Dealer, from time.Time, a, b time.Duration) {
	t.Helper()
	mid := d.AddOpenTime(m, from, a)
	if got := d.OpenTimeBetween(m, from, mid); got != a {
		t.Fatalf("%s from %s: between %s, want %s", d.Code, from, got, a)
	}
	end := d.AddOpenTime(m, mid, b)
	if once := d.AddOpenTime(m, from, a+b); !once.Equal(end) {
		t.Fatalf("%s from %s: %s and %s end %s, at once %s", d.Code, from, a, b, end, once)
	}
	for _, s := range d.SpansOn(m, end) {
		if !end.Before(s[0]) && !end.After(s[1]) {
			return
		}
	}
	t.Fatalf("%s: the deadline %s lies in no opening span", d.Code, end.In(d.Zone()))
}
