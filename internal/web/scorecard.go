package web

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"github.com/labstack/echo/v4"
)

// Scorecard is a dealer's, as the dealer and the country read it. A figure that was chosen shows its cases and what was
// said about it.
type Scorecard struct {
	Path    string // of the page
	Name    string // the dealer's
	Days    int
	Periods []CardPeriod
	Figures []CardFigure
	Draw    string      // what the strategy Record makes of the answers
	Open    *CardDetail // nil while no figure is chosen
}

// CardPeriod is a period that the reader may choose.
type CardPeriod struct {
	Label, URL string
	Current    bool
}

// CardFigure is one figure with its picture. Every bar has its value in words, so nothing is in the picture alone.
type CardFigure struct {
	Code, Title, Value, Note string
	Bars                     []CardBar
	URL                      string // of its cases
	Current                  bool
}

// CardBar is a bar of a picture 100 wide.
type CardBar struct {
	Label, Value string
	Width        int
	Tone         string // "good", "warn", "bad" or nothing
	URL          string // of the cases of this bar alone; empty when there are no such
	Mark         string // what is remarkable about it
	none         bool   // there is nothing that it could be a part of
}

// CardDetail is a figure taken apart.
type CardDetail struct {
	Figure, Title string
	Reason        string // code of the reason that the cases are cut to; empty for all
	Cases         []CardCase
	Full          bool // there are more than are shown
	Remarks       []CardRemark
	Action        string // where a remark is sent; empty for who only reads
	Most          int    // characters of a remark
	Numbers       []string
	Number, Typed string // what was typed
}

// CardCase is one case.
type CardCase struct {
	Number, URL, When, What, Verdict, Tone, Words string
}

// CardRemark is what was said.
type CardRemark struct {
	Who, When, About, Body string
	Mine                   bool
}

// CardReader is who reads a scorecard, and where the page lies.
type CardReader struct {
	allocation.CardSite
	Path  string
	Side  allocation.Side
	Write bool // he may say something
	Order func(allocation.Case) string
}

// CardQuery is what of a scorecard is asked for.
type CardQuery struct {
	Days   int
	Figure allocation.Figure // empty for none
	Reason string
	Flow   id.Flow // whose orders count; the surface says it
	Named  id.Flow // the same, where addresses have to name it
}

// ReadCardQuery reads ?days=90&figure=declines&reason=staff; ErrNotFound answers what there is not.
func ReadCardQuery(days, figure, reason string) (CardQuery, error) {
	q := CardQuery{Days: allocation.RecordDays, Figure: allocation.Figure(figure), Reason: reason}
	if days != "" {
		q.Days, _ = strconv.Atoi(days)
	}
	switch {
	case !slices.Contains(allocation.CardDays, q.Days),
		q.Figure != "" && !allocation.IsFigure(q.Figure),
		q.Reason != "" && (q.Figure != allocation.FigureDeclines || !allocation.IsDeclineReason(q.Reason)):
		return q, ErrNotFound
	}
	return q, nil
}

// URL is the address of what is asked for on a page.
func (q CardQuery) URL(path string) string {
	v := url.Values{"days": {strconv.Itoa(q.Days)}}
	if q.Figure != "" {
		v.Set("figure", string(q.Figure))
	}
	if q.Reason != "" {
		v.Set("reason", q.Reason)
	}
	if q.Named != "" {
		v.Set("flow", string(q.Named))
	}
	to := path + "?" + v.Encode()
	if q.Figure != "" {
		to += "#cases"
	}
	return to
}

// since is when a period begins.
func (q CardQuery) since(now time.Time) time.Time { return now.AddDate(0, 0, -q.Days) }

