package dealer

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
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
	body, err := s.table(h.page(c, s, "", "queue"), found.Rows)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	c.Response().Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="queue-%s-%s.csv"`, s.dealer.Code, market.DateOf(s.now.In(s.dealer.Zone()))))
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", body)
}

// exported are the columns of the file, in its order; the words are dealer.export.<name>.
var exported = []string{"number", "due", "task", "state", "buyer", "car", "colour", "vin", "plate", "owed", "currency", "since"}

// table writes rows as a file: instants in the site's time, amounts with a dot and two decimals.
func (s site) table(p Page, rows []allocation.Row) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	head := make([]string, len(exported))
	for i, name := range exported {
		head[i] = p.T("dealer.export." + name)
	}
	if err := w.Write(head); err != nil {
		return nil, err
	}
	for _, r := range rows {
		owed := ""
		if r.Name != "" {
			owed = fmt.Sprintf("%d.%02d", r.OwedMinor/100, r.OwedMinor%100)
		}
		line := []string{r.Number, s.stamp(dueOf(r)), p.T("dealer.task." + taskOf(r)), p.T("dstate." + r.OrderState), r.Name, r.Model + " " + r.Version, r.Colour, r.VIN, r.Plate, owed, r.Currency, s.stamp(r.Since)}
		for i := range line {
			line[i] = harmless(line[i])
		}
		if err := w.Write(line); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
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

func (s site) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.dealer.Zone()).Format("2006-01-02 15:04")
}

// harmless keeps a spreadsheet from taking a buyer's name for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
