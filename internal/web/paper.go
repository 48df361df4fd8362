package web

import (
	"strconv"
	"strings"
	"time"

	"forecourt/internal/document"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"
	"forecourt/internal/platform/pdf"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// Paper is a document in words: the page and the PDF show the same. It is written in the language that the
// buyer agreed in, whoever reads it.
type Paper struct {
	Kind     document.Kind
	Number   string
	Title    string
	Lang     string // of its words, when it is not the page's
	Lede     string
	Sections []PaperSection
	locale   string
	seller   string
	issued   time.Time
	printer  *i18n.Printer
}

// PaperSection is a headed part: facts, lines of money, or both.
type PaperSection struct {
	ID    string
	Title string
	Facts []PaperFact
	Lines []PaperLine
}

// PaperFact is a key and the lines of its value.
type PaperFact struct {
	Key   string
	Value []string
}

// PaperLine is a line of money; Note stands small under its label.
type PaperLine struct {
	Label, Note, Amount string
	Strong              bool
}

// Paper writes a document in words for a page in the language of b.
func (k *Kit) Paper(b Base, d *document.Document) Paper {
	c := d.Content
	w := paperWriter{c: c, p: k.Catalogue.Printer(c.Locale).For(c.Flow), zone: zoneOf(k.World.Now(), d)}
	p := Paper{Kind: d.Kind, Number: d.Number, Title: w.p.T("paper.name."+string(d.Kind)) + " " + d.Number, Lede: w.lede(),
		locale: c.Locale, seller: c.Seller.Name, issued: d.IssuedAt, printer: w.p}
	if w.p.Language() != b.P.Language() {
		p.Lang = w.p.Language()
	}
	who := w.parties()
	who.Facts = append(who.Facts, w.fact("hash", d.SHA256))
	for _, s := range []PaperSection{who, w.car(), w.price(), w.given(), w.texts()} {
		if len(s.Facts)+len(s.Lines) > 0 {
			p.Sections = append(p.Sections, s)
		}
	}
	return p
}

func zoneOf(w *world.World, d *document.Document) *time.Location {
	if m, ok := w.Market(d.Market); ok {
		return m.Zone()
	}
	return time.UTC
}

// PaperName is what a kind of paper is called in a page's language.
func PaperName(b Base, k document.Kind) string { return b.T("paper.name." + string(k)) }

// paperWriter puts the facts of a document into words.
type paperWriter struct {
	c    document.Content
	p    *i18n.Printer
	zone *time.Location
}

// day writes a day of law; it has no zone.
func (w paperWriter) day(d string) string {
	t, err := time.Parse(time.DateOnly, d)
	if err != nil {
		return d
	}
	return w.p.Date(t)
}

func (w paperWriter) lede() string {
	c := w.c
	switch {
	case c.Kind == document.CreditNote && c.Refers != nil:
		return w.p.T("paper.lede.credit_note", "Number", c.Refers.Number, "Day", w.day(c.Refers.Day))
	case c.Kind == document.Handover && c.Refers != nil && c.Reason == "corrected":
		return w.p.T("paper.lede.handover_corrected", "Number", c.Refers.Number, "Day", w.day(c.Refers.Day))
	case c.Kind == document.Handover && c.Refers != nil:
		return w.p.T("paper.lede.handover_undone", "Number", c.Refers.Number, "Day", w.day(c.Refers.Day))
	case c.Kind == document.Handover && c.Given != nil:
		return w.p.T("paper.lede.handover", "When", w.p.DateTime(c.Given.At.In(w.zone)))
	case c.Kind == document.Invoice && c.Refers != nil:
		return w.p.T("paper.lede.invoice_corrected", "Supplied", w.day(c.Supplied), "Number", c.Refers.Number, "Day", w.day(c.Refers.Day))
	case c.Kind == document.Invoice:
		return w.p.T("paper.lede.invoice", "Day", w.day(c.Supplied))
	case c.Kind == document.Confirmation && c.Contract != "":
		return w.p.T("paper.lede.confirmation_online", "Seller", c.Seller.Name, "Day", w.day(c.Contract))
	}
	return w.p.T("paper.lede." + string(c.Kind)) // of a kind that has no words yet, it shows that they are missing
}

func (w paperWriter) fact(key string, value ...string) PaperFact {
	f := PaperFact{Key: w.p.T("paper." + key)}
	for _, v := range value {
		if v != "" {
			f.Value = append(f.Value, v)
		}
	}
	return f
}

func (w paperWriter) party(x document.Party) []string {
	town := strings.TrimSpace(x.Postcode + " " + x.Town)
	if x.Country == "GB" {
		town = strings.TrimSpace(x.Town + " " + x.Postcode)
	}
	out := []string{x.Name, x.Street, town}
	if x.VATID != "" {
		out = append(out, w.p.T("paper.vat_id", "ID", x.VATID))
	}
	return append(out, x.Email)
}

func (w paperWriter) parties() PaperSection {
	c := w.c
	s := PaperSection{ID: "who", Title: w.p.T("paper.parties"), Facts: []PaperFact{
		w.fact("seller", w.party(c.Seller.Party)...), w.fact("buyer", w.party(c.Buyer)...),
		w.fact("issued", w.day(c.Day)), w.fact("order", c.Order), w.fact("placed", w.day(c.PlacedOn)),
	}}
	if c.Pickup.Name != c.Seller.Name {
		s.Facts = append(s.Facts, w.fact("pickup", w.party(c.Pickup)...))
	}
	if c.Contract != "" {
		s.Facts = append(s.Facts, w.fact("contract", w.day(c.Contract)))
	}
	return s
}

func (w paperWriter) car() PaperSection {
	c := w.c.Car
	s := PaperSection{ID: "car", Title: w.p.T("paper.car"), Facts: []PaperFact{w.fact("car", strings.TrimSpace(c.Model+" "+c.Version), c.Colour)}}
	if c.Engine != "" {
		s.Facts = append(s.Facts, w.fact("engine", c.Engine))
	}
	if c.VIN != "" {
		s.Facts = append(s.Facts, w.fact("vin", c.VIN))
	}
	if c.Plate != "" {
		s.Facts = append(s.Facts, w.fact("plate", c.Plate))
	}
	return s
}

// price are the lines with the VAT in each, the sum for each rate, and what was paid of it.
func (w paperWriter) price() PaperSection {
	c, s := w.c, PaperSection{ID: "price", Title: w.p.T("paper.lines")}
	if len(c.Lines) == 0 {
		return PaperSection{}
	}
	for _, l := range c.Lines {
		s.Lines = append(s.Lines, w.line(l))
	}
	s.Lines = append(s.Lines, PaperLine{Label: w.p.T("paper.total"), Amount: w.p.Money(c.Total), Strong: true})
	for _, t := range c.Taxes {
		if t.Margin {
			s.Lines = append(s.Lines, PaperLine{Label: w.p.T("paper.margin"), Amount: w.p.Money(t.Gross)})
			continue
		}
		if t.RateBP == 0 {
			s.Lines = append(s.Lines, PaperLine{Label: w.p.T("paper.outside"), Amount: w.p.Money(t.Gross)})
			continue
		}
		rate := w.p.Percent(t.RateBP)
		s.Lines = append(s.Lines, PaperLine{Label: w.p.T("paper.net", "Rate", rate), Amount: w.p.Money(t.Net)}, PaperLine{Label: w.p.T("paper.vat", "Rate", rate), Amount: w.p.Money(t.VAT)})
	}
	s.Lines = append(s.Lines, w.paid()...)
	return s
}

func (w paperWriter) line(l document.Line) PaperLine {
	out := PaperLine{Label: l.Label, Amount: w.p.Money(l.Amount)}
	if l.Kind == "deduction" {
		out.Label = w.p.T("paper.deduction")
	}
	switch {
	case l.Included || l.Amount.IsZero():
		out.Amount = w.p.T("paper.included")
	case l.Margin:
		out.Note = w.p.T("paper.margin")
	case l.VATRateBP == 0:
		out.Note = w.p.T("paper.outside")
	default:
		out.Note = w.p.T("paper.line_vat", "Rate", w.p.Percent(l.VATRateBP), "Amount", w.p.Money(l.VAT))
	}
	return out
}

func (w paperWriter) paid() []PaperLine {
	c := w.c
	switch c.Kind {
	case document.CreditNote:
		return w.refund()
	case document.Confirmation:
		return []PaperLine{{Label: w.p.T("paper.deposit"), Amount: w.p.Money(c.Deposit)}}
	case document.Invoice:
		return w.due()
	}
	return nil
}

// due is what was paid of an invoice, and what is not.
func (w paperWriter) due() []PaperLine {
	c := w.c
	var out []PaperLine
	for _, x := range c.Paid {
		out = append(out, PaperLine{Label: w.p.T("paper.paid", "Day", w.day(x.On), "Means", w.means(x.Means)), Amount: w.p.Money(money.Money{Currency: x.Amount.Currency}.Sub(x.Amount))})
	}
	due := w.p.T("paper.due")
	if c.DueOn != "" {
		due = w.p.T("paper.due_until", "Day", w.day(c.DueOn))
	}
	return append(out, PaperLine{Label: due, Amount: w.p.Money(c.Due), Strong: true})
}

// refund is what goes back of a credit note: what was never paid does not.
func (w paperWriter) refund() []PaperLine {
	back := PaperLine{Label: w.p.T("paper.refund"), Amount: w.p.Money(w.c.Total), Strong: true}
	if w.c.Reason == "undone" || w.c.Reason == "corrected" {
		back.Note, back.Amount = w.p.T("paper."+w.c.Reason), w.p.Money(money.Of(0, w.c.Total.Currency))
		return []PaperLine{back}
	}
	if w.c.SetOff.Minor == 0 {
		return []PaperLine{back}
	}
	back.Amount = w.p.Money(w.c.Total.Sub(w.c.SetOff))
	return []PaperLine{{Label: w.p.T("paper.set_off"), Amount: w.p.Money(money.Of(-w.c.SetOff.Minor, w.c.SetOff.Currency))}, back}
}

func (w paperWriter) means(m string) string {
	if key := "means." + m; w.p.Has(key) {
		return w.p.T(key)
	}
	return m
}

func (w paperWriter) given() PaperSection {
	g := w.c.Given
	if g == nil {
		return PaperSection{}
	}
	unit := i18n.Kilometres
	if w.c.Market == "gb" {
		unit = i18n.Miles
	}
	s := PaperSection{ID: "given", Title: w.p.T("paper.name.handover"), Facts: []PaperFact{w.fact("checks", w.each("handover.", g.Checks)...)}}
	if w.c.Car.VIN != "" {
		s.Facts = append([]PaperFact{w.fact("odometer", w.p.Distance(WholeMetres(g.OdometerKm, unit), unit))}, s.Facts...)
	}
	if g.Dealer == nil {
		return s // of before
	}
	s.Facts = append(s.Facts, GivenFacts(w.p, g.Keys, g.Papers, g.Faults)...)
	if len(g.Photos) > 0 {
		s.Facts = append(s.Facts, w.fact("photos", g.Photos...))
	}
	s.Facts = append(s.Facts, w.fact("by_dealer", w.confirmed(g.Dealer)), w.fact("by_buyer", w.confirmed(g.Buyer)))
	if c := g.Clocks; c != nil {
		s.Facts = append(s.Facts, ClockFacts(w.p, c.Withdraw, c.Legal, c.Maker, WholeMetres(c.MakerKm, unit), unit)...)
	}
	if g.Buyer == nil && g.Undone == nil {
		s.Facts = append(s.Facts, w.fact("signature", strings.Repeat("_", 32)))
	}
	return s
}

func (w paperWriter) each(prefix string, codes []string) []string { return each(w.p, prefix, codes) }

func each(p *i18n.Printer, prefix string, codes []string) []string {
	out := make([]string, 0, len(codes))
	for _, c := range codes {
		out = append(out, p.T(prefix+c))
	}
	return out
}

func (w paperWriter) confirmed(c *document.Confirmed) string {
	if c == nil {
		return w.p.T("paper.confirmed.none")
	}
	return w.p.T("paper.confirmed."+c.How, "When", w.p.DateTime(c.At.In(w.zone)))
}

// GivenFacts are what was given with a car and what was not right about it, for papers and pages. No keys means that
// nobody counted them.
func GivenFacts(p *i18n.Printer, keys int, papers, faults []string) []PaperFact {
	var out []PaperFact
	if keys > 0 {
		out = append(out, PaperFact{Key: p.T("paper.keys"), Value: []string{strconv.Itoa(keys)}})
	}
	if len(papers) > 0 {
		out = append(out, PaperFact{Key: p.T("paper.given_papers"), Value: each(p, "handover.paper.", papers)})
	}
	if len(faults) == 0 {
		faults = []string{p.T("paper.no_faults")}
	}
	return append(out, PaperFact{Key: p.T("paper.faults"), Value: faults})
}

// ClockFacts are the days that a handover sets, as "2026-12-08"; an empty one is left out, and a legal guarantee without
// an end says so. metres bound the maker's warranty; 0 for no bound.
func ClockFacts(p *i18n.Printer, withdraw, legal, maker string, metres int64, unit i18n.Unit) []PaperFact {
	day := func(d string) string {
		t, err := time.Parse(time.DateOnly, d)
		if err != nil {
			return d
		}
		return p.Date(t)
	}
	var out []PaperFact
	if withdraw != "" {
		out = append(out, PaperFact{Key: p.T("paper.clock.withdraw"), Value: []string{day(withdraw)}})
	}
	switch {
	case legal != "":
		out = append(out, PaperFact{Key: p.T("paper.clock.legal"), Value: []string{day(legal)}})
	case maker != "":
		out = append(out, PaperFact{Key: p.T("paper.clock.law"), Value: []string{p.T("paper.clock.legal_open")}})
	}
	switch {
	case maker != "" && metres > 0:
		out = append(out, PaperFact{Key: p.T("paper.clock.maker"), Value: []string{p.T("paper.clock.maker_km", "Day", day(maker), "Distance", p.Distance(metres, unit))}})
	case maker != "":
		out = append(out, PaperFact{Key: p.T("paper.clock.maker"), Value: []string{day(maker)}})
	}
	return out
}

// WholeMetres rounds kilometres to whole units of the reader, as metres.
func WholeMetres(km int, unit i18n.Unit) int64 {
	if unit != i18n.Miles {
		return int64(km) * 1000
	}
	return (int64(km)*1_000_000 + 804_672) / 1_609_344 * 1_609_344 / 1000
}

func (w paperWriter) texts() PaperSection {
	s := PaperSection{ID: "texts", Title: w.p.T("paper.texts")}
	for _, t := range w.c.Texts {
		s.Facts = append(s.Facts, PaperFact{Key: w.p.T("paper.text", "Title", w.p.T("paper.text_name."+t.Name), "Version", t.Version), Value: []string{t.SHA256}})
	}
	return s
}

// PDF prints the paper: the same document, the same bytes.
func (p Paper) PDF() ([]byte, error) {
	d := pdf.New(pdf.Meta{Title: p.Title, Lang: p.locale, Author: p.seller, Created: p.issued, Footer: p.seller + ", " + p.Number,
		Page: func(n, of int) string { return p.printer.T("paper.page", "Page", n, "Pages", of) }})
	d.Title(p.Title)
	d.Text(p.Lede)
	for _, s := range p.Sections {
		d.Heading(s.Title)
		for _, f := range s.Facts {
			d.Facts(pdf.Fact{Key: f.Key, Value: strings.Join(f.Value, "\n")})
		}
		var rows []pdf.Row
		for _, l := range s.Lines {
			label := l.Label
			if l.Note != "" {
				label += "\n" + l.Note
			}
			rows = append(rows, pdf.Row{Cells: []string{label, l.Amount}, Strong: l.Strong})
		}
		if len(rows) > 0 {
			d.Table([]pdf.Column{{Width: .72}, {Width: .28, Right: true}}, rows)
		}
	}
	if d.Replaced() {
		d.Small(p.printer.T("paper.boxes"))
	}
	return d.Bytes()
}

// ShowPDF answers the paper as a file.
func (k *Kit) ShowPDF(c echo.Context, p Paper) error {
	raw, err := p.PDF()
	if err != nil {
		return err
	}
	return ShowFile(c, "application/pdf", raw, "pdf", p.Number)
}

// SamplePaper is a paper with every part filled, for the test that checks templates against their structs.
func SamplePaper(b Base) Paper {
	return Paper{Kind: document.Invoice, Number: "GB01-I-2026-00001", Title: b.T("paper.name.invoice") + " GB01-I-2026-00001", Lang: "it", Lede: "lede", Sections: []PaperSection{
		{ID: "who", Title: b.T("paper.parties"), Facts: []PaperFact{{Key: b.T("paper.seller"), Value: []string{"Sample Motors Ltd", "1 Sample Street"}}}},
		{ID: "price", Title: b.T("paper.lines"), Lines: []PaperLine{{Label: "Duster", Note: "VAT", Amount: "£1"}, {Label: b.T("paper.total"), Amount: "£1", Strong: true}}},
	}}
}