// ReadScorecard reads a dealer's scorecard and puts it into the reader's words.
func (k *Kit) ReadScorecard(c echo.Context, b Base, r CardReader, q CardQuery) (*Scorecard, error) {
	g, now := k.DB.Read(c.Request().Context()), k.DB.Clock.Now()
	ask := allocation.CardAsk{Sites: []allocation.CardSite{r.CardSite}, Flow: q.Flow, Since: q.since(now), Now: now}
	cards, err := allocation.ScorecardsOf(g, ask)
	if err != nil {
		return nil, err
	}
	s := NewScorecard(b, r, q, cards[0])
	if q.Figure == "" {
		return s, nil
	}
	cases, err := allocation.CasesOf(g, ask, q.Figure, q.Reason)
	if err != nil {
		return nil, err
	}
	remarks, err := allocation.RemarksOf(g, r.Dealer.Code, q.Figure)
	if err != nil {
		return nil, err
	}
	s.Open = newCardDetail(b, r, q, cases, remarks)
	return s, nil
}

// Scorecards reads the cards of several dealers, for a list.
func (k *Kit) Scorecards(c echo.Context, sites []allocation.CardSite, q CardQuery) ([]allocation.Scorecard, error) {
	now := k.DB.Clock.Now()
	return allocation.ScorecardsOf(k.DB.Read(c.Request().Context()), allocation.CardAsk{Sites: sites, Flow: q.Flow, Since: q.since(now), Now: now})
}

// NewScorecard puts figures into the reader's words.
func NewScorecard(b Base, r CardReader, q CardQuery, card allocation.Scorecard) *Scorecard {
	s := &Scorecard{Path: r.Path, Name: r.Dealer.Name, Days: q.Days}
	for _, d := range allocation.CardDays {
		p := q
		p.Days = d
		s.Periods = append(s.Periods, CardPeriod{b.N("score.days", d), p.URL(r.Path), d == q.Days})
	}
	w := cardWriter{b, r, q, card}
	s.Figures = []CardFigure{w.answers(), w.keep(), w.declines(), w.buyers()}
	s.Draw = b.T("score.draw", "Accepted", card.Accepted, "All", card.All(), "Share", b.P.Percent1(card.Share()))
	return s
}

// cardWriter writes one card.
type cardWriter struct {
	b    Base
	r    CardReader
	q    CardQuery
	card allocation.Scorecard
}

func (w cardWriter) figure(f allocation.Figure, value string, bars ...CardBar) CardFigure {
	to := w.q
	to.Figure, to.Reason = f, ""
	bars = slices.DeleteFunc(bars, func(b CardBar) bool { return b.none })
	return CardFigure{Code: string(f), Title: w.b.T("score." + string(f)), Note: w.b.T("score." + string(f) + ".note"), Value: value, Bars: bars, URL: to.URL(w.r.Path), Current: w.q.Figure == f}
}

// share is a bar of some among all.
func (w cardWriter) share(label string, part, whole int, tone string) CardBar {
	n := 0
	if whole > 0 {
		n = (200*part + whole) / (2 * whole)
	}
	return CardBar{Label: w.b.T(label), Value: w.b.T("score.of", "Part", part, "Whole", whole), Width: n, Tone: tone, none: whole == 0}
}

func (w cardWriter) answers() CardFigure {
	value := w.b.T("score.nothing")
	if pct, ok := w.card.InTimePct(); ok {
		value = w.b.T("score.answer.value", "Share", w.b.P.Percent(int64(pct)*100), "Median", w.b.OpenTime(w.card.Median))
		if w.card.Timed == 0 {
			value = w.b.P.Percent(int64(pct) * 100)
		}
	}
	return w.figure(allocation.FigureAnswer, value, w.share("score.answer.in_time", w.card.Answered, w.card.All(), "good"), w.share("score.answer.silent", w.card.Silent, w.card.All(), "bad"))
}

func (w cardWriter) keep() CardFigure {
	value := w.b.T("score.nothing")
	if pct, ok := w.card.KeptPct(); ok {
		value = w.b.P.Percent(int64(pct) * 100)
	}
	return w.figure(allocation.FigureKeep, value, w.share("score.keep.kept", w.card.Kept, w.card.Promised, "good"), w.share("score.keep.broken", w.card.Promised-w.card.Kept, w.card.Promised, "bad"))
}

