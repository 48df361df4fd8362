package storefront

import (
	"strconv"

	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// UsedBack reckons before the purchase what giving the car back would cost, by the very rule that counts when it comes back.
type UsedBack struct {
	Intro    string
	Days, Km string // as typed
	Unit     string // the label of the distance
	Said     string // the answer; empty while nothing is asked
	Over     bool   // it is too late by then
	Rows     []Fact
	Errors   web.FieldErrors
}

// most that is reckoned with: beyond, nobody gives anything back.
const (
	mostBackDays = 365
	mostBackKm   = 200_000
)

// giveBack fills the calculator, and answers what the address asks. False when what was typed is no figure.
func (p *UsedCarPage) giveBack(c echo.Context, s *shop) bool {
	price := p.Price
	terms := s.market.LeavingAt(s.day)
	unit := "used.back.km"
	if s.market.Miles() {
		unit = "used.back.mi"
	}
	b := &UsedBack{Intro: p.T("used.back.intro", "Days", s.market.WithdrawalDays, "Free", p.Distance(terms.FreeKm*1000)), Unit: p.T(unit), Days: web.CleanLine(c.QueryParam("back_days")), Km: web.CleanLine(c.QueryParam("back_km"))}
	p.Back = b
	if b.Days == "" && b.Km == "" {
		return true
	}
	read := func(field, typed string, most int) int {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 0 || n > most {
			if b.Errors.Keys == nil {
				b.Errors.Keys = map[string]string{}
			}
			b.Errors.Keys[field], b.Errors.Order = "used.back.bad", append(b.Errors.Order, field)
		}
		return n
	}
	days, driven := read("back_days", b.Days, mostBackDays), read("back_km", b.Km, mostBackKm)
	if b.Errors.Any() {
		return false
	}
	r := sale.ForeseenReturn(price, s.market, s.now, days, sale.Worn{DrivenKm: s.market.Km(driven)})
	if b.Over = r.Rule != sale.LeaveWithdraw; b.Over {
		b.Said = p.T("used.back.over", "Days", s.market.WithdrawalDays)
		return true
	}
	b.Said = p.T("used.back.said", "Amount", p.Money(r.Back))
	b.Rows = []Fact{{p.T("used.back.price"), p.Money(price)}, {p.T("used.back.use"), p.Delta(r.Kept.Neg())}}
	return true
}
