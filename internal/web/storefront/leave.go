package storefront

import (
	"time"

	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"
)

// Leave is the box "if I cancel now": what comes back, by when, under which rule.
type Leave struct {
	Title    string
	Headline string
	Text     string
	Rule     string
	Law      string // what the law adds when it is late; empty where it adds nothing
	Parts    []string
	Loss     *Loss
	ActURL   string // of the page on which to leave; empty when there is nothing to leave
	Act      string
	LegalURL string
}

// Loss says beforehand how use and damage are counted.
type Loss struct{ Title, Text, Example string }

// leaveTerms says what leaving gives back. It only words what the flow counts and later pays.
func leaveTerms(b web.Base, o *openOrder) *Leave {
	r := o.refund(sale.Worn{})
	l := &Leave{Title: b.T("checkout.check.leave"), LegalURL: o.shop.path() + "/legal/withdrawal"}
	args := o.leaveArgs(b, r)
	switch r.Rule {
	case sale.LeaveUnpaid:
		l.Headline, l.Text = b.T("order.leave.nothing"), b.T("order.leave.nothing_text")
	case sale.LeaveReserved:
		l.Headline, l.Text = b.T("order.leave.released", "Amount", b.Money(r.Released)), b.T("order.leave.released_text")
	case sale.LeaveCancel:
		l.Headline, l.Text = b.T("order.leave.back", "Amount", b.Money(r.Back)), b.T("order.leave.back_text", args...)
	case sale.LeaveWithdraw, sale.LeaveReturning:
		l.Headline, l.Text = b.T("order.leave.back", "Amount", b.Money(r.Back)), b.T("order.leave."+string(r.Rule)+"_"+dated(r), args...)
		l.Loss = lossOf(b, o.shop.market, o.Order)
	default:
		return o.afterLeaving(b, l, r, args)
	}
	l.Rule = ruleOf(b, r, args)
	l.Law = o.law(b, r.By)
	l.Parts = partWords(b, o, r)
	switch {
	case r.Rule == sale.LeaveWithdraw:
		l.ActURL, l.Act = o.url()+"/withdraw", withdrawHere(b)
	case r.Can():
		l.ActURL, l.Act = o.url()+"/cancel", b.T("order.cancel.link")
	case r.Rule == sale.LeaveReturning:
		l.Title = b.T("order.leave.title_back")
	}
	return l
}

// foreseen says before the order what leaving it would give back, counted as if all went on today.
func foreseen(b web.Base, s *shop, deposit, total money.Money, takenNow bool) *Leave {
	reserved, taken := sale.Foreseen(deposit, s.market, s.now)
	text := "checkout.check.leave_text"
	if takenNow {
		text = "checkout.check.leave_taken"
	}
	return &Leave{Title: b.T("checkout.check.leave"), Headline: b.T("checkout.check.leave_now", "Nothing", b.MoneyShort(s.market.Amount(0))),
		Text: b.T(text, "Deposit", b.MoneyShort(reserved.Released), "Back", b.MoneyShort(taken.Back), "By", day(b, taken.By)),
		Rule: b.T("checkout.check.leave_after", "Days", s.market.WithdrawalDays, "Refund", s.market.RefundDays),
		Loss: lossOf(b, s.market, &ordering.Order{CreatedAt: s.now, Currency: total.Currency, TotalMinor: total.Minor}), LegalURL: s.path() + "/legal/withdrawal"}
}

// refund is what leaving gives back now.
func (o *openOrder) refund(w sale.Worn) sale.Refund {
	return sale.RefundOf(o.Order, o.payments, o.shop.market, o.shop.now, o.leaving, w)
}

func (o *openOrder) leaveArgs(b web.Base, r sale.Refund) []any {
	return []any{"By", day(b, r.By), "Until", day(b, r.Until), "Bring", day(b, r.BringBy), "Dealer", o.dealerName(),
		"Days", o.Snapshot.LeaveDays, "Refund", o.shop.market.RefundDays}
}

// dated tells a refund whose last day is known from one whose days begin to count when the car is back: it is
// one rule for a market, before the buyer says the word and after.
func dated(r sale.Refund) string {
	if r.FromCar || r.By == "" {
		return "after"
	}
	return "by"
}

func ruleOf(b web.Base, r sale.Refund, args []any) string {
	key := "order.leave.rule." + string(r.Rule)
	if r.Rule == sale.LeaveWithdraw || r.Rule == sale.LeaveReturning {
		key = "order.leave.rule.withdraw_" + dated(r)
	}
	return b.T(key, args...)
}

// day writes a day of law; noon is the same day in every zone of a market.
func day(b web.Base, d market.Date) string {
	if d == "" {
		return ""
	}
	return b.Date(d.Time(time.UTC).Add(12 * time.Hour))
}

