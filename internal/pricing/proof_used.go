package pricing

import (
	"net/url"
	"strconv"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"
)

// UsedFacts are what the price of a used car that was shown depends on: which of the car's prices it was, by when it began, and
// what was shown beside it. The prices are kept, so anybody can look it up again.
type UsedFacts struct {
	Brand  id.Brand
	Market id.Market
	Car    id.UsedCar
	Day    market.Date // on which it was shown
	Since  time.Time   // when this price began, to the microsecond
	Total  money.Money
	Prior  int64 // the lowest price of the thirty days before the cut, in minor units, where it stood beside; else 0
}

// Query writes the facts for the address of the page that looks a price up again.
func (f UsedFacts) Query() url.Values {
	n := func(n int64) []string { return []string{strconv.FormatInt(n, 10)} }
	return url.Values{"car": {string(f.Car)}, "day": {string(f.Day)}, "since": n(f.Since.UnixMicro()), "prior": n(f.Prior), "total": n(f.Total.Minor)}
}

// ParseUsedFacts reads what Query wrote, for a shop. It knows the form only.
func ParseUsedFacts(b id.Brand, m *market.Market, q url.Values) (UsedFacts, error) {
	f := UsedFacts{Brand: b, Market: m.Code, Car: id.UsedCar(q.Get("car")), Day: market.Date(q.Get("day"))}
	since, errSince := strconv.ParseInt(q.Get("since"), 10, 64)
	prior, errPrior := strconv.ParseInt(q.Get("prior"), 10, 64)
	total, errTotal := strconv.ParseInt(q.Get("total"), 10, 64)
	if errSince != nil || errPrior != nil || errTotal != nil || since <= 0 || prior < 0 || total <= 0 || !f.Day.Valid() || len(f.Car) == 0 || len(f.Car) > mostCar {
		return UsedFacts{}, ErrProof
	}
	f.Since, f.Prior, f.Total = time.UnixMicro(since).UTC(), prior, m.Amount(total)
	return f, nil
}

// mostCar bounds the number of a car in an address.
const mostCar = 20

// UsedCode is the code of a used car's price, in groups of four.
func (s Signer) UsedCode(f UsedFacts) string {
	n := func(n int64) string { return strconv.FormatInt(n, 10) }
	return s.code("used", string(f.Brand), string(f.Market), string(f.Car), string(f.Day), n(f.Since.UnixMicro()), n(f.Prior), string(f.Total.Currency), n(f.Total.Minor))
}

// ProvesUsed tells whether a code, as people type it, is that of the facts.
func (s Signer) ProvesUsed(code string, f UsedFacts) bool { return same(code, s.UsedCode(f)) }
