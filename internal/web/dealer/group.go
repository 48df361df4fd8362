package dealer

import (
	"net/http"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// GroupPage is the queue of all sites of the reader: each site with its counts, and what is most urgent.
type GroupPage struct {
	Page
	Group string
	Sites []SiteLine
	Rows  []GroupLine
	Today string
}

// SiteLine is one site.
type SiteLine struct {
	Code                    id.Dealer
	Name                    string
	Answer, Work, Handovers int
	Late                    int
	First                   string // when the next answer is due; empty when none is
	Here                    bool   // the one at which the reader works
}

// GroupLine is a line of the queue with its site.
type GroupLine struct {
	Line
	At string
}

func (h *Handlers) showGroup(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	p := &GroupPage{Page: h.page(c, s, "", "group"), Group: s.dealer.GroupTitle()}
	p.Title = p.T("site.group.title", "Group", p.Group)
	rows, counts, err := allocation.GroupQueue(h.kit.DB.Read(c.Request().Context()), s.user.SitesWith(identity.DealerSee), s.flow, s.now)
	if err != nil {
		return err
	}
	p.fill(s, rows, counts)
	return h.kit.Show(c, http.StatusOK, "dealer/group", p)
}

func (p *GroupPage) fill(s site, rows []allocation.GroupRow, counts []allocation.SiteCounts) {
	p.Today = p.T("dealer.when", "Day", p.Date(s.now), "Time", p.Time(s.now))
	for _, x := range counts {
		l := SiteLine{Code: x.Dealer, Name: s.at(x.Dealer).dealer.Name, Answer: x.Answer, Work: x.Work, Handovers: x.Handovers, Late: x.Late, Here: x.Dealer == s.dealer.Code}
		if !x.First.Equal(time.Time{}) {
			l.First = p.When(x.First)
		}
		p.Sites = append(p.Sites, l)
	}
	for _, r := range rows {
		at := s.at(r.Dealer)
		p.Rows = append(p.Rows, GroupLine{at.line(p.Page, r.Row), at.dealer.Name})
	}
}

// at is another site of the reader's group: its clock and its distances are its own.
func (s site) at(code id.Dealer) site {
	if d, ok := s.world.Dealer(code); ok {
		s.dealer = d
	}
	return s
}

// switchSite moves the reader's session to another of his sites.
func (h *Handlers) switchSite(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ok, err := h.kit.Sessions.WorkAt(c.Request().Context(), id.Dealer(f.Value("site")))
	if err != nil {
		return err
	}
	if !ok {
		return web.ErrNotFound
	}
	return web.SeeOther(c, "/dealer")
}
