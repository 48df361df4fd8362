package manager

import (
	"net/http"
	"strconv"

	"forecourt/internal/allocation"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const forecastsPath = "/manager/forecasts"

// ForecastsPage tells how often the ranges that were told to buyers held, market by market.
type ForecastsPage struct {
	web.Base
	Markets []ForecastMarket
}

// ForecastMarket is one market.
type ForecastMarket struct {
	Code, Name string
	Said       []string // a sentence for each of the odds
	Dots       []ForecastDot
	Rows       []ForecastRow
}

// ForecastDot is a point of the picture: across what was said, up what came true. Both run from none to all over 200.
type ForecastDot struct{ X, Y, R int }

// ForecastRow is a line of the table.
type ForecastRow struct {
	Odds, Stage, Forecasts, Held, Early, Late, Share string
	Sum                                              bool
}

func (s *Surface) showForecasts(c echo.Context) error {
	p := &ForecastsPage{Base: s.base(c, forecastsPath, "manager.forecasts.title")}
	g, now := s.kit.DB.Read(c.Request().Context()), s.kit.DB.Clock.Now()
	for _, m := range s.reader(c).markets {
		scores, err := allocation.ScoresOf(g, m.Code, now.AddDate(0, 0, -allocation.ScoredDays), now, m.Zone())
		if err != nil {
			return err
		}
		p.Markets = append(p.Markets, p.market(string(m.Code), m.Name, scores))
	}
	return s.kit.Show(c, http.StatusOK, "manager/forecasts", p)
}

func (p *ForecastsPage) market(code, name string, scores []allocation.Scored) ForecastMarket {
	out := ForecastMarket{Code: code, Name: name}
	for _, sum := range allocation.ByOdds(scores) {
		held, _ := sum.HeldPct()
		out.Said = append(out.Said, p.N("manager.forecasts.said", sum.Forecasts, "Odds", p.percent(sum.Odds), "Held", p.percent(held)))
		out.Dots = append(out.Dots, ForecastDot{X: 2 * sum.Odds, Y: 200 - 2*held, R: 5})
		for _, x := range scores {
			if x.Odds == sum.Odds {
				out.Rows = append(out.Rows, p.row(x, p.T("manager.order."+x.Stage)))
			}
		}
		all := p.row(sum, p.T("manager.forecasts.all"))
		all.Sum = true
		out.Rows = append(out.Rows, all)
	}
	return out
}

func (p *ForecastsPage) row(x allocation.Scored, stage string) ForecastRow {
	held, _ := x.HeldPct()
	return ForecastRow{Odds: p.percent(x.Odds), Stage: stage, Forecasts: strconv.Itoa(x.Forecasts), Held: strconv.Itoa(x.Held), Early: strconv.Itoa(x.Early), Late: strconv.Itoa(x.Late), Share: p.percent(held)}
}

func (p *ForecastsPage) percent(n int) string { return p.P.Percent(int64(n) * 100) }

// sampleForecasts is invented, for the test that checks all templates against their structs.
func sampleForecasts() *ForecastsPage {
	p := &ForecastsPage{Base: sampleBase()}
	p.Markets = []ForecastMarket{p.market("gb", "United Kingdom", []allocation.Scored{{Stage: "accepted", Odds: 80, Forecasts: 40, Held: 30, Early: 4, Late: 6}}), {Code: "it", Name: "Italia"}}
	return p
}