func (w cardWriter) declines() CardFigure {
	value := w.b.T("score.nothing")
	if w.card.All() > 0 {
		value = w.b.T("score.of", "Part", w.card.Declined(), "Whole", w.card.All())
	}
	f := w.figure(allocation.FigureDeclines, value)
	for _, r := range w.card.Declines {
		to := w.q
		to.Figure, to.Reason = allocation.FigureDeclines, r.Reason
		bar := CardBar{Label: w.b.Reason(r.Reason), Value: strconv.Itoa(r.Count), Width: 100 * r.Count / max(1, w.card.Declined()), URL: to.URL(w.r.Path)}
		if r.Repeated() {
			bar.Tone, bar.Mark = "warn", w.b.T("score.repeated")
		}
		f.Bars = append(f.Bars, bar)
	}
	return f
}

func (w cardWriter) buyers() CardFigure {
	value := w.b.T("score.nothing")
	if n := w.card.Rated(); n > 0 {
		value = w.b.N("score.buyers.value", n, "Score", w.b.P.Decimal1(w.card.ScoreTenths()))
	}
	f := w.figure(allocation.FigureBuyers, value)
	for i := len(w.card.Stars) - 1; i >= 0 && w.card.Rated() > 0; i-- {
		n := w.card.Stars[i]
		f.Bars = append(f.Bars, CardBar{Label: w.b.T("score.stars", "Stars", i+1), Value: strconv.Itoa(n), Width: 100 * n / max(1, w.card.Rated())})
	}
	return f
}

// Reason puts a reason to decline into words; one that nobody knows any more stays a code.
func (b Base) Reason(code string) string {
	if key := "manager.why." + code; b.P.Has(key) {
		return b.T(key)
	}
	return code
}

// OpenTime writes opening hours: "1 h 05 min".
func (b Base) OpenTime(d time.Duration) string {
	d = d.Round(time.Minute)
	return b.T("score.hours", "Hours", int(d/time.Hour), "Minutes", fmt.Sprintf("%02d", int(d%time.Hour/time.Minute)))
}

func newCardDetail(b Base, r CardReader, q CardQuery, cases []allocation.Case, remarks []allocation.Remark) *CardDetail {
	d := &CardDetail{Figure: string(q.Figure), Reason: q.Reason, Title: b.T("score." + string(q.Figure)), Full: len(cases) == allocation.MostCases, Most: allocation.MostRemark}
	if q.Reason != "" {
		d.Title = b.Pair(d.Title, b.Reason(q.Reason))
	}
	for _, x := range cases {
		d.Cases = append(d.Cases, cardCase(b, r, x))
		if !slices.Contains(d.Numbers, x.Number) {
			d.Numbers = append(d.Numbers, x.Number)
		}
	}
	for _, m := range remarks {
		who := b.T("score.side."+string(m.Side), "Name", m.Name)
		d.Remarks = append(d.Remarks, CardRemark{Who: who, When: b.P.DateTime(m.At.In(r.Dealer.Zone())), About: m.Number, Body: m.Body, Mine: m.Side == r.Side})
	}
	if r.Write {
		d.Action = r.Path + "/remarks"
		if q.Named != "" {
			d.Action += "?flow=" + string(q.Named)
		}
	}
	return d
}

