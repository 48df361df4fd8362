package manager

import (
	"net/http"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// RangesPage lists every model of the reader's markets with what its publication reported.
type RangesPage struct {
	web.Base
	Zones  string
	Brands []RangeBrand
}

// RangeBrand is a brand with its models, a line for each market.
type RangeBrand struct {
	Name  string
	Lines []RangeLine
}

// RangeLine is a model in one market.
type RangeLine struct {
	Model     string
	Market    string
	URL       string
	Compiled  bool // there is an edition; without one the shop compiles on the fly
	Cars      string
	Choices   int
	Rules     int
	Published string
	Who       string
	Warnings  []Badge
}

func (s *Surface) showRanges(c echo.Context) error {
	r, w := s.reader(c), s.kit.World.Now()
	p := &RangesPage{Base: s.base(c, rangesPath, "manager.range.title")}
	p.Zones = p.P.List(zones(p.Base, r))
	names, err := s.publishers(c, w, r)
	if err != nil {
		return err
	}
	for _, b := range w.Brands {
		one := RangeBrand{Name: b.Name}
		for _, rng := range s.models(w, r, b.Code) {
			for _, m := range r.sold(rng) {
				one.Lines = append(one.Lines, p.line(w, rng, m, s.today(m), names))
			}
		}
		if len(one.Lines) > 0 {
			p.Brands = append(p.Brands, one)
		}
	}
	return s.kit.Show(c, http.StatusOK, "manager/ranges", p)
}

func (p *RangesPage) line(w *world.World, rng *catalogue.Range, m *market.Market, day market.Date, names map[string]string) RangeLine {
	l := RangeLine{Model: rng.Name, Market: m.Name, URL: rangeURL(rng.Brand, rng.Model, "", "market", string(m.Code))}
	e, ok := live(w, rng, m.Code, day)
	held := inForce(w.Holds(rng.Brand, m.Code, rng.Model), day)
	if !ok {
		l.Warnings = []Badge{{Label: p.T("manager.range.unpublished"), Tone: "warn"}}
	} else {
		l.Compiled, l.Cars, l.Choices, l.Rules = true, digits(p.P, e.Report.Cars), e.Report.Features, e.Report.Rules
		l.Published, l.Who = p.P.DateTime(e.PublishedAt.In(m.Zone())), publisher(p.Base, e.By, names)
		if n := len(e.Report.Never); n > 0 {
			l.Warnings = append(l.Warnings, Badge{Label: p.N("manager.range.warn.never", n), Tone: "bad"})
		}
		if n := len(e.Report.Idle); n > 0 {
			l.Warnings = append(l.Warnings, Badge{Label: p.N("manager.range.warn.idle", n), Tone: "warn"})
		}
	}
	if n := len(held); n > 0 {
		l.Warnings = append(l.Warnings, Badge{Label: p.N("manager.range.warn.held", n), Tone: "info", Icon: "lock"})
	}
	return l
}

// publishers are the names of all who published what is live.
func (s *Surface) publishers(c echo.Context, w *world.World, r reader) (map[string]string, error) {
	var who []string
	for _, b := range w.Brands {
		for _, rng := range s.models(w, r, b.Code) {
			for _, e := range w.Editions(b.Code, rng.Model) {
				who = append(who, staffKey(e.By))
			}
		}
	}
	return insight.Names(s.kit.DB.Read(c.Request().Context()), who)
}

// staffKey is the user's key of "staff:<key>"; what is not of that form comes back as it is.
func staffKey(by string) string { return strings.TrimPrefix(by, "staff:") }

// publisher names who published: a person, an import of the files or the command line.
func publisher(b web.Base, by string, names map[string]string) string {
	if name := names[staffKey(by)]; name != "" {
		return name
	}
	return known(b, "manager.range.by.", by)
}

// live is the edition that a market is served from; the first one to come when none is in force yet.
func live(w *world.World, rng *catalogue.Range, m id.Market, day market.Date) (world.EditionInfo, bool) {
	if e, ok := w.EditionOn(rng.Brand, rng.Model, m, day); ok {
		return e, true
	}
	for _, e := range w.Editions(rng.Brand, rng.Model) {
		if e.Market == m {
			return e, true
		}
	}
	return world.EditionInfo{}, false
}
