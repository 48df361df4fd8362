package dealer

import (
	"net/http"
	"net/url"

	"forecourt/internal/allocation"
	"forecourt/internal/identity"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const scorecardPath = "/dealer/scorecard"

// ScorecardPage is what the site did of late, and what is said about it.
type ScorecardPage struct {
	Page
	Card *web.Scorecard
}

// cardReader is the site as reader of its own card.
func (s site) cardReader() web.CardReader {
	return web.CardReader{CardSite: allocation.CardSite{Dealer: s.dealer, Market: s.market}, Path: scorecardPath, Side: allocation.SideDealer, Write: s.user.MayAt(identity.DealerQueue, s.dealer.Code),
		Order: func(x allocation.Case) string {
			if !x.Here {
				return "" // another dealer's by now: it does not exist here
			}
			return "/dealer/orders/" + url.PathEscape(x.Number)
		}}
}

func (h *Handlers) scorecardPage(c echo.Context, s site, q web.CardQuery) (*ScorecardPage, error) {
	p := &ScorecardPage{Page: h.page(c, s, "", "scorecard")}
	p.Title = p.T("score.title")
	var err error
	p.Card, err = h.kit.ReadScorecard(c, p.Base, s.cardReader(), q)
	return p, err
}

func (h *Handlers) showScorecard(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	q, err := web.ReadCardQuery(c.QueryParam("days"), c.QueryParam("figure"), c.QueryParam("reason"))
	if err != nil {
		return err
	}
	q.Flow, q.Named = s.flow, s.named()
	p, err := h.scorecardPage(c, s, q)
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/scorecard", p)
}

// remark sends the site's words about a figure or a case to the country.
func (h *Handlers) remark(c echo.Context) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, f *web.Form) (web.Act, error) {
		q, err := web.ReadCardQuery(f.Value("days"), f.Value("figure"), f.Value("reason"))
		if err != nil {
			return web.Act{}, err
		}
		q.Flow, q.Named = s.flow, s.named()
		return web.RemarkAct(f, s.cardReader(), q, s.user.ID, h.cars.RemarkTx, func(r web.Refusal) error {
			p, err := h.scorecardPage(c, s, q)
			if err != nil {
				return err
			}
			p.Errors, p.Problem = f.Errors(), p.Sentence(r.Key)
			p.Card.Keep(f)
			return h.kit.Show(c, r.Status, "dealer/scorecard", p)
		})
	})
}