func cardCase(b Base, r CardReader, x allocation.Case) CardCase {
	out := CardCase{Number: x.Number, Tone: "bad", URL: r.Order(x)}
	if x.Good() {
		out.Tone = "good"
	}
	switch {
	case x.Kind != "":
		out.When, out.What = b.cardDay(x.Day), b.T("score.promise."+x.Kind)
		switch {
		case x.Came == "":
			out.Verdict = b.T("score.not_yet")
		case x.Good():
			out.Verdict = b.T("score.kept_on", "Day", b.cardDay(x.Came))
		default:
			out.Verdict = b.T("score.late_on", "Day", b.cardDay(x.Came))
		}
		return out
	case x.Stars > 0:
		if x.Stars == 3 {
			out.Tone = "warn"
		}
		out.When, out.Verdict = b.P.DateShort(x.At.In(r.Dealer.Zone())), b.T("score.stars", "Stars", x.Stars)
		if r.Side == allocation.SideDealer { // the country reads no buyer's words
			out.Words = x.Words
		}
		return out
	}
	out.When, out.Verdict = b.P.DateTime(x.At.In(r.Dealer.Zone())), b.T("score.case."+string(x.Answered))
	if x.Answered != allocation.Expired {
		out.What = b.T("score.after", "Time", b.OpenTime(x.Took))
	}
	if x.Answered == allocation.Declined {
		out.Tone, out.Verdict = "warn", b.Pair(out.Verdict, b.Reason(x.Reason))
	}
	return out
}

// cardDay writes a day of a calendar; noon is the same day in every zone.
func (b Base) cardDay(d market.Date) string {
	return b.P.DateShort(d.Time(time.UTC).Add(12 * time.Hour))
}

// SampleScorecard is an invented card, for the test that checks all templates against their structs.
func SampleScorecard(b Base, r CardReader) *Scorecard {
	now := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	q := CardQuery{Days: allocation.RecordDays, Figure: allocation.FigureDeclines}
	r.Order = func(x allocation.Case) string {
		if x.Stars > 0 {
			return ""
		}
		return "/"
	}
	s := NewScorecard(b, r, q, allocation.Scorecard{Answers: allocation.Answers{Answered: 9, Accepted: 5, Silent: 1}, Median: 95 * time.Minute, Timed: 9, Promised: 4, Kept: 3,
		Declines: []allocation.ReasonCount{{Reason: "staff", Count: 3}, {Reason: "too_far", Count: 1}}, Stars: [5]int{0, 0, 1, 2, 4}})
	s.Open = newCardDetail(b, r, q, []allocation.Case{{Number: "FC-7K3M-29QX", Answered: allocation.Declined, Took: time.Hour, Reason: "staff", At: now},
		{Number: "FC-7K3M-29QY", Stars: 5, Words: "Friendly", At: now}}, []allocation.Remark{{Figure: q.Figure, Side: allocation.SideDealer, Name: "Anna", Body: "Two were ill.", At: now},
		{Figure: q.Figure, Number: "FC-7K3M-29QX", Side: allocation.SideCountry, Name: "Harriet", Body: "Understood.", At: now}})
	s.Open.Full = true
	return s
}

// Keep puts what was typed back into the form of the figure that is open.
func (s *Scorecard) Keep(f *Form) { s.Open.Number, s.Open.Typed = f.Value("number"), f.Text("body") }

// RemarkAct sends what somebody says about a figure or a case. What it is about is told by the page it was sent from.
func RemarkAct(f *Form, r CardReader, q CardQuery, u id.User, keep func(context.Context, *db.Tx, allocation.NewRemark) error, again func(x Refusal) error) (Act, error) {
	if q.Figure == "" {
		return Act{}, ErrNotFound
	}
	return Act{Name: string(r.Side) + ".remark " + string(r.Dealer.Code), Fields: remarkFields, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
		return q.URL(r.Path), keep(ctx, tx, allocation.NewRemark{Dealer: r.Dealer.Code, Market: r.Dealer.Market, Figure: q.Figure, Number: f.Value("number"), Side: r.Side, User: u, Body: f.Text("body")})
	}, Again: again}, nil
}

// remarkFields say beside which field a refusal of a remark is shown.
var remarkFields = map[string]string{allocation.ErrRemark.Key: "body", allocation.ErrRemarkMany.Key: "body", allocation.ErrRemarkCase.Key: "number"}
