package manager

import (
	"net/http"
	"time"

	"forecourt/internal/insight"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const silencesPath = "/manager/silences"

// silencesLimit bounds the list; silencesDays is how long one that ended stays on it.
const (
	silencesLimit = 200
	silencesDays  = 30
)

// SilencesPage lists orders whose buyers should have heard something, the longest silence first.
type SilencesPage struct {
	web.Base
	Rows []SilenceRow
}

// SilenceRow is one of them.
type SilenceRow struct {
	Number, Dealer, Market string
	State                  Badge
	Age                    string // of the silence, or how long it was
	Told                   Badge  // who knows of it
	Next                   string // what comes next, and when
}

func (s *Surface) showSilences(c echo.Context) error {
	r, w, now := s.reader(c), s.kit.World.Now(), s.kit.DB.Clock.Now()
	found, err := insight.Silences(s.kit.DB.Read(c.Request().Context()), r.places(), now.AddDate(0, 0, -silencesDays), silencesLimit)
	if err != nil {
		return err
	}
	p := &SilencesPage{Base: s.base(c, silencesPath, "manager.silences.title")}
	for _, x := range found {
		row := SilenceRow{Number: x.Number, Dealer: string(x.Dealer), Market: marketName(w, x.Market), State: orderBadge(p.Base, x.State)}
		if d, ok := w.Dealer(x.Dealer); ok {
			row.Dealer = d.Name
		}
		row.Age, row.Told = p.age(x, now), p.told(x)
		switch {
		case x.EndedAt != nil:
			row.Next = p.T("manager.silences.ended", "When", instant(p.Base, w, x.Market, *x.EndedAt))
		case x.NextAt != nil:
			row.Next = p.T("manager.silences.next."+nextTold(x), "When", instant(p.Base, w, x.Market, *x.NextAt))
		default:
			row.Next = p.T("manager.silences.news")
		}
		p.Rows = append(p.Rows, row)
	}
	return s.kit.Show(c, http.StatusOK, "manager/silences", p)
}

// age is how long the buyer has waited beyond what was promised.
func (p *SilencesPage) age(x insight.Silence, now time.Time) string {
	if x.EndedAt != nil {
		now = *x.EndedAt
	}
	return p.N("manager.age.days", max(0, int(now.Sub(x.DueAt)/(24*time.Hour))))
}

func (p *SilencesPage) told(x insight.Silence) Badge {
	switch {
	case x.BuyerToldAt != nil:
		return Badge{Label: p.T("manager.silences.told.buyer"), Tone: "bad"}
	case x.CountryToldAt != nil:
		return Badge{Label: p.T("manager.silences.told.country"), Tone: "warn"}
	}
	return Badge{Label: p.T("manager.silences.told.dealer")}
}

// nextTold is who hears of it next.
func nextTold(x insight.Silence) string {
	if x.CountryToldAt == nil {
		return "country"
	}
	return "buyer"
}
