package manager

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const scorecardsPath = "/manager/scorecards"

// ScorecardsPage lists the cards of all sites that the reader may see.
type ScorecardsPage struct {
	web.Base
	Days    int
	Flows   []web.CardPeriod // the same page of what else is sold; empty where one thing is
	Periods []web.CardPeriod
	Heads   []ScorecardHead
	Rows    []ScorecardRow
}

// ScorecardHead is a column to sort by.
type ScorecardHead struct {
	Label, URL, Sorted string // Sorted is "ascending" or "descending"; empty when the list is not sorted by it
	Num                bool
}

// ScorecardRow is one site.
type ScorecardRow struct {
	Name, Market, URL string
	Cells             []string // in the order of the heads behind the first two
	Waiting           int      // remarks that nobody has answered
}

// scoreline is a site with its card, to be sorted.
type scoreline struct {
	site allocation.CardSite
	card allocation.Scorecard
}

// scoreColumn is something that the list can be sorted by.
type scoreColumn struct {
	code string
	down bool                        // the first click sorts downwards: what needs a look stands on top
	by   func(scoreline) (int, bool) // false when the site has no such figure: it stands last then
	say  func(web.Base, scoreline) string
}

var scoreColumns = []scoreColumn{
	{code: "site"},
	{code: "market"},
	{"answer", true, func(l scoreline) (int, bool) { return int(l.card.Median.Minutes()), l.card.Timed > 0 }, func(b web.Base, l scoreline) string { return b.OpenTime(l.card.Median) }},
	{"in_time", false, func(l scoreline) (int, bool) { return l.card.InTimePct() }, func(b web.Base, l scoreline) string { return share(b, l.card.InTimePct) }},
	{"keep", false, func(l scoreline) (int, bool) { return l.card.KeptPct() }, func(b web.Base, l scoreline) string { return share(b, l.card.KeptPct) }},
	{"declines", true, func(l scoreline) (int, bool) { return l.card.Declined(), l.card.All() > 0 }, func(b web.Base, l scoreline) string { return b.P.Int(int64(l.card.Declined())) }},
	{"buyers", false, func(l scoreline) (int, bool) { return int(l.card.ScoreTenths()), l.card.Rated() > 0 }, func(b web.Base, l scoreline) string { return b.P.Decimal1(l.card.ScoreTenths()) }},
	{"waiting", true, func(l scoreline) (int, bool) { return l.card.Waiting, true }, func(b web.Base, l scoreline) string { return b.P.Int(int64(l.card.Waiting)) }},
}

func share(b web.Base, of func() (int, bool)) string {
	n, _ := of()
	return b.P.Percent(int64(n) * 100)
}

// readCard reads what is asked for, of the flow that the address names or else the first that is sold here.
func (s *Surface) readCard(c echo.Context, days, figure, reason string) (web.CardQuery, error) {
	q, err := web.ReadCardQuery(days, figure, reason)
	sold := s.cars.Flows()
	q.Flow = sold[0]
	if f := id.Flow(c.QueryParam("flow")); f != q.Flow && slices.Contains(sold, f) {
		q.Flow, q.Named = f, f
	}
	return q, err
}

// flowTabs lead to the same card of each flow.
func (s *Surface) flowTabs(b web.Base, path string, q web.CardQuery) (out []web.CardPeriod) {
	sold := s.cars.Flows()
	if len(sold) < 2 {
		return nil
	}
	for i, f := range sold {
		other := web.CardQuery{Days: q.Days, Flow: f}
		if i > 0 {
			other.Named = f
		}
		out = append(out, web.CardPeriod{Label: b.T("shared.flow." + string(f)), URL: other.URL(path), Current: f == q.Flow})
	}
	return out
}

