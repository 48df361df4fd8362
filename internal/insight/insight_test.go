package insight_test

import (
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/insight"
	"forecourt/internal/web/webtest"
)

const leeds id.Dealer = "gb-leeds-northgate"

var shop = insight.Shop{Brand: "dacia", Market: "gb", Flow: id.FlowNew}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func figures(t *testing.T, h *webtest.House, name string, now time.Time) *insight.Figures {
	t.Helper()
	all, err := insight.Console(h.DB.Read(t.Context()), []insight.Place{{Market: "gb", Zone: zone(t, name)}}, []insight.Shop{shop}, now)
	if err != nil {
		t.Fatal(err)
	}
	return all[shop]
}

// TestDaysFollowTheMarketsClock: the same instant is another day elsewhere, and a day on which the
// clocks change is one day.
func TestDaysFollowTheMarketsClock(t *testing.T) {
	t.Parallel()
	h := webtest.New(t)
	late := time.Date(2026, 10, 24, 22, 30, 0, 0, time.UTC) // Saturday in UTC, Saturday 23:30 in London, Sunday in Rome
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", At: late, Captured: 10_000})
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", At: late.Add(25 * time.Hour), Captured: 10_000}) // Sunday of 25 hours
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "checkout", At: late})                                       // never counts
	now := time.Date(2026, 10, 26, 12, 0, 0, 0, time.UTC)
	for name, want := range map[string][3]int{"Europe/London": {1, 1, 0}, "Europe/Rome": {0, 1, 1}} {
		f := figures(t, h, name, now)
		if len(f.Days) != insight.Window {
			t.Fatalf("%d days", len(f.Days))
		}
		for i, n := range want {
			d := f.Days[insight.Window-3+i]
			if d.Orders != n || d.CardMinor != int64(n)*10_000 {
				t.Errorf("%s, %s: %d orders, %d; want %d", name, d.Date.Format(time.DateOnly), d.Orders, d.CardMinor, n)
			}
		}
	}
}

func TestWhatLeavesTheWindowIsGone(t *testing.T) {
	t.Parallel()
	h := webtest.New(t)
	now := h.Clock.Now()
	for _, days := range []int{0, 13, 14, 40} {
		h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", At: now.AddDate(0, 0, -days), Captured: 1_000, Refunded: days == 13})
	}
	f := figures(t, h, "Europe/London", now)
	if f.Orders() != 2 || f.Days[0].Orders != 1 || f.Today().Orders != 1 {
		t.Errorf("%d orders, first day %d, today %d", f.Orders(), f.Days[0].Orders, f.Today().Orders)
	}
	if f.Days[0].CardMinor != 0 || f.Today().CardMinor != 1_000 {
		t.Errorf("a refund does not count against its capture: %d, today %d", f.Days[0].CardMinor, f.Today().CardMinor)
	}
}

func TestQueueAges(t *testing.T) {
	t.Parallel()
	h := webtest.New(t)
	now := h.Clock.Now()
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "offered", Queue: "offered", At: now.Add(-3 * time.Hour), Due: now})
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "offered", Queue: "offered", At: now.Add(-2 * time.Hour), Due: now.Add(time.Second)})
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", Queue: "accepted", At: now.Add(-90 * time.Hour)})
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "checkout"})
	f := figures(t, h, "Europe/London", now)
	if f.Waiting != 2 || f.Overdue != 1 || !f.Oldest.Equal(now.Add(-3*time.Hour)) || f.Booked != 3 || f.Checkout != 1 {
		t.Errorf("%+v", f)
	}
}

func TestNobodyAsksForEverything(t *testing.T) {
	t.Parallel()
	h := webtest.New(t)
	h.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "offered", Queue: "offered"})
	g := h.DB.Read(t.Context())
	all, err := insight.Console(g, nil, nil, h.Clock.Now())
	if err != nil || len(all) != 0 {
		t.Errorf("figures without a market: %v, %v", all, err)
	}
	orders, err := insight.Orders(g, insight.OrderFilter{Limit: 10}, h.Clock.Now())
	if err != nil || len(orders) != 0 {
		t.Errorf("orders without a market: %v, %v", orders, err)
	}
	acts, err := insight.Acts(g, nil, false, 10)
	if err != nil || len(acts) != 0 {
		t.Errorf("acts without a market: %v, %v", acts, err)
	}
	feed, err := insight.Feed(g, "", "", 10)
	if err != nil || len(feed) != 0 {
		t.Errorf("a feed without a dealer: %v, %v", feed, err)
	}
}
