package manager

import (
	"net/http"

	"forecourt/internal/document"
	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// PapersPage is an order as the office sees it: its papers, and what happened to its money.
type PapersPage struct {
	web.Base
	Number string
	Car    string
	State  Badge
	Filed  []FiledPaper
	Story  []web.StoryEntry // of its money
}

// FiledPaper is a line of an order's papers.
type FiledPaper struct{ Name, Note, URL string }

// PaperPage is one of them. It names the buyer: whoever opens it needs the permission for it.
type PaperPage struct {
	web.Base
	Paper   web.Paper
	PDFURL  string
	BackURL string
}

// orderOf reads the order that the address names; one of a market that is not the reader's is not found.
func (s *Surface) orderOf(c echo.Context) (*ordering.Order, error) {
	number, ok := ordering.ReadNumber(c.Param("number"))
	if !ok {
		return nil, web.ErrNotFound
	}
	o, err := ordering.ByNumber(s.kit.DB.Read(c.Request().Context()), number)
	if err != nil {
		return nil, err
	}
	if !s.reader(c).Sees(o.Market) {
		return nil, web.ErrNotFound
	}
	return o, nil
}

func papersPath(o *ordering.Order) string { return "/manager/orders/" + o.Number }

func (s *Surface) showPapers(c echo.Context) error {
	o, err := s.orderOf(c)
	if err != nil {
		return err
	}
	papers, _, err := document.FiledOf(s.kit.DB.Read(c.Request().Context()), o.ID)
	if err != nil {
		return err
	}
	p := &PapersPage{Base: s.base(c, "/manager/orders", "paper.list.title"), Number: o.Number, Car: o.Snapshot.ModelName + " " + o.Snapshot.Version}
	p.State = orderBadge(p.Base, string(o.State))
	p.Title = p.Car + ", " + o.Number
	for _, f := range papers {
		one := FiledPaper{Name: web.PaperName(p.Base, f.Kind) + " " + f.Number, Note: p.DateShort(f.At)}
		if s.reader(c).May(identity.ManagerPapers) { // a paper names the buyer: the head office sees that it is there
			one.URL = papersPath(o) + "/papers/" + f.Number
		}
		p.Filed = append(p.Filed, one)
	}
	g := s.kit.DB.Read(c.Request().Context())
	ps, err := payment.Of(g, o.ID)
	if err != nil {
		return err
	}
	said, err := payment.SaidOf(g, o.ID)
	if err != nil {
		return err
	}
	p.Story = p.Base.Story(ps, said, s.kit.DB.Clock.Now())
	return s.kit.Show(c, http.StatusOK, "manager/papers", p)
}

func (s *Surface) paper(c echo.Context) (*PaperPage, error) {
	o, err := s.orderOf(c)
	if err != nil {
		return nil, err
	}
	d, err := document.ByNumber(s.kit.DB.Read(c.Request().Context()), o.ID, c.Param("paper"))
	if err != nil {
		return nil, err
	}
	p := &PaperPage{Base: s.base(c, "/manager/orders", "paper.list.title"), BackURL: papersPath(o)}
	p.Paper, p.PDFURL = s.kit.Paper(p.Base, d), papersPath(o)+"/papers/"+d.Number+"/pdf"
	p.Title = p.Paper.Title
	return p, nil
}

func (s *Surface) showPaper(c echo.Context) error {
	p, err := s.paper(c)
	if err != nil {
		return err
	}
	return s.kit.Show(c, http.StatusOK, "manager/paper", p)
}

func (s *Surface) showPaperPDF(c echo.Context) error {
	p, err := s.paper(c)
	if err != nil {
		return err
	}
	return s.kit.ShowPDF(c, p.Paper)
}