func (s *Surface) showScorecards(c echo.Context) error {
	q, err := s.readCard(c, c.QueryParam("days"), "", "")
	if err != nil {
		return err
	}
	at := max(0, slices.IndexFunc(scoreColumns, func(x scoreColumn) bool { return x.code == c.QueryParam("sort") }))
	down := scoreColumns[at].down != (c.QueryParam("turn") == "1")
	p := &ScorecardsPage{Base: s.base(c, scorecardsPath, "manager.scores.title"), Days: q.Days}
	p.Flows = s.flowTabs(p.Base, scorecardsPath, q)
	lines, err := s.scorelines(c, q)
	if err != nil {
		return err
	}
	slices.SortStableFunc(lines, func(a, b scoreline) int { return compareLines(at, down, a, b) })
	p.fill(q, at, down, lines)
	return s.kit.Show(c, http.StatusOK, "manager/scorecards", p)
}

func (s *Surface) scorelines(c echo.Context, q web.CardQuery) ([]scoreline, error) {
	var sites []allocation.CardSite
	for _, m := range s.reader(c).markets {
		for _, d := range s.kit.World.Now().DealersOf(m.Code) {
			sites = append(sites, allocation.CardSite{Dealer: d, Market: m})
		}
	}
	cards, err := s.kit.Scorecards(c, sites, q)
	out := make([]scoreline, len(cards))
	for i, x := range cards {
		out[i] = scoreline{sites[i], x}
	}
	return out, err
}

// compareLines sorts by a column; equals stand by the name of the site.
func compareLines(at int, down bool, a, b scoreline) int {
	turn := 1
	if down {
		turn = -1
	}
	byName := cmp.Or(strings.Compare(a.site.Dealer.Name, b.site.Dealer.Name), cmp.Compare(a.site.Dealer.Code, b.site.Dealer.Code))
	switch x := scoreColumns[at]; {
	case x.code == "market":
		return cmp.Or(turn*strings.Compare(a.site.Market.Name, b.site.Market.Name), byName)
	case x.by == nil:
		return turn * byName
	default:
		n, isN := x.by(a)
		m, isM := x.by(b)
		if isN != isM {
			if isN {
				return -1
			}
			return 1
		}
		return cmp.Or(turn*cmp.Compare(n, m), byName)
	}
}

func (p *ScorecardsPage) fill(q web.CardQuery, at int, down bool, lines []scoreline) {
	address := func(days int, code string, turn bool) string {
		v := url.Values{"days": {strconv.Itoa(days)}, "sort": {code}}
		if turn {
			v.Set("turn", "1")
		}
		if q.Named != "" {
			v.Set("flow", string(q.Named))
		}
		return scorecardsPath + "?" + v.Encode()
	}
	for _, d := range allocation.CardDays {
		p.Periods = append(p.Periods, web.CardPeriod{Label: p.N("score.days", d), URL: address(d, scoreColumns[at].code, down != scoreColumns[at].down), Current: d == q.Days})
	}
	for i, x := range scoreColumns {
		head := ScorecardHead{Label: p.T("manager.scores." + x.code), URL: address(q.Days, x.code, i == at && down == x.down), Num: x.by != nil}
		if i == at {
			head.Sorted = map[bool]string{true: "descending", false: "ascending"}[down]
		}
		p.Heads = append(p.Heads, head)
	}
	for _, l := range lines {
		row := ScorecardRow{Name: l.site.Dealer.Name, Market: l.site.Market.Name, URL: web.CardQuery{Days: q.Days, Named: q.Named}.URL(scorecardPath(l.site.Dealer.Code)), Waiting: l.card.Waiting}
		for _, x := range scoreColumns {
			if x.by == nil {
				continue
			}
			said := "–"
			if _, is := x.by(l); is {
				said = x.say(p.Base, l)
			}
			row.Cells = append(row.Cells, said)
		}
		p.Rows = append(p.Rows, row)
	}
}

func scorecardPath(d id.Dealer) string { return scorecardsPath + "/" + url.PathEscape(string(d)) }

// ScorecardPage is the card of one site, with what is said about it.
type ScorecardPage struct {
	web.Base
	Flows  []web.CardPeriod
	Card   *web.Scorecard
	Errors web.FieldErrors
}

