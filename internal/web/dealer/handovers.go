package dealer

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// HandoversPage is the list of booked handovers, day by day, and the place to type or scan a code.
type HandoversPage struct {
	Page
	Code string
	Days []Day
}

// Day is the handovers of a day.
type Day struct {
	Label string
	Near  string // "today" or "tomorrow"
	Late  bool   // the day is over and the cars are still here
	Lines []Meeting
	day   time.Time
}

// Meeting is one booked handover.
type Meeting struct {
	Line
	Time string
	Paid bool
}

func (h *Handlers) showHandovers(c echo.Context) error {
	return web.View(h.kit, c, h.siteOf, "dealer/handovers", h.handoversPage)
}

// mostMeetings bounds the list: more than any site hands over in the weeks that can be booked.
const mostMeetings = 400

func (h *Handlers) handoversPage(c echo.Context, s site) (*HandoversPage, error) {
	p := &HandoversPage{Page: h.page(c, s, "", "handovers")}
	p.Title = p.T("dealer.handovers_title", "Site", s.dealer.Name)
	var all []allocation.Row
	for _, f := range s.flows { // the bays are the same for all
		s.flow = f.Flow
		found, err := allocation.QueueOf(h.kit.DB.Read(c.Request().Context()), s.ask(allocation.Handovers, mostMeetings))
		if err != nil {
			return nil, err
		}
		all = append(all, found.Rows...)
	}
	others, err := h.meetings(c.Request().Context(), s)
	if err != nil {
		return nil, err
	}
	all = append(all, others...)
	slices.SortStableFunc(all, func(a, b allocation.Row) int { return a.StartsAt.Compare(b.StartsAt) })
	p.fill(s, all)
	p.lead(others)
	return p, nil
}

func (p *HandoversPage) fill(s site, rows []allocation.Row) {
	today := noon(s.now.In(p.zone()))
	for _, r := range rows {
		day := noon(r.StartsAt.In(p.zone()))
		if len(p.Days) == 0 || !p.Days[len(p.Days)-1].day.Equal(day) {
			d := Day{Label: p.Date(r.StartsAt), day: day, Late: day.Before(today)}
			if ahead := day.Sub(today); ahead == 0 || ahead == 24*time.Hour {
				d.Near = p.Day(r.StartsAt)
			}
			p.Days = append(p.Days, d)
		}
		d := &p.Days[len(p.Days)-1]
		d.Lines = append(d.Lines, Meeting{Line: s.line(p.Page, r), Time: p.Time(r.StartsAt), Paid: r.OwedMinor <= 0})
	}
}

// lead leads from handovers for other sites to where those are made.
func (p *HandoversPage) lead(others []allocation.Row) {
	for i := range p.Days {
		for k := range p.Days[i].Lines {
			if l := &p.Days[i].Lines[k]; slices.ContainsFunc(others, func(r allocation.Row) bool { return r.Number == l.Number }) {
				l.URL = movesPath + "/" + l.Number
			}
		}
	}
}

// find opens the handover of a pickup code, typed or scanned, or of an order number. It changes
// nothing.
// codeTries bounds how often a site may try pickup codes that are wrong: far above a busy Saturday, far
// below guessing.
var codeTries = limit.Rule{Name: "pickup.code", Max: 60, Window: 15 * time.Minute}

// mayTryCode counts every try as a wrong one; knewCode takes it back.
func (h *Handlers) mayTryCode(c echo.Context, s site) error {
	return limit.Take(c.Request().Context(), h.kit.DB, codeTries, string(s.dealer.Code))
}

func (h *Handlers) knewCode(c echo.Context, s site) error {
	return limit.GiveBack(c.Request().Context(), h.kit.DB, codeTries, string(s.dealer.Code))
}

func (h *Handlers) find(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	if err := h.mayTryCode(c, s); err != nil {
		return err
	}
	typed := cut(web.CleanLine(c.QueryParam("code")), 40)
	seen, ok, err := allocation.Find(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, h.cars.Flows(), typed)
	if err != nil {
		return err
	}
	if !ok {
		p, err := h.handoversPage(c, s)
		if err != nil {
			return err
		}
		p.Code, p.Errors = typed, web.FieldErrors{Keys: map[string]string{"code": "dealer.code_unknown"}, Order: []string{"code"}}
		return h.kit.Show(c, http.StatusNotFound, "dealer/handovers", p)
	}
	if err := h.knewCode(c, s); err != nil {
		return err
	}
	to := "/dealer/orders/" + url.PathEscape(seen.Number)
	switch {
	case seen.ByCode:
		to += "/handover?code=" + url.QueryEscape(plainCode(typed))
	case seen.OrderState == string(ordering.Ready):
		to += "/handover"
	}
	return web.SeeOther(c, to)
}
