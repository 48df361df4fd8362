package letters

import (
	"slices"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/carart"
)

// car lists what was ordered, then the rows of money.
func (w *writer) car(heading string, more ...row) {
	s := w.Order.Snapshot
	w.heading(heading)
	if heading == "order" && w.Order.State != ordering.Cancelled && s.Body != "" {
		w.picture()
	}
	w.rows(append([]row{
		w.row("number", w.Order.Number),
		w.row("car", join(" ", w.Brand.Name, s.ModelName, s.Version)),
		w.row("engine", s.Engine),
		w.row("colour", s.Colour),
		w.row("stock", w.existing()),
		w.row("price", w.p.Money(w.Order.Total())),
	}, more...)...)
}

// The picture's size in the letter; its name there is in the layout too.
const (
	pictureID     = "car@forecourt"
	pictureWidth  = 600
	pictureHeight = 280
)

// picture shows the car as it was ordered. It travels with the letter.
func (w *writer) picture() {
	s := w.Order.Snapshot
	p := carart.Plate{Width: pictureWidth, Height: pictureHeight, Light: w.page.Look.light, Dark: w.page.Look.dark, Spec: carart.Spec{
		Body: carart.Body(s.Body), View: carart.Quarter, Paint: carart.Paint{Hex: s.PaintHex, Finish: carart.Finish(s.Finish)},
		Wheels: carart.Wheel(s.Wheels), Rails: s.Rails, TwoTone: s.TwoTone, Trim: carart.Trim(s.Trim)}}
	png, err := p.PNG()
	if err != nil {
		return // a letter without its picture is a letter
	}
	w.page.car = png
	w.add(block{Kind: "picture", Text: clean(w.p.T("mail.picture", "Car", join(" ", w.Brand.Name, s.ModelName, s.Version), "Colour", s.Colour))})
}

// existing says which car it is and from when it can be handed over; empty for one from the factory.
func (w *writer) existing() string {
	c := w.Order.Snapshot.Stock
	if c == nil {
		return ""
	}
	return w.p.T("mail.stock.fact", "Number", string(c.Number), "Day", w.day(c.ReadyAt(w.Dealer.Code)))
}

func (w *writer) reservedCar() {
	if w.takenAtOnce() {
		w.paidCar()
		return
	}
	w.car("order", w.row("deposit", w.p.Money(w.first())))
}

func (w *writer) paidCar() {
	w.car("order", w.row("paid", w.p.Money(w.paid())), w.row("balance", w.p.Money(w.balance())))
}

// leave says what it costs to leave now; nothing when the order is over.
func (w *writer) leave() {
	switch st := w.Order.State; {
	case st == ordering.Offered || st == ordering.Choosing:
		w.heading("leave")
		w.say(w.either("leave.reserved", "leave.taken"))
	case st.WithDealer() && w.paidAtDesk():
		w.heading("leave")
		w.say("leave.paid", "leave.desk")
	case st.WithDealer():
		w.heading("leave")
		w.say("leave.paid")
	}
}

func (w *writer) paidAtDesk() bool {
	for _, p := range w.Payments {
		if p.AtDesk() && p.State == payment.Captured {
			return true
		}
	}
	return false
}

func (w *writer) dealer() {
	w.heading("dealer")
	w.add(block{Kind: "lines", Items: []string{clean(w.Dealer.Name), w.address(), clean(w.Dealer.Phone)}})
}

func (w *writer) address() string {
	d := w.Dealer
	return clean(w.p.T("mail.address", "Street", clean(d.Street), "Postcode", clean(d.Postcode), "Town", clean(d.Town)))
}

// bring lists the papers for the handover.
func (w *writer) bring() {
	if len(w.Market.Papers) == 0 {
		return
	}
	w.heading("bring")
	var papers []string
	for _, p := range w.Market.SayAll(w.Market.Papers, w.p.Language()) {
		papers = append(papers, p.Text)
	}
	w.add(block{Kind: "list", Items: papers})
}

// owed says what is left to pay.
func (w *writer) owed() string {
	switch {
	case w.balance().Minor <= 0:
		return "handover.all_paid"
	case w.Deferral != nil && (w.Order.State == ordering.Ready || w.Order.State == ordering.HandedOver):
		return "open.until"
	case w.Order.State == ordering.HandedOver:
		return "open.rest"
	}
	return "handover.balance"
}

// ways say how a rest that was let open is paid: by card now, by transfer or at the desk.
func (w *writer) ways() {
	if w.balance().Minor <= 0 {
		return
	}
	w.heading("pay")
	if w.balance().Minor >= payment.LeastMinor && w.PayLink != "" {
		w.say("open.card")
		w.add(block{Kind: "button", Text: w.t("button.pay"), Link: w.PayLink})
	}
	w.say("open.transfer")
}

// foot says who sends this and that it is a demonstration.
func (w *writer) foot(dealer, country bool) {
	if country {
		w.page.Footer = []string{w.t("footer.country"), w.p.T("shared.demo_note")}
		return
	}
	if dealer {
		w.page.Footer = []string{w.t("footer.dealer"), w.p.T("shared.demo_note")}
		return
	}
	w.page.Footer = []string{w.t("footer.sender")}
	if st := w.Order.State; st.WithDealer() || st.Sold() {
		w.page.Footer = append(w.page.Footer, w.t("footer.seller")) // before, nobody sells it yet
	}
	w.page.Footer = append(w.page.Footer, w.t("footer.link"), w.p.T("shared.demo_note"))
}

// offer is the entry of this letter's round.
func (w *writer) offer() *allocation.Entry {
	for _, e := range w.Entries {
		if e.Round == w.Seq {
			return e
		}
	}
	return nil
}

// why says why an earlier dealer does not take the order; empty when none is known.
func (w *writer) why(e *allocation.Entry, who string) string {
	if e == nil {
		return ""
	}
	key := ""
	switch {
	case e.State == allocation.Expired:
		key = "silent"
	case e.State == allocation.Declined && allocation.IsDeclineReason(e.Reason):
		key = e.Reason
	case e.State == allocation.Declined, e.State == allocation.Withdrawn && slices.Contains(ordering.MoveCauses, ordering.MoveCause(e.Reason)):
		key = "other"
	default:
		return ""
	}
	w.set("Who", w.t("who."+who))
	return "why." + key
}
