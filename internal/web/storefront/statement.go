package storefront

import (
	"context"
	"net/http"
	"unicode/utf8"

	"forecourt/internal/feedback"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// StatementPage says how accessible the shop is, and what a reader can do about a barrier.
type StatementPage struct {
	web.Base
	Text   LegalText
	Dated  string
	Access Access
	Report string
}

// Access is where a reader turns to, in the reader's words.
type Access struct {
	Mail, Law string
	Bodies    []AccessBody
}

// AccessBody is an authority that watches.
type AccessBody struct {
	Name market.Said
	URL  string
}

func (s *shop) access() Access {
	a := s.market.Access
	out := Access{Mail: a.Mail, Law: s.read(a.Law).Text}
	for _, b := range a.Bodies {
		out.Bodies = append(out.Bodies, AccessBody{s.read(b.Name), b.URL})
	}
	return out
}

func (h *Handlers) showStatement(c echo.Context) error {
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	t := s.market.TextAt("accessibility", s.day)
	if len(t.Body) == 0 {
		return web.ErrNotFound
	}
	return h.shared(c, s, nil, "storefront/statement", func() (any, error) {
		p := &StatementPage{Base: h.base(c, s, s.read(t.Title).Text, ""), Text: s.legalText(t), Access: s.access(), Report: reportURL(s)}
		p.Dated = dayWords(p.Base, t.From)
		s.publish(&p.Base, "/legal/accessibility", "", p.T("storefront.describe.legal", "Title", p.Title, "Brand", s.brand.Name))
		return p, nil
	})
}

func reportURL(s *shop) string { return s.path() + "/legal/accessibility/report" }

// ReportPage takes what stands in a reader's way.
type ReportPage struct {
	web.Base
	Page, Message, Email string
	Errors               web.FieldErrors
	Done                 bool
	PostURL              string
	BackURL              string
	Access               Access
}

func (h *Handlers) reportPage(c echo.Context, s *shop) *ReportPage {
	p := &ReportPage{Base: h.base(c, s, "", ""), PostURL: reportURL(s), BackURL: s.path() + "/legal/accessibility", Access: s.access()}
	p.Title, p.NoIndex = p.T("storefront.report.title"), true
	return p
}

func (h *Handlers) showReport(c echo.Context) error {
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	p := h.reportPage(c, s)
	p.Page, p.Done = cut(web.CleanLine(c.QueryParam("page")), feedback.MostPage), c.QueryParam("done") != ""
	return h.Kit.Show(c, http.StatusOK, "storefront/report", p)
}

func (h *Handlers) sendReport(c echo.Context) error {
	return web.Post(h.Kit, c, h.anyShop, func(s *shop, f *web.Form) (web.Act, error) {
		p := h.reportPage(c, s)
		p.Page, p.Message, p.Email = f.Value("page"), f.Text("message"), f.Value("email")
		p.check(f)
		return h.begins(c, web.Act{Name: "storefront.report", Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return p.PostURL + "?done=1", h.Barriers.ReportTx(ctx, tx, feedback.Report{Brand: s.brand.Code, Market: s.market.Code, Page: p.Page, Message: p.Message, Email: p.Email})
		}, Again: func(r web.Refusal) error {
			p.Errors = f.Errors()
			return h.Kit.Show(c, r.Status, "storefront/report", p)
		}}), nil
	})
}

func (p *ReportPage) check(f *web.Form) {
	switch n := utf8.RuneCountInString(p.Message); {
	case n == 0:
		f.Reject("message", "storefront.report.message_missing")
	case n > feedback.MostMessage:
		f.Reject("message", "checkout.error.too_long")
	}
	if utf8.RuneCountInString(p.Page) > feedback.MostPage {
		f.Reject("page", "checkout.error.too_long")
	}
	if p.Email != "" && !plausibleEmail(p.Email) {
		f.Reject("email", "checkout.error.email")
	}
}
