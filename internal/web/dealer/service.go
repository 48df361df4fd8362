package dealer

import (
	"net/http"
	"slices"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const servicePath = "/dealer/service"

// ServicePage is the day of a workshop: its bays by the hour, and what each car is there for.
type ServicePage struct {
	Page
	Day                string
	PrevURL, NextURL   string
	TodayURL           string // empty on the day itself
	Hours              []string
	Bays               []PlannerBay
	Rows               []PlannerRow
	Courtesy           string
	Action, DayAsTyped string
}

// PlannerBay is a row of the day's picture: what stands in a bay, by the half hour.
type PlannerBay struct {
	Name  string
	Cells []PlannerCell
}

// PlannerCell is a stay, or free time, of so many half hours.
type PlannerCell struct {
	Span           int
	URL, Car, Work string
	Tone           string
}

// PlannerRow is a stay as the list tells it.
type PlannerRow struct {
	URL, Time, Car, Plate, Work, Bay, Who, Mobility, State, Tone string
}

// slotOf is how long a cell of the picture is.
const slotOf = 30 * time.Minute

func (h *Handlers) showService(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	if h.work == nil {
		return web.ErrNotFound
	}
	day := market.Date(web.CleanLine(c.QueryParam("day")))
	today := market.DateOf(s.now.In(s.dealer.Zone()))
	if !day.Valid() {
		day = today
	}
	p := &ServicePage{Page: h.page(c, s, "", "service"), Action: servicePath, DayAsTyped: string(day)}
	p.Title, p.Flows = p.T("dealer.service.title"), nil
	p.Day = p.Date(day.Time(s.dealer.Zone()).Add(12 * time.Hour))
	p.PrevURL, p.NextURL = servicePath+"?day="+string(day.Plus(-1)), servicePath+"?day="+string(day.Plus(1))
	if day != today {
		p.TodayURL = servicePath
	}
	if err := h.plan(c, p, s, day); err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/service", p)
}

// plan reads a day and draws it.
func (h *Handlers) plan(c echo.Context, p *ServicePage, s site, day market.Date) error {
	g, zone := h.kit.DB.Read(c.Request().Context()), s.dealer.Zone()
	from, to := day.Time(zone), day.Plus(1).Time(zone)
	list, err := aftersales.Planned(g, s.dealer.Code, from, to)
	if err != nil {
		return err
	}
	has, err := aftersales.CapacityOf(g, s.dealer.Code)
	if err != nil {
		return err
	}
	numbers, err := ordering.NumbersOf(g, ordersOf(list))
	if err != nil {
		return err
	}
	who := map[int]string{}
	for _, t := range has.Technicians {
		who[t.No] = t.Name
	}
	lent := map[int]bool{}
	for _, b := range slices.SortedStableFunc(slices.Values(list), func(a, b *aftersales.Booking) int { return a.StartsAt.Compare(b.StartsAt) }) {
		if b.State != aftersales.NoShow && b.Courtesy > 0 {
			lent[b.Courtesy] = true
		}
		p.Rows = append(p.Rows, p.plannerRow(s, b, numbers[b.Order], who[b.Technician]))
	}
	p.Courtesy = p.T("dealer.service.courtesy", "Lent", len(lent), "Of", len(has.Courtesy))
	p.draw(s, day, has, list, numbers)
	return nil
}

func ordersOf(list []*aftersales.Booking) (out []id.Order) {
	for _, b := range list {
		if b.Order != "" {
			out = append(out, b.Order)
		}
	}
	return out
}

func (p *ServicePage) plannerRow(s site, b *aftersales.Booking, number, who string) PlannerRow {
	r := PlannerRow{Time: p.P.Time(b.StartsAt.In(s.dealer.Zone())), Car: b.Told.Title, Plate: b.Told.Plate, Bay: p.T("dealer.service.bay", "No", b.Bay), Who: who, State: p.T("dealer.service.state." + string(b.State)), Tone: toneOf[b.State], Work: p.work(s, b)}
	if number != "" {
		r.URL = "/dealer/orders/" + number
	}
	if b.Mobility != aftersales.OnFoot {
		r.Mobility = p.T("service.mobility." + string(b.Mobility))
	}
	return r
}

var toneOf = map[aftersales.State]string{aftersales.Arrived: "info", aftersales.InWork: "info", aftersales.Ready: "ok", aftersales.Done: "ok", aftersales.NoShow: "bad", aftersales.Held: "warn"}

// work names what is done, in the reader's language.
func (p *ServicePage) work(s site, b *aftersales.Booking) string {
	var names []string
	for _, l := range b.Lines {
		names = append(names, l.Name.In(p.P.Lang(), s.market.Language()))
	}
	return p.P.List(names)
}

// draw makes a row of each bay from the site's first opening to its last closing.
func (p *ServicePage) draw(s site, day market.Date, has *aftersales.Capacity, list []*aftersales.Booking, numbers map[id.Order]string) {
	spans := s.dealer.SpansOn(s.market, day.Time(s.dealer.Zone()).Add(12*time.Hour))
	if len(spans) == 0 {
		return
	}
	from, to := spans[0][0].Truncate(slotOf), spans[len(spans)-1][1]
	for t := from; t.Before(to); t = t.Add(2 * slotOf) {
		p.Hours = append(p.Hours, p.P.Time(t.In(s.dealer.Zone())))
	}
	for _, bay := range has.Bays {
		row, at := PlannerBay{Name: p.T("dealer.service.bay", "No", bay.No)}, from
		for _, b := range list {
			if b.Bay != bay.No || b.State == aftersales.NoShow || b.StartsAt.Before(at) || !b.StartsAt.Before(to) {
				continue
			}
			if n := int(b.StartsAt.Sub(at) / slotOf); n > 0 {
				row.Cells = append(row.Cells, PlannerCell{Span: n})
			}
			n := max(1, int((b.EndsAt.Sub(b.StartsAt.Truncate(slotOf))+slotOf-1)/slotOf))
			cell := PlannerCell{Span: n, Car: b.Told.Title + " " + b.Told.Plate, Tone: toneOf[b.State]}
			if n > 1 { // half an hour has room for the car's name alone; the list says the rest
				cell.Work = p.work(s, b)
			}
			if number := numbers[b.Order]; number != "" {
				cell.URL = "/dealer/orders/" + number
			}
			row.Cells = append(row.Cells, cell)
			at = b.StartsAt.Truncate(slotOf).Add(time.Duration(n) * slotOf)
		}
		if n := int(to.Sub(at) / slotOf); n > 0 {
			row.Cells = append(row.Cells, PlannerCell{Span: n})
		}
		p.Bays = append(p.Bays, row)
	}
}
