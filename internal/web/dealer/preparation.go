package dealer

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const preparationPath = "/dealer/preparation"

// PreparationPage is the workshop's board: the cars that have come, and what is left to do to each before it may be
// called ready.
type PreparationPage struct {
	Page
	Cars []Bench
	Late int // cars whose time is over
}

// Bench is one car on the board.
type Bench struct {
	allocation.Prepared
	URL   string
	Text  string
	Tail  string
	Due   Due
	Items []Item
	Left  int
	// Release is the step that is left when all is done.
	Release bool
}

func (h *Handlers) showPreparation(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	p := &PreparationPage{Page: h.page(c, s, "", "preparation")}
	p.Title = p.T("dealer.preparation_title", "Site", s.dealer.Name)
	cars, err := allocation.BoardOf(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, s.flow)
	if err != nil {
		return err
	}
	p.fill(s, cars)
	return h.kit.Show(c, http.StatusOK, "dealer/preparation", p)
}

func (p *PreparationPage) fill(s site, cars []allocation.Prepared) {
	for _, x := range cars {
		b := Bench{Prepared: x, URL: "/dealer/orders/" + url.PathEscape(x.Number), Text: join(x.Model+" "+x.Version, x.Colour), Tail: vinTail(x.VIN),
			Release: x.OrderState == string(ordering.Prepared)}
		b.Due = Due{Icon: "clock", Top: p.T("dealer.since", "Day", p.Day(x.StageAt))}
		if !x.StageDueAt.IsZero() {
			b.Due.Top, b.Due.Below = p.T("dealer.until_day", "Day", p.Day(x.StageDueAt)), b.Due.Top
			if s.now.After(x.StageDueAt) {
				b.Due.Tone = "bad"
				p.Late++
			}
		}
		done := strings.Split(x.Checks, ",")
		for _, item := range s.kind.Preparation {
			i := Item{Code: item, Done: b.Release || slices.Contains(done, item)}
			if !i.Done {
				b.Left++
			}
			b.Items = append(b.Items, i)
		}
		p.Cars = append(p.Cars, b)
	}
}

// stillOnPlan tells the buyer that nothing has changed.
func (h *Handlers) stillOnPlan(c echo.Context) error {
	return h.act(c, deed{name: "news", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) (string, error) {
		return orderURL(number, "on_plan"), h.cars.StillOnPlanTx(ctx, tx, s.staff(), number)
	}})
}
