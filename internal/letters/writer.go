package letters

import (
	"strings"
	"time"
	"unicode"

	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
)

// writer puts one letter together. Its verbs append to the page in reading order.
type writer struct {
	sale.Letter
	p    *i18n.Printer
	zone *time.Location
	args []any // placeholder, value, ...
	page page
}

func newWriter(l sale.Letter, p *i18n.Printer, from Config) *writer {
	w := &writer{Letter: l, p: p.For(string(l.Order.Flow)), zone: l.Dealer.Zone()}
	o := l.Order
	w.page = page{Lang: p.Language(), Brand: clean(l.Brand.Name), Look: lookOf(l.Brand.Colours)}
	w.set("Shop", clean(from.Domain))
	w.set("Brand", w.page.Brand)
	w.set("Number", clean(o.Number))
	w.set("Car", join(" ", l.Brand.Name, o.Snapshot.ModelName))
	w.set("Dealer", clean(l.Dealer.Name))
	w.set("Phone", strings.ReplaceAll(clean(l.Dealer.Phone), " ", "\u00a0")) // kept on one line
	w.set("Email", clean(l.Dealer.Email))
	w.set("Seller", w.seller())
	w.set("Price", p.Money(o.Total()))
	w.set("Deposit", p.Money(w.first()))
	w.set("Paid", p.Money(w.paid()))
	w.set("Balance", p.Money(w.balance()))
	w.set("RefundBy", w.day(w.refundBy()))
	if d := l.Deferral; d != nil {
		w.set("Promised", w.legal(d.DueOn))
		w.set("Open", p.Money(d.Amount()))
	}
	w.set("Days", p.N("shared.count.days", l.Market.RefundDays))
	w.set("Minutes", int(network.SlotLength/time.Minute))
	return w
}

// set fills a placeholder for all sentences after it.
func (w *writer) set(name, value any) { w.args = append(w.args, name, value) }

// t reads mail.<key>.
func (w *writer) t(key string) string { return w.p.T("mail."+key, w.args...) }

// own is the key of this template.
func (w *writer) own(key string) string { return w.Template + "." + key }

func (w *writer) title(key string) { w.page.Title = clean(w.t(key)) }

func (w *writer) greet() {
	w.add(block{Kind: "para", Text: w.p.T("mail.greeting", "Name", clean(w.Buyer.Name))})
}

// say writes sentences as one paragraph.
func (w *writer) say(keys ...string) {
	var s []string
	for _, k := range keys {
		s = append(s, w.t(k))
	}
	w.add(block{Kind: "para", Text: strings.Join(s, " ")})
}

func (w *writer) heading(name string) { w.add(block{Kind: "heading", Text: w.t("heading." + name)}) }
func (w *writer) button(name string) {
	w.add(block{Kind: "button", Text: w.t("button." + name), Link: w.Link})
}
func (w *writer) rows(rs ...row)           { w.add(block{Kind: "rows", Rows: present(rs)}) }
func (w *writer) add(b block)              { w.page.Blocks = append(w.page.Blocks, b) }
func (w *writer) day(t time.Time) string   { return w.p.Date(t.In(w.zone)) }
func (w *writer) month(t time.Time) string { return w.p.DateShort(t.In(w.zone)) }

func (w *writer) row(name, value string) row {
	label, value := w.t("row."+name), clean(value)
	if value == "" {
		return row{}
	}
	return row{Label: label, Value: value, Line: w.p.Pair(label, value)}
}

func present(rs []row) []row {
	var out []row
	for _, r := range rs {
		if r.Value != "" {
			out = append(out, r)
		}
	}
	return out
}

// when is a day and time at the dealer's, with the name of its zone.
func (w *writer) when(t time.Time) string {
	t = t.In(w.zone)
	zone := t.Format("MST")
	if key := "mail.zone." + strings.ToLower(strings.ReplaceAll(w.Dealer.TimeZone, "/", "_")); w.p.Has(key) {
		zone = w.p.T(key)
	}
	return w.p.T("mail.when", "Date", w.p.Date(t), "Time", w.p.Time(t), "Zone", zone)
}

// whenShort is for subjects.
func (w *writer) whenShort(t time.Time) string {
	t = t.In(w.zone)
	return w.p.T("mail.when_short", "Date", w.p.DateShort(t), "Time", w.p.Time(t))
}

func (w *writer) seller() string {
	switch w.Order.Snapshot.Seller {
	case market.ByMaker:
		return w.p.T("mail.seller.maker", "Brand", w.page.Brand)
	case market.ByGroup:
		if e, ok := w.Market.SellerAt(market.ByGroup, w.Order.Brand, market.DateOf(w.At.In(w.zone))); ok {
			return clean(e.Name)
		}
	}
	return clean(w.Dealer.LegalName)
}

// refundBy is the last day for money to come back: counted from the end of an ended order, else
// from the day of this letter.
func (w *writer) refundBy() time.Time {
	if l := w.Leaving; l != nil && l.DueOn != "" {
		return market.Date(l.DueOn).Time(time.UTC).Add(12 * time.Hour)
	}
	from := w.At
	if o := w.Order; o.State == ordering.Cancelled && !o.UpdatedAt.IsZero() && o.UpdatedAt.Before(from) {
		from = o.UpdatedAt
	}
	return from.In(w.zone).AddDate(0, 0, w.Market.RefundDays)
}

// paid is what would come back now: what the ledger holds, and a deposit that is being taken.
func (w *writer) paid() money.Money {
	if st := w.Order.State; st.Sold() && st != ordering.HandedOver {
		return w.Order.Total() // what is left to pay is no question any more
	}
	sum := w.PaidMinor
	for _, p := range w.Payments {
		taking := p.State == payment.Authorised || p.State == payment.Capturing
		if p.Purpose == payment.ForDeposit && taking && w.Order.State.WithDealer() {
			sum += p.Amount.Minor
		}
	}
	return money.Of(sum, w.Order.Currency)
}

// first is what the buyer paid to order: the deposit or the whole price.
func (w *writer) first() money.Money {
	for _, p := range w.Payments {
		if p.Purpose == payment.ForDeposit && (p.State == payment.Authorised || p.State == payment.Capturing || p.State == payment.Captured) {
			return p.Amount
		}
	}
	return w.Order.Deposit()
}

// takenAtOnce tells whether money is taken while no dealer has accepted yet, or was taken so: in such a
// market nothing was ever only reserved.
func (w *writer) takenAtOnce() bool { return w.Order.Snapshot.TakenNow }

// either is a key, or its variant for a market that takes the money at once.
func (w *writer) either(key, taken string) string {
	if w.takenAtOnce() {
		return taken
	}
	return key
}

func (w *writer) balance() money.Money {
	return w.Order.Total().Sub(w.paid()).Sub(money.Of(w.Exchange.Pending(), w.Order.Currency))
}

// clean makes one line of what people typed, without the signs that forge lines or turn text around.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u061c', r == '\u200e', r == '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	// Only plain blanks are joined: the no-break blanks of amounts stay.
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

// join puts the parts that are there into one line.
func join(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = clean(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}
