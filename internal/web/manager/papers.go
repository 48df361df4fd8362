package manager

import (
	"net/http"
	"slices"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/document"
	"forecourt/internal/identity"
	"forecourt/internal/insight"
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
	Facts  []Fact
	Way    []WayStep
	Filed  []FiledPaper
	Slips  []web.CorrectionLine // of the dealer, that were put right
	Story  []web.StoryEntry     // of its money
	Done   string
	// Move is the last change of dealer that the office ordered; nil when there was none. MoveURL orders one.
	Move    *OrderedMove
	MoveURL string
}

// Fact is a line of what the order is; nothing in it tells who buys.
type Fact struct{ Label, Text string }

// WayStep is a step from the offer to the handover, with its time once it is done.
type WayStep struct{ Label, At, Class string }

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
	if err := s.facts(c, p, o); err != nil {
		return err
	}
	if err := s.moved(c, p, o); err != nil {
		return err
	}
	slips, err := ordering.CorrectionsOf(g, o.ID)
	if err != nil {
		return err
	}
	p.Slips = p.Corrections(slips, true)
	p.Story = p.Base.Story(ps, said, s.kit.DB.Clock.Now())
	return s.kit.Show(c, http.StatusOK, "manager/papers", p)
}

// facts fills in what the office needs to speak about the order: where it is, what it is, and by when somebody must act.
func (s *Surface) facts(c echo.Context, p *PapersPage, o *ordering.Order) error {
	w, g := s.kit.World.Now(), s.kit.DB.Read(c.Request().Context())
	add := func(key, text string) {
		if text != "" {
			p.Facts = append(p.Facts, Fact{p.T(key), text})
		}
	}
	dealer := string(o.Dealer)
	if d, ok := w.Dealer(o.Dealer); ok {
		dealer = d.Name
	}
	add("manager.orders.dealer", dealer)
	add("manager.orders.market", marketName(w, o.Market))
	add("manager.orders.car", strings.Trim(o.Snapshot.Engine+", "+o.Snapshot.Colour, ", "))
	add("manager.facts.price", p.Money(o.Total()))
	add("manager.facts.vin", o.VIN)
	add("manager.facts.plate", o.Plate)
	add("manager.facts.ordered", instant(p.Base, w, o.Market, o.CreatedAt))
	entries, err := allocation.Of(g, o.ID)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch {
		case e.State == allocation.Offered:
			add("manager.facts.answer_by", instant(p.Base, w, o.Market, e.DueAt))
		case e.State == allocation.Accepted && !e.StageDueAt.IsZero() && !o.State.Sold():
			add("manager.facts.stage_by", instant(p.Base, w, o.Market, e.StageDueAt))
		}
	}
	steps, err := insight.OrderSteps(g, o.ID)
	if err != nil {
		return err
	}
	way := o.Steps()
	here := slices.Index(way, o.State)
	for i, st := range way {
		x := WayStep{Label: p.T("manager.order." + string(st))}
		switch {
		case i < here, o.State.Sold():
			x.Class = "done"
		case i == here:
			x.Class = "now"
		}
		for _, e := range steps {
			if st == ordering.HandedOver && e.Event == string(ordering.Undo) {
				x.At = "" // it did not happen
			}
			if e.To == string(st) && ordering.Event(e.Event).Reaches() {
				x.At = instant(p.Base, w, o.Market, e.At)
			}
		}
		p.Way = append(p.Way, x)
	}
	return nil
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
