package dealer

import (
	"net/http"
	"slices"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/document"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// FiledPaper is a line of an order's papers.
type FiledPaper struct{ Name, Note, URL string }

// PaperPage is a paper of an order that the dealer has taken.
type PaperPage struct {
	Page
	Paper   web.Paper
	PDFURL  string
	BackURL string
}

// filed lists what was issued for an order, once the dealer may know who buys.
func (h *Handlers) filed(c echo.Context, s site, p *OrderPage) error {
	if !p.Known() {
		return nil
	}
	g := h.kit.DB.Read(c.Request().Context())
	o, err := ordering.GetForDealer(g, s.dealer.Code, p.Number)
	if err != nil {
		return nil // it left the dealer meanwhile: the page tells so without its papers
	}
	ps, err := payment.Of(g, o.ID)
	if err != nil {
		return err
	}
	said, err := payment.SaidOf(g, o.ID)
	if err != nil {
		return err
	}
	p.Story = p.Base.Story(ps, said, p.now)
	papers, _, err := document.FiledOf(g, o.ID)
	for _, f := range papers {
		note := p.Date(f.At)
		if f.Kind == document.Handover && p.undoneSince(f.At) {
			note = p.T("paper.void", "Day", note)
		}
		p.Filed = append(p.Filed, FiledPaper{Name: web.PaperName(p.Base, f.Kind) + " " + f.Number, Note: note, URL: "/dealer/orders/" + p.Number + "/papers/" + f.Number})
	}
	return err
}

// undoneSince tells whether a handover was taken back after an instant: its record is void then.
func (p *OrderPage) undoneSince(t time.Time) bool {
	return slices.ContainsFunc(p.Order.History, func(e allocation.Happening) bool { return e.Event == string(ordering.Undo) && e.At.After(t) })
}

// paper reads the document that the address names, as this dealer may see it.
func (h *Handlers) paper(c echo.Context) (*PaperPage, error) {
	s, err := h.siteOf(c)
	if err != nil {
		return nil, err
	}
	v, err := h.order(c, s)
	if err != nil {
		return nil, err
	}
	g := h.kit.DB.Read(c.Request().Context())
	o, err := ordering.GetForDealer(g, s.dealer.Code, v.Number)
	if err != nil {
		return nil, err
	}
	if v.Name == "" {
		return nil, web.ErrNotFound // a paper names the buyer
	}
	d, err := document.ByNumber(g, o.ID, c.Param("paper"))
	if err != nil {
		return nil, err
	}
	p := &PaperPage{Page: h.page(c, s, d.Number, "queue"), BackURL: "/dealer/orders/" + v.Number}
	p.Paper, p.PDFURL = h.kit.Paper(p.Base, d), p.BackURL+"/papers/"+d.Number+"/pdf"
	return p, nil
}

func (h *Handlers) showPaper(c echo.Context) error {
	p, err := h.paper(c)
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/paper", p)
}

func (h *Handlers) showPaperPDF(c echo.Context) error {
	p, err := h.paper(c)
	if err != nil {
		return err
	}
	return h.kit.ShowPDF(c, p.Paper)
}