// cardReader is the country as reader of a site's card; one of another market does not exist.
func (s *Surface) cardReader(c echo.Context) (web.CardReader, error) {
	w := s.kit.World.Now()
	d, ok := w.Dealer(id.Dealer(c.Param("dealer")))
	if !ok || !s.reader(c).Sees(d.Market) {
		return web.CardReader{}, web.ErrNotFound
	}
	m, ok := w.Market(d.Market)
	if !ok {
		return web.CardReader{}, web.ErrNotFound
	}
	u, _ := web.User(c)
	return web.CardReader{CardSite: allocation.CardSite{Dealer: d, Market: m}, Path: scorecardPath(d.Code), Side: allocation.SideCountry, Write: u.May(answerPermission),
		Order: func(x allocation.Case) string { return "/manager/orders/" + url.PathEscape(x.Number) }}, nil
}

func (s *Surface) scorecardPage(c echo.Context, r web.CardReader, q web.CardQuery) (*ScorecardPage, error) {
	p := &ScorecardPage{Base: s.base(c, scorecardsPath, "score.title")}
	p.Flows = s.flowTabs(p.Base, r.Path, q)
	var err error
	p.Card, err = s.kit.ReadScorecard(c, p.Base, r, q)
	return p, err
}

func (s *Surface) showScorecard(c echo.Context) error {
	r, err := s.cardReader(c)
	if err != nil {
		return err
	}
	q, err := s.readCard(c, c.QueryParam("days"), c.QueryParam("figure"), c.QueryParam("reason"))
	if err != nil {
		return err
	}
	p, err := s.scorecardPage(c, r, q)
	if err != nil {
		return err
	}
	return s.kit.Show(c, http.StatusOK, "manager/scorecard", p)
}

// answerRemark is the country's answer to what a dealer said.
func (s *Surface) answerRemark(c echo.Context) error {
	return web.Post(s.kit, c, s.cardReader, func(r web.CardReader, f *web.Form) (web.Act, error) {
		q, err := s.readCard(c, f.Value("days"), f.Value("figure"), f.Value("reason"))
		if err != nil {
			return web.Act{}, err
		}
		return web.RemarkAct(f, r, q, s.reader(c).ID, s.cars.RemarkTx, func(x web.Refusal) error {
			p, err := s.scorecardPage(c, r, q)
			if err != nil {
				return err
			}
			p.Errors = f.Errors()
			p.Card.Keep(f)
			return s.kit.Show(c, x.Status, "manager/scorecard", p)
		})
	})
}

// sampleScorecards and sampleScorecard are invented, for the test that checks all templates against their structs.
func sampleScorecards() *ScorecardsPage {
	p := &ScorecardsPage{Base: sampleBase(), Days: allocation.RecordDays, Flows: sampleFlows}
	p.fill(web.CardQuery{Days: p.Days}, 0, false, []scoreline{{sampleSite, allocation.Scorecard{Waiting: 1}}})
	return p
}

func sampleScorecard() *ScorecardPage {
	b := sampleBase()
	return &ScorecardPage{Base: b, Flows: sampleFlows, Card: web.SampleScorecard(b, web.CardReader{CardSite: sampleSite, Path: "/", Side: allocation.SideCountry, Write: true})}
}

var sampleFlows = []web.CardPeriod{{Label: "New cars", URL: "/", Current: true}, {Label: "Used cars", URL: "/?flow=used"}}

var sampleSite = allocation.CardSite{Dealer: &network.Dealer{Code: "gb-sample", Name: "Northgate Motors Leeds", TimeZone: "UTC"}, Market: &market.Market{Code: "gb", Name: "Great Britain"}}

func sampleBase() web.Base {
	words, err := i18n.Load()
	if err != nil {
		panic(err) // the catalogues are part of the binary
	}
	return web.Base{P: words.Printer("en-GB"), Zone: time.UTC}
}
