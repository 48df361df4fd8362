package dealer

import (
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/market"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const exportPath = "/dealer/queue.csv"

// mostExported bounds a file: more than any dealer has open.
const mostExported = 10_000

// exportQueue answers the part of the queue that the page shows, all its rows, for a spreadsheet. It is read as the
// page is: nobody is named before the dealer has accepted.
func (h *Handlers) exportQueue(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	ask := s.ask(tabOf(c.QueryParam("tab")), mostExported)
	ask.Words = cut(web.CleanLine(c.QueryParam("q")), mostWords)
	found, err := allocation.QueueOf(h.kit.DB.Read(c.Request().Context()), ask)
	if err != nil {
		return err
	}
	p := h.page(c, s, "", "queue")
	head := make([]string, len(exported))
	for i, name := range exported {
		head[i] = p.T("dealer.export." + name)
	}
	return web.Sheet(c, head, func(yield func([]string, error) bool) {
		for _, r := range found.Rows {
			if !yield(s.record(p, r), nil) {
				return
			}
		}
	}, "queue", string(s.dealer.Code), string(market.DateOf(s.now.In(s.dealer.Zone()))))
}

// exported are the columns of the file, in its order; the words are dealer.export.<name>.
var exported = []string{"number", "due", "task", "state", "buyer", "car", "colour", "vin", "plate", "owed", "currency", "since"}

// record writes a row for the file: instants in the site's time.
func (s site) record(p Page, r allocation.Row) []string {
	owed := ""
	if r.Name != "" {
		owed = web.CellAmount(r.OwedMinor)
	}
	return []string{r.Number, web.CellTime(dueOf(r), s.dealer.Zone()), p.T("dealer.task." + taskOf(r)), p.T("dstate." + r.OrderState), r.Name, r.Model + " " + r.Version, r.Colour, r.VIN, r.Plate, owed, r.Currency, web.CellTime(r.Since, s.dealer.Zone())}
}

// dueOf is when a row needs somebody; zero when nobody said.
func dueOf(r allocation.Row) time.Time {
	switch r.Tab {
	case allocation.Answer:
		return r.DueAt
	case allocation.Handovers:
		return r.StartsAt
	case allocation.Work:
		return r.StageDueAt
	}
	return time.Time{}
}
