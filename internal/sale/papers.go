package sale

import (
	"errors"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/document"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
	"forecourt/internal/world"
)

// acceptTextsTx keeps the words of the texts that the buyer accepts with the order, in the language they
// were read in: what the market's file says tomorrow changes nothing for this order.
func (s *Service) acceptTextsTx(tx *db.Tx, o *ordering.Order) error {
	mk, err := s.Market(o.Market)
	if err != nil {
		return err
	}
	day, lang := world.Today(mk, tx.Now), i18n.LanguageOf(mk.Speak(o.Locale))
	for _, name := range []string{"terms", "withdrawal", "seller_" + o.Snapshot.Seller, "privacy"} {
		t := mk.TextAt(name, day)
		title, body := mk.Say(t.Title, lang), mk.Say(t.Body, lang)
		if body.Text == "" {
			continue
		}
		kept := document.Text{Name: name, Version: t.Version, Lang: or(body.Lang, lang), Title: title.Text, TitleLang: or(title.Lang, lang), Body: body.Text}
		if err := document.AcceptTx(tx, o.ID, kept); err != nil {
			return err
		}
	}
	return nil
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// ConfirmTx issues the confirmation: the dealer accepted. Where the contract is made online it names the day.
func (s *Service) ConfirmTx(tx *db.Tx, o *ordering.Order) error {
	c, mk, err := s.paperTx(tx, o)
	if err != nil {
		return err
	}
	if terms, ok := mk.TermsAt(o.Flow, world.Today(mk, o.CreatedAt)); ok && terms.Contract == "online" {
		c.Contract = c.Day
	}
	edition := 1 // a dealer who takes over an accepted order confirms it anew
	if last, err := document.Latest(tx.DB, o.ID, document.Confirmation); err == nil {
		edition = last.Edition + 1
	} else if !errors.Is(err, document.ErrNone) {
		return err
	}
	_, err = document.IssueTx(tx, document.Issue{Order: o.ID, Market: o.Market, Brand: o.Brand, Kind: document.Confirmation, Edition: edition, Content: c, Fresh: true})
	return err
}

// invoiceTx issues what belongs to a handover: the invoice with what was paid on it and until when the rest may stay
// open, and the record of what was handed over. After a handover that was undone both are new editions.
func (s *Service) invoiceTx(tx *db.Tx, o *ordering.Order, h *allocation.Handover, until string) error {
	c, err := s.suppliedTx(tx, o)
	if err != nil {
		return err
	}
	c.DueOn = until
	if c.Paid, err = s.paidTx(tx, o); err != nil {
		return err
	}
	edition, err := nextEditionTx(tx, o, document.Invoice)
	if err != nil {
		return err
	}
	if _, err := document.IssueTx(tx, document.Issue{Order: o.ID, Market: o.Market, Brand: o.Brand, Kind: document.Invoice, Edition: edition, Content: c}); err != nil {
		return err
	}
	_, err = s.recordTx(tx, o, h, nil, "")
	return err
}

// ReissueTx puts the papers of a handover right after a slip in what they say: a new edition of the invoice and, of the
// car, of the record too, and a credit note over all of the invoice before. What was issued stays as it is. Orders of
// before papers have none.
func (s *Service) ReissueTx(tx *db.Tx, o *ordering.Order, record bool) error {
	old, err := document.Latest(tx.DB, o.ID, document.Invoice)
	if errors.Is(err, document.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := s.suppliedTx(tx, o)
	if err != nil {
		return err
	}
	if c.Paid, err = s.paidTx(tx, o); err != nil {
		return err
	}
	if c.DueOn, err = s.restDueTx(tx, o, c.Paid); err != nil {
		return err
	}
	c.Reason, c.Refers = correctedReason, refTo(old)
	if _, err := document.IssueTx(tx, document.Issue{Order: o.ID, Market: o.Market, Brand: o.Brand, Kind: document.Invoice, Edition: old.Edition + 1, Content: c}); err != nil {
		return err
	}
	if record {
		if err := s.correctRecordTx(tx, o); err != nil {
			return err
		}
	}
	_, err = s.creditInvoiceTx(tx, o, old, Credit{Reason: correctedReason})
	return err
}

// restDueTx is until when the rest of an invoice may stay open; empty when nothing is open.
func (s *Service) restDueTx(tx *db.Tx, o *ordering.Order, paid []document.Paid) (string, error) {
	open := o.TotalMinor
	for _, p := range paid {
		open -= p.Amount.Minor
	}
	d, err := ordering.DeferralOf(tx.DB, o.ID)
	if err != nil || d == nil || open <= 0 {
		return "", err
	}
	return d.DueOn, nil
}

func (s *Service) correctRecordTx(tx *db.Tx, o *ordering.Order) error {
	old, err := document.Latest(tx.DB, o.ID, document.Handover)
	if errors.Is(err, document.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	h, err := allocation.HandoverOf(tx.DB, o.ID)
	if err != nil {
		return err
	}
	_, err = s.recordTx(tx, o, h, old, correctedReason)
	return err
}

func refTo(d *document.Document) *document.Ref {
	return &document.Ref{Number: d.Number, Day: d.Content.Day, SHA256: d.SHA256}
}

// suppliedTx is what the papers of a handover say.
func (s *Service) suppliedTx(tx *db.Tx, o *ordering.Order) (document.Content, error) {
	c, mk, err := s.paperTx(tx, o)
	if err != nil {
		return c, err
	}
	if conf, err := document.Latest(tx.DB, o.ID, document.Confirmation); err == nil {
		c.Contract = conf.Content.Contract
	} else if !errors.Is(err, document.ErrNone) {
		return c, err
	}
	c.Supplied = string(world.Today(mk, o.HandedOverAt))
	return c, nil
}

// recordTx issues a record of a handover as it stands: at the handover, when the buyer has confirmed it, and, with the
// record that it takes the place of and the reason, when it is undone or a slip in it is put right.
func (s *Service) recordTx(tx *db.Tx, o *ordering.Order, h *allocation.Handover, old *document.Document, reason string) (*document.Document, error) {
	c, err := s.suppliedTx(tx, o)
	if err != nil {
		return nil, err
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return nil, err
	}
	c.Lines, c.Total, c.Deposit = nil, money.Of(0, o.Currency), money.Of(0, o.Currency)
	c.Given = &document.Given{At: h.At.UTC(), Checks: h.Checks, OdometerKm: h.OdometerKm, Keys: h.Keys, Papers: h.Papers, Faults: h.Faults,
		Dealer: &document.Confirmed{How: "pickup_code", At: h.At.UTC()}}
	for _, p := range h.Photos {
		c.Given.Photos = append(c.Given.Photos, p.SHA256)
	}
	if h.Confirmed != "" {
		c.Given.Buyer = &document.Confirmed{How: h.Confirmed, At: h.ConfirmedAt.UTC()}
	}
	if old != nil {
		c.Reason, c.Refers = reason, refTo(old)
	}
	if reason == undoneReason {
		at := tx.Now.UTC()
		c.Given.Undone = &at
	} else {
		k := ClocksOf(o, mk)
		c.Given.Clocks = &document.Clocks{Withdraw: string(k.Withdraw), Legal: string(k.Legal), Maker: string(k.Maker), MakerKm: k.MakerKm}
	}
	edition, err := nextEditionTx(tx, o, document.Handover)
	if err != nil {
		return nil, err
	}
	return document.IssueTx(tx, document.Issue{Order: o.ID, Market: o.Market, Brand: o.Brand, Kind: document.Handover, Edition: edition, Content: c})
}

// Why a paper takes the place of another: its handover was undone, or there was a slip in it; words are paper.<reason>.
const (
	undoneReason    = "undone"
	correctedReason = "corrected"
)

func nextEditionTx(tx *db.Tx, o *ordering.Order, k document.Kind) (int, error) {
	last, err := document.Latest(tx.DB, o.ID, k)
	if errors.Is(err, document.ErrNone) {
		return 1, nil
	}
	if err != nil {
		return 0, err
	}
	return last.Edition + 1, nil
}

// Credit says how an invoice is taken back. Deduction is what the buyer owes for use of the car beyond a
// trial, in minor units, VAT-inclusive; Reason is a key: "withdrawal", "undone" or "corrected".
type Credit struct {
	Reason    string
	Deduction int64
	SetOff    int64 // of the invoice, what was never paid
}

// CreditTx takes the newest invoice of an order that the caller has locked back, less a deduction, by a
// credit note of the same seller: its total, less what was never paid, is what the buyer gets. An order without an invoice needs none
// and gets nil, as does one of which everything is kept. Again it answers the note that is there. Errors: document.ErrCredited when the deduction
// is negative or more than the invoice.
func (s *Service) CreditTx(tx *db.Tx, o *ordering.Order, cr Credit) (*document.Document, error) {
	inv, err := document.Latest(tx.DB, o.ID, document.Invoice)
	if errors.Is(err, document.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.creditInvoiceTx(tx, o, inv, cr)
}

// creditInvoiceTx is CreditTx of one invoice.
func (s *Service) creditInvoiceTx(tx *db.Tx, o *ordering.Order, inv *document.Document, cr Credit) (*document.Document, error) {
	if cr.Deduction < 0 || cr.Deduction > inv.Total.Minor {
		return nil, document.ErrCredited
	}
	if cr.Deduction == inv.Total.Minor {
		return nil, nil // a note over nothing is none
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return nil, err
	}
	c := inv.Content
	c.Day, c.Paid, c.Given, c.Reason, c.Deposit = string(world.Today(mk, tx.Now)), nil, nil, cr.Reason, money.Of(0, o.Currency)
	c.DueOn = ""
	if cr.SetOff > 0 {
		c.SetOff = money.Of(cr.SetOff, o.Currency)
	}
	if cr.Deduction > 0 {
		c.Lines = append(append([]document.Line(nil), c.Lines...), deduction(money.Of(-cr.Deduction, o.Currency), o.Snapshot.Quote.VATRateBP))
		c.Total = c.Total.Sub(money.Of(cr.Deduction, o.Currency))
	}
	return document.IssueTx(tx, document.Issue{Order: o.ID, Market: o.Market, Brand: o.Brand, Kind: document.CreditNote, Edition: inv.Edition, Refers: inv.ID, Content: c})
}

// deduction has no label: pages name it in the language of the paper.
func deduction(m money.Money, rate int64) document.Line {
	return document.Line{Kind: "deduction", Amount: m, VATRateBP: rate, VAT: m.VATInGross(rate)}
}

// paperTx is what every paper of an order says: who sells what to whom, at which price, under which texts.
func (s *Service) paperTx(tx *db.Tx, o *ordering.Order) (document.Content, *market.Market, error) {
	mk, err := s.Market(o.Market)
	if err != nil {
		return document.Content{}, nil, err
	}
	buyer, err := ordering.BuyerOf(tx.DB, o.Buyer)
	if err != nil {
		return document.Content{}, nil, err
	}
	dealer, ok := s.World.Now().Dealer(o.Dealer)
	if !ok {
		return document.Content{}, nil, ErrDealer
	}
	texts, err := document.TextsOf(tx.DB, o.ID)
	if err != nil {
		return document.Content{}, nil, err
	}
	sold, day := o.Snapshot.AsRead(), world.Today(mk, tx.Now)
	c := document.Content{
		Day: string(day), Locale: mk.Speak(o.Locale), Role: sold.Seller, Seller: sellerOf(mk, dealer, o, day), Pickup: partyOf(mk, dealer), Buyer: buyerParty(mk, buyer),
		Order: o.Number, Flow: string(o.Flow), PlacedOn: string(world.Today(mk, o.CreatedAt)), Lines: paperLines(sold), Total: o.Total(), Deposit: o.Deposit(),
		Car: document.Car{Model: sold.ModelName, Version: sold.Version, Engine: sold.Engine, Colour: sold.Colour, VIN: o.VIN, Plate: o.Plate},
	}
	if v := o.Snapshot.Visit; v != nil { // the bill names the car that was worked at
		c.Car.Plate = v.Plate
	}
	for _, t := range texts {
		c.Texts = append(c.Texts, t.Ref())
	}
	return c, mk, nil
}

// sellerOf is the contract party: who sold when the order was placed, with the name, address, VAT id and
// series of the day of the paper. The seller's mode is data of the market: nothing else decides it.
func sellerOf(mk *market.Market, d *network.Dealer, o *ordering.Order, day market.Date) document.Entity {
	if o.Snapshot.Seller == market.ByDealer {
		return document.Entity{Code: string(d.Code), Prefix: d.Series, Party: partyOf(mk, d)}
	}
	e, _ := mk.SellerAt(o.Snapshot.Seller, o.Brand, day)
	return document.Entity{Code: e.Code, Prefix: e.Prefix, Party: document.Party{Name: e.Name, VATID: e.VATID, Street: e.Street, Postcode: e.Postcode, Town: e.Town, Country: mk.Country, Email: e.Email}}
}

func partyOf(mk *market.Market, d *network.Dealer) document.Party {
	return document.Party{Name: d.LegalName, VATID: d.VATID, Street: d.Street, Postcode: d.Postcode, Town: d.Town, Country: mk.Country, Email: d.Email, Phone: d.Phone}
}

func buyerParty(mk *market.Market, b ordering.Buyer) document.Party {
	return document.Party{Name: strings.TrimSpace(b.Name), Street: b.Street, Postcode: b.Postcode, Town: b.Town, Country: mk.Country}
}

// paperLines are the lines as they were sold; a fee keeps its own rate.
func paperLines(s ordering.Snapshot) []document.Line {
	out := make([]document.Line, 0, len(s.Lines))
	for i, l := range s.Lines {
		q := pricing.Line{VATRateBP: s.Quote.VATRateBP, VAT: l.Amount.VATInGross(s.Quote.VATRateBP)}
		if i < len(s.Quote.Lines) {
			q = s.Quote.Lines[i]
		}
		label := l.Label
		if l.Kind == pricing.KindCar {
			label = s.ModelName + " " + l.Label
		}
		out = append(out, document.Line{Kind: l.Kind, Label: label, Amount: l.Amount, VATRateBP: q.VATRateBP, VAT: q.VAT, Included: l.Included, Margin: q.Margin})
	}
	return out
}

// paidTx lists the money that the seller has: what is on its way back is not there any more.
func (s *Service) paidTx(tx *db.Tx, o *ordering.Order) ([]document.Paid, error) {
	ps, err := payment.Of(tx.DB, o.ID)
	if err != nil {
		return nil, err
	}
	mk, err := s.Market(o.Market)
	if err != nil {
		return nil, err
	}
	var out []document.Paid
	for _, p := range ps {
		if here := p.Left(); p.State == payment.Captured && !here.IsZero() {
			out = append(out, document.Paid{Purpose: string(p.Purpose), Means: string(p.Means), Amount: here, On: string(world.Today(mk, p.UpdatedAt))})
		}
	}
	given, err := payment.GoodwillsOf(tx.DB, o.ID)
	for _, g := range given {
		out = append(out, document.Paid{Purpose: "goodwill", Means: "goodwill", Amount: g.Amount, On: string(world.Today(mk, g.At))})
	}
	return out, err
}
