package dealer

import (
	"context"
	"strconv"
	"time"
	"unicode/utf8"

	"forecourt/internal/allocation"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// Deferral is the dealer's word that a car may go before it is paid: what stands, and the form for a new one.
type Deferral struct {
	May     bool // the reader may give it now
	Refused bool // the form lies open, with what was typed
	Amount  money.Money
	First   string // days of the form: "2026-11-29"
	Last    string
	LastDay string // in words
	Reasons []string
	Why     string // as typed, like Day and Note
	Day     string
	Note    string

	Stands bool // it lets all that is open stay open
	Over   bool // its day has passed and money is still open
	Until  string
	Let    money.Money // what was open when it was given
	Reason string      // in words
	By     string
	When   string
	Said   string // the note of that word
	From   string // the page that the form is on
}

// Given tells whether anybody ever gave a word.
func (d Deferral) Given() bool { return d.Until != "" }

// deferral reads what stands of an order, and whether the reader may let its rest open.
func (s site) deferral(p Page, v *allocation.OrderView, m MoneyView) (Deferral, error) {
	today := world.Today(s.market, s.now)
	last := today.Plus(sale.DeferDays)
	out := Deferral{Amount: m.Owed, First: string(today), Last: string(last), LastDay: legal(p, string(last)), Reasons: ordering.DeferReasons, Let: m.Owed}
	d, err := ordering.DeferralFromJSON(v.Deferral)
	if err != nil {
		return out, err
	}
	ready := v.OrderState == string(ordering.Ready) && v.EntryState == allocation.Accepted
	if d != nil {
		open := m.Owed.Minor > 0
		out.Stands = open && (!ready || d.Covers(m.Owed.Minor, string(today)))
		out.Over = open && string(today) > d.DueOn
		out.Until, out.Let, out.Said = legal(p, d.DueOn), d.Amount(), d.Note
		out.Reason, out.By, out.When = p.T("defer.reason."+d.Reason), v.DeferredBy, p.When(d.At)
	}
	out.May = ready && m.Owed.Minor > 0 && m.Pending.Minor == 0 && !out.Stands && p.May(string(identity.DealerDefer))
	return out, nil
}

// legal writes a day of law; noon is the same day in every zone of a market.
func legal(p Page, d string) string {
	return p.Date(market.Date(d).Time(time.UTC).Add(12 * time.Hour))
}

// keep shows again what was typed.
func (d *Deferral) keep(f *web.Form) {
	if !f.Has("owed") {
		return
	}
	d.Refused, d.Why, d.Day, d.Note, d.From = true, f.Value("why"), f.Value("day"), f.Value("defer_note"), f.Value("from")
}

// deferRest writes down that the rest may stay open. The form names the sum that its reader saw.
func (h *Handlers) deferRest(c echo.Context) error {
	check := func(_ site, _ Page, f *web.Form) {
		if f.Value("why") == "" {
			f.Reject("why", sale.ErrDeferReason.Key)
		}
		if !market.Date(f.Value("day")).Valid() {
			f.Reject("day", sale.ErrDeferDay.Key)
		}
		if utf8.RuneCountInString(f.Value("defer_note")) > sale.LongestDeferNote {
			f.Reject("defer_note", sale.ErrDeferNote.Key)
		}
	}
	return h.act(c, deed{name: "defer", check: check, again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		seen, err := strconv.ParseInt(f.Value("owed"), 10, 64)
		if err != nil {
			return "", sale.ErrDeferAmount
		}
		to := orderURL(number, "deferred")
		if f.Value("from") == "handover" {
			to = "/dealer/orders/" + number + "/handover?done=deferred"
		}
		return to, h.cars.DeferTx(ctx, tx, s.staff(), number, sale.Deferral{Reason: f.Value("why"), AmountMinor: seen, DueOn: market.Date(f.Value("day")), Note: f.Value("defer_note")})
	}})
}
