package aftersales

import (
	"sync"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
)

// opening is one day of a site: the quarters in which it is open, and those with which a slot may begin.
type opening struct{ all, starts day128 }

// open reckons a day from hours, plans and holidays.
func open(d *network.Dealer, m *market.Market, w *workday) (o opening) {
	for _, s := range d.SpansOn(m, w.noon) {
		from, to := w.quarterUp(s[0]), w.quarter(s[1])
		o.all = o.all.or(span(from, to))
		for q := from; q < to; q += stepQuarters {
			o.starts = o.starts.or(span(q, q+1))
		}
	}
	return o
}

// openDays keeps the days of a site as long as its picture is the same: sixty days of two hundred sites are twelve thousand, and
// each asks plans, holidays and clock. A dealer of a picture never changes; a new picture has another one.
type openDays struct {
	mu     sync.Mutex
	dealer *network.Dealer
	market *market.Market
	days   map[int64]opening
}

var (
	openMu    sync.Mutex
	openSites = map[id.Dealer]*openDays{}
)

// mostOpenDays of a site are kept: those of a search, and some that were asked for apart.
const mostOpenDays = 4 * MostDays

// openings are those of all days of a calendar.
func openings(d *network.Dealer, m *market.Market, c *calendar) []opening {
	openMu.Lock()
	k := openSites[d.Code]
	if k == nil {
		k = &openDays{}
		openSites[d.Code] = k
	}
	openMu.Unlock()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dealer != d || k.market != m || len(k.days) > mostOpenDays {
		k.dealer, k.market, k.days = d, m, map[int64]opening{}
	}
	out := make([]opening, len(c.days))
	for i, w := range c.days {
		o, ok := k.days[w.base]
		if !ok {
			o = open(d, m, w)
			k.days[w.base] = o
		}
		out[i] = o
	}
	return out
}
