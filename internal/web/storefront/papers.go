package storefront

import (
	"net/http"
	"slices"
	"strings"

	"forecourt/internal/document"
	"forecourt/internal/document/pack"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// FiledPaper is a line of the list of an order's papers.
type FiledPaper struct{ Name, Note, URL string }

// filed lists what was issued and what was accepted, with links that the secret link of the order opens.
func filed(b web.Base, o *openOrder) (papers, texts []FiledPaper) {
	for _, f := range o.papers {
		note := b.Date(f.At)
		if f.Kind == document.Handover && slices.ContainsFunc(o.history, func(s ordering.Step) bool { return s.Event == ordering.Undo && s.At.After(f.At) }) {
			note = b.T("paper.void", "Day", note) // the handover was taken back
		}
		papers = append(papers, FiledPaper{Name: web.PaperName(b, f.Kind) + " " + f.Number, Note: note, URL: o.url() + "/papers/" + f.Number})
	}
	for _, f := range o.texts {
		texts = append(texts, FiledPaper{Name: b.T("paper.text_name." + f.Name), Note: f.Version, URL: o.url() + "/texts/" + f.Name})
	}
	return papers, texts
}

// PaperPage is a document of an order.
type PaperPage struct {
	web.Base
	Paper   web.Paper
	PDFURL  string
	BackURL string
}

// paperOf reads the document that the address names; only the order of the secret link has it. It stands
// in the language it was agreed in.
func (h *Handlers) paperOf(c echo.Context) (*openOrder, *document.Document, error) {
	o, err := h.orderOf(c)
	if err != nil {
		return nil, nil, err
	}
	d, err := document.ByNumber(h.NewCar.DB.Read(c.Request().Context()), o.ID, c.Param("paper"))
	if err != nil {
		return nil, nil, err
	}
	o.asAgreed(c)
	return o, d, nil
}

func (h *Handlers) showPaper(c echo.Context) error {
	o, d, err := h.paperOf(c)
	if err != nil {
		return err
	}
	p := &PaperPage{Base: h.base(c, o.shop, "", ""), BackURL: o.url()}
	p.Preview, p.NoIndex = false, true
	p.Paper = h.Kit.Paper(p.Base, d)
	p.Title, p.PDFURL = p.Paper.Title, o.url()+"/papers/"+d.Number+"/pdf"
	return h.Kit.Show(c, http.StatusOK, "storefront/paper", p)
}

func (h *Handlers) showPaperPDF(c echo.Context) error {
	o, d, err := h.paperOf(c)
	if err != nil {
		return err
	}
	return h.Kit.ShowPDF(c, h.Kit.Paper(h.base(c, o.shop, "", ""), d))
}

// AcceptedPage is a text that the buyer accepted, in its words of that day.
type AcceptedPage struct {
	web.Base
	Heading    market.Said
	Version    string
	Accepted   string
	Hash       string
	Lang       string // of the text, when it is not the page's
	Paragraphs []string
	BackURL    string
}

func (h *Handlers) showAccepted(c echo.Context) error {
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	t, err := document.TextOf(h.NewCar.DB.Read(c.Request().Context()), o.ID, c.Param("name"))
	if err != nil {
		return err
	}
	p := &AcceptedPage{Base: h.base(c, o.shop, t.Title, ""), Heading: market.Said{Text: t.Title, Lang: other(t.TitleLang, o.shop.lang())}, Lang: other(t.Lang, o.shop.lang()), Version: t.Version, Hash: t.SHA256, BackURL: o.url(), Paragraphs: paragraphs(t.Body)}
	p.Preview, p.NoIndex = false, true
	p.Accepted = p.T("paper.text_accepted", "When", p.DateTime(t.AcceptedAt))
	return h.Kit.Show(c, http.StatusOK, "storefront/accepted", p)
}

func paragraphs(body string) []string {
	var out []string
	for _, p := range strings.Split(body, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// showProof answers the order's evidence pack: every paper as it was hashed and as a print, the texts, the
// history, sealed with the house's key.
func (h *Handlers) showProof(c echo.Context) error {
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	files, docs, err := h.NewCar.EvidenceOf(c.Request().Context(), o.Order)
	if err != nil {
		return err
	}
	b := h.base(c, o.shop, "", "")
	for _, d := range docs {
		raw, err := h.Kit.Paper(b, d).PDF()
		if err != nil {
			return err
		}
		files = append(files, pack.File{Name: "papers/" + d.Number + ".pdf", Data: raw})
	}
	sealed, err := h.NewCar.Seal.Seal(o.Number, o.shop.now, files)
	if err != nil {
		return err
	}
	return web.Download(c, "application/zip", sealed, "zip", o.Number)
}

// showEvidenceKey publishes the key that evidence packs are checked with.
func (h *Handlers) showEvidenceKey(c echo.Context) error {
	return c.Blob(http.StatusOK, "application/x-pem-file", h.NewCar.Seal.PEM())
}
