package aftersales

import (
	"forecourt/internal/market"
)

// WithdrawalRule is how long a line can be given back; its words are service.withdrawal.<code>.
type WithdrawalRule string

// The rules. Goods: so many days after they were handed over. A service: so many days after the contract, and no longer than until
// it is wholly done where the customer asked for it to begin at once and knew that (Directive 2011/83/EU, art. 16(a); in Great
// Britain S.I. 2013/3134, reg. 36). Fitted goods are part of such a service. What is free is not sold.
const (
	WithdrawGoods   WithdrawalRule = "goods"
	WithdrawFitted  WithdrawalRule = "fitted"
	WithdrawService WithdrawalRule = "service"
	WithdrawFree    WithdrawalRule = "free"
)

// Until is the last day on which a line can be given back; false when it can not, or not any more. contract is the day of the
// contract, delivered that on which goods were handed over and done that on which the work was wholly done: empty before it was.
func (w WithdrawalRule) Until(m *market.Market, contract, delivered, done market.Date) (market.Date, bool) {
	switch w {
	case WithdrawGoods:
		if delivered == "" { // the time has not begun: it can be given back whenever it comes
			return "", true
		}
		return after(delivered, m.WithdrawalDays), true
	case WithdrawFitted, WithdrawService:
		if done != "" {
			return "", false
		}
		return after(contract, m.WithdrawalDays), true
	}
	return "", false
}