// afterLeaving tells of an order that is over: what is on its way back and by when, or that the time to withdraw has
// ended. Nil when there is nothing to tell.
func (o *openOrder) afterLeaving(b web.Base, l *Leave, r sale.Refund, args []any) *Leave {
	v := o.leaving
	if o.State == ordering.HandedOver && o.Snapshot.LeaveDays > 0 {
		l.Title, l.Headline, l.Text = b.T("order.leave.title_over"), day(b, r.Until), b.T("order.leave.over_text", args...)
		return l
	}
	if v == nil {
		return nil
	}
	c := o.Currency
	due := market.Date(v.DueOn)
	amount := b.Money(money.Of(v.OwedMinor, c))
	l.Title, l.Headline = b.T("order.leave.title_back"), b.T("order.leave.back", "Amount", amount)
	switch {
	case v.OwedMinor == 0 && v.KeptMinor == 0:
		return nil
	case !v.SettledAt.IsZero():
		l.Text = b.T("order.leave.settled_text", "Day", b.Date(v.SettledAt))
	default:
		l.Text = b.T("order.leave.due_text", "By", day(b, due))
		l.Law = o.law(b, due)
	}
	if v.KeptMinor > 0 {
		l.Rule = b.T("order.leave.kept_text", "Kept", b.Money(money.Of(v.KeptMinor, c)), "Driven", b.Distance(int64(v.DrivenKm)*1000),
			"Use", b.Money(money.Of(v.UseMinor, c)), "Damage", b.Money(money.Of(v.DamageMinor, c)))
		if v.DamageNote != "" {
			l.Rule += " " + b.T("order.leave.damage_text", "Note", sentence(v.DamageNote))
		}
	}
	if v.InterestMinor > 0 {
		l.Law = b.T("order.leave.interest_text", "Amount", b.Money(money.Of(v.InterestMinor, c)))
	}
	return l
}

// law says what the law adds to money that is late; how much it is by now, when it is.
func (o *openOrder) law(b web.Base, due market.Date) string {
	if due == "" || len(o.shop.market.LeavingAt(due).Late.Steps) == 0 {
		return ""
	}
	if o.leaving != nil && o.leaving.DueOn == string(due) && o.leaving.SettledAt.IsZero() {
		if added := sale.LateOf(o.leaving, o.Order, o.leaving.OwedMinor, o.shop.market, o.shop.day); added > 0 {
			return b.T("order.leave.late_now", "Amount", b.Money(money.Of(added, o.Currency)))
		}
	}
	return b.T("order.leave.late_law")
}

// partWords say how each payment comes back.
func partWords(b web.Base, o *openOrder, r sale.Refund) []string {
	var out []string
	for _, p := range r.Parts {
		out = append(out, b.T("order.leave.part."+string(p.Way), "Amount", b.Money(p.Back), "Means", b.T("pay.means."+string(p.Payment.Means)), "Dealer", o.dealerName()))
	}
	return out
}

// exampleKm is how far the example of the loss in value drives.
const exampleKm = 600

// lossOf tells how the loss in value is counted, with an example for this price; nil where nothing is kept.
func lossOf(b web.Base, mk *market.Market, o *ordering.Order) *Loss {
	t := mk.LeavingAt(market.DateOf(o.CreatedAt.In(mk.Zone())))
	if t.LifeKm == 0 {
		return nil
	}
	m := func(minor int64) string { return b.Money(money.Of(minor, o.Currency)) }
	used := t.UseMinor(o.TotalMinor, exampleKm)
	return &Loss{
		Title: b.T("order.leave.loss_title"),
		Text: b.T("order.leave.loss", "Free", b.Distance(t.FreeKm*1000), "Each", b.Distance(100_000), "Costs", m(t.UseMinor(o.TotalMinor, t.FreeKm+100)),
			"Cap", b.P.Percent(t.UseCapBP), "Most", b.P.Percent(t.CapBP)),
		Example: b.T("order.leave.loss_example", "Km", b.Distance(exampleKm*1000), "Kept", m(used), "Back", m(o.TotalMinor-used)),
	}
}

// withdrawHere is the label of the function, in the words of Directive 2023/2673; where no law prescribes them, in the
// shop's own.
func withdrawHere(b web.Base) string {
	if b.Market != nil && b.Market.WithdrawalButton {
		return b.T("shared.withdraw_here")
	}
	return b.T("shared.withdraw_own")
}

func confirmHere(b web.Base) string {
	if b.Market != nil && b.Market.WithdrawalButton {
		return b.T("withdraw.confirm_here")
	}
	return b.T("withdraw.confirm_own")
}
