package dealer

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// longestReference bounds what the desk writes down beside a payment.
const longestReference = 60

// recordPayment writes down money taken at the desk.
func (h *Handlers) recordPayment(c echo.Context) error {
	var minor int64
	check := func(s site, p Page, f *web.Form) {
		var err error
		if minor, err = web.ParseAmount(p.P, f.Value("amount"), p.Symbol(s.market.Currency)); err != nil {
			f.Reject("amount", web.AmountKey(err))
		}
		if !slices.Contains(payment.DeskMeans, payment.Means(f.Value("means"))) {
			f.Reject("means", "pay.means")
		}
		if utf8.RuneCountInString(f.Value("reference")) > longestReference {
			f.Reject("reference", "pay.reference")
		}
	}
	return h.act(c, deed{name: "payment", check: check, again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		err := h.cars.RecordDeskTx(ctx, tx, s.staff(), number, payment.Means(f.Value("means")), minor, f.Value("reference"))
		return orderURL(number, "paid"), err
	}})
}

// confirmReturn is the desk's word that money taken there was given back.
func (h *Handlers) confirmReturn(c echo.Context) error {
	key := c.Param("payment")
	if !id.IsKey(key) {
		return web.ErrNotFound
	}
	return h.act(c, deed{name: "return " + key, again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) (string, error) {
		v, err := allocation.OrderAt(tx.DB, s.dealer.Code, number)
		if err != nil {
			return "", err
		}
		at := slices.IndexFunc(v.Payments, func(m allocation.Movement) bool { return string(m.ID) == key })
		if at < 0 {
			return "", web.ErrNotFound
		}
		to := s.in("/dealer?done=returned")
		if v.BackMinor > v.Payments[at].BackMinor() {
			to = orderURL(number, "returned")
		}
		return to, h.cars.DeskReturnedTx(ctx, tx, s.staff(), id.Payment(key))
	}})
}

// takeBack writes down how a car came back whose buyer withdrew.
func (h *Handlers) takeBack(c echo.Context) error {
	var km int
	var damage int64
	check := func(s site, p Page, f *web.Form) {
		var ok bool
		if km, ok = readKm(f.Value("odometer"), s.unit()); !ok {
			f.Reject("odometer", "dealer.odometer_back")
		}
		if f.Value("damage") != "" {
			var err error
			if damage, err = web.ParseAmount(p.P, f.Value("damage"), p.Symbol(s.market.Currency)); err != nil && !errors.Is(err, web.ErrNought) { // a nought says that there is none
				f.Reject("damage", web.ErrAmount.Key)
			}
		}
		if n := utf8.RuneCountInString(f.Value("note")); n > 500 || damage > 0 && n == 0 {
			f.Reject("note", sale.ErrNote.Key)
		}
	}
	return h.act(c, deed{name: "take_back", check: check, again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		err := h.cars.TakeBackTx(ctx, tx, s.staff(), number, sale.TakeBack{OdometerKm: km, DamageMinor: damage, DamageNote: f.Value("note")})
		return orderURL(number, "taken_back"), err
	}})
}

// confirmInterest is the desk's word that what the law added was paid to the buyer.
func (h *Handlers) confirmInterest(c echo.Context) error {
	return h.act(c, deed{name: "interest", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) (string, error) {
		return s.in("/dealer?done=returned"), h.cars.InterestPaidTx(ctx, tx, s.staff(), number)
	}})
}
