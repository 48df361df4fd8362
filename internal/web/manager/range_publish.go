package manager

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/market"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// DraftPage is a sound range that is not live: its report, what it would change, and the ways on.
type DraftPage struct {
	web.Base
	Errors     web.FieldErrors
	Name       string
	When       string
	Who        string
	BackURL    string
	Cards      []DraftCard
	Gone       []string // markets where the model would be sold no more
	WhyNot     string
	PublishURL string
	DropURL    string
	Confirm    bool // the page asks whether to publish
	Against    string
	Note       string
	Problems   []ProblemLine
}

// DraftCard is a draft in one market.
type DraftCard struct {
	Country string
	From    string // empty for at once
	Report  *ReportCard
	TryURL  string
	Later   []string // days on which prices alone change
}

// draftOf reads a draft of the model on the page.
func (s *Surface) draftOf(c echo.Context, a about, key string) (*world.Draft, *catalogue.Range, error) {
	d, err := world.DraftBy(c.Request().Context(), s.kit.DB, world.DraftID(key))
	if err != nil {
		return nil, nil, err
	}
	if d.Brand != a.brand.Code || d.Model != a.rng.Model {
		return nil, nil, web.ErrNotFound
	}
	r, err := d.Range()
	return d, r, err
}

func (s *Surface) showDraft(c echo.Context) error { return s.openDraft(c, false) }

func (s *Surface) showPublish(c echo.Context) error { return s.openDraft(c, true) }

func (s *Surface) openDraft(c echo.Context, confirm bool) error {
	a, err := s.about(c, c.QueryParam("market"))
	if err != nil {
		return err
	}
	d, r, err := s.draftOf(c, a, c.Param("draft"))
	if err != nil {
		return err
	}
	if confirm && !a.reader.mayPublish(a.rng, r) {
		return web.ErrForbidden
	}
	return s.answerDraft(c, http.StatusOK, a, d, r, &DraftPage{Confirm: confirm})
}

func (s *Surface) answerDraft(c echo.Context, status int, a about, d *world.Draft, r *catalogue.Range, p *DraftPage) error {
	ctx := c.Request().Context()
	p.Base, p.Name = s.base(c, rangesPath, "manager.range.draft.title"), a.brand.Name+" "+r.Name
	p.Title = p.T("manager.range.draft.of", "Model", p.Name)
	names, err := s.names(ctx, a, nil, []world.Draft{*d})
	if err != nil {
		return err
	}
	p.When, p.Who, p.WhyNot = p.DateTime(d.MadeAt), publisher(p.Base, d.MadeBy, names), a.whyNot(p.Base, r)
	page := "drafts/" + string(d.ID)
	p.BackURL, p.PublishURL, p.DropURL = a.url("", "market", a.code()), a.url(page+"/publish"), a.url(page+"/drop")
	if p.Confirm {
		p.BackURL = a.url(page, "market", a.code())
	}
	for _, m := range a.reader.markets {
		if len(r.Prices[m.Code]) == 0 {
			p.Gone = append(p.Gone, m.Name)
		}
	}
	for _, m := range s.reader(c).markets { // the draft may bring the model to a market that does not sell it yet
		for _, x := range d.Report {
			if x.Market == m.Code {
				p.Cards = append(p.Cards, p.card(a.at(m, s), d, r, x))
			}
		}
	}
	if p.Against, err = s.latest(ctx, a); err != nil {
		return err
	}
	return s.kit.Show(c, status, "manager/range_publish", p)
}

// at is the same model in another market.
func (a about) at(m *market.Market, s *Surface) about {
	a.market, a.day = m, s.today(m)
	return a
}

func (p *DraftPage) card(a about, d *world.Draft, r *catalogue.Range, x world.DraftReport) DraftCard {
	say, former := newSpeaker(p.Base, a, r, x.Report), newSpeaker(p.Base, a, a.rng, configurator.Report{})
	card := DraftCard{Country: a.market.Name, Report: newReportCard(say, x.Report), TryURL: a.url("try", "market", a.code(), "draft", string(d.ID))}
	if x.From > a.day {
		card.From, card.TryURL = say.day(x.From), a.url("try", "market", a.code(), "draft", string(d.ID), "day", string(x.From))
	}
	if len(a.rng.Prices[a.market.Code]) == 0 {
		card.TryURL = "" // new here: the model has no pages in this market yet
	}
	// Against what is live now, not what was when the draft was made.
	diff := configurator.Changes(a.rng, r, a.market.Code, x.From)
	if was, ok := a.world.EditionOn(a.brand.Code, a.rng.Model, a.market.Code, x.From); ok {
		diff.CarsBefore = was.Report.Cars
	}
	card.Report.Changes = changes(say, former, diff, x.Report.Cars)
	card.Report.Changes.PriceLines = priceLines(say, a, r, x.From)
	if x.From <= a.day {
		card.Later = laterPrices(say, a, d, r)
	}
	return card
}

// laterPrices tells of days to come on which the draft asks other prices than the live range would.
func laterPrices(say *speaker, a about, d *world.Draft, r *catalogue.Range) []string {
	var days []market.Date
	for _, l := range slices.Concat(a.rng.Prices[a.market.Code], r.Prices[a.market.Code]) {
		own := slices.ContainsFunc(d.Report, func(x world.DraftReport) bool { return x.Market == a.market.Code && x.From == l.From })
		if l.From > a.day && !own && !slices.Contains(days, l.From) {
			days = append(days, l.From)
		}
	}
	slices.Sort(days)
	var out []string
	for _, day := range days {
		if n := configurator.Changes(a.rng, r, a.market.Code, day).PricesChanged; n > 0 {
			out = append(out, say.b.N("manager.range.publish.later", n, "Day", say.day(day)))
		}
	}
	return out
}

// mostPrices bounds how many changed prices a page lists.
const mostPrices = 30

// priceLines lists what costs something else than in the live range.
func priceLines(say *speaker, a about, r *catalogue.Range, day market.Date) []PriceLine {
	was, is := priceList(a.rng, a.market.Code, day), priceList(r, a.market.Code, day)
	var out []PriceLine
	for _, f := range r.Features {
		now, sold := is.Amounts[f.Code]
		before, had := was.Amounts[f.Code]
		if sold && had && now != before && len(out) < mostPrices {
			out = append(out, PriceLine{Name: say.name(f.Code), Old: say.b.MoneyShort(a.market.Amount(before)), New: say.b.MoneyShort(a.market.Amount(now))})
		}
	}
	return out
}

// latest names the publication that is live, so that nobody publishes over a colleague's work unseen.
func (s *Surface) latest(ctx context.Context, a about) (string, error) {
	h, err := world.History(ctx, s.kit.DB, a.brand.Code, a.rng.Model)
	if err != nil || len(h) == 0 {
		return "0", err
	}
	return strconv.FormatInt(h[0].ID, 10), nil
}

// submitPublish makes a draft live in all its markets. Whatever fails, the former range stays.
func (s *Surface) submitPublish(c echo.Context) error {
	a, f, err := s.draftForm(c)
	if err != nil {
		return err
	}
	there := a.url("", "market", a.code(), "published", "1")
	d, r, err := s.draftOf(c, a, c.Param("draft"))
	if errors.Is(err, world.ErrNoDraft) && a.reader.mayPublish(a.rng) {
		return web.SeeOther(c, a.url("", "market", a.code())) // sent twice, or dropped: the page says what is live
	}
	if err != nil {
		return err
	}
	if !a.reader.mayPublish(a.rng, r) {
		return web.ErrForbidden
	}
	note := f.Value("note")
	if n := utf8.RuneCountInString(note); n < minReason || n > maxReason {
		f.Reject("note", "switch.reason_missing")
	}
	latest, err := s.latest(c.Request().Context(), a)
	if err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	if f.Value("against") != latest {
		f.Reject("note", "manager.range.publish.moved")
		status = http.StatusConflict
	}
	if !f.OK() {
		return s.answerDraft(c, status, a, d, r, &DraftPage{Confirm: true, Errors: f.Errors(), Note: note})
	}
	return s.publish(c, a, d, r, f, there)
}

func (s *Surface) publish(c echo.Context, a about, d *world.Draft, r *catalogue.Range, f *web.Form, there string) error {
	// Whoever closes the page has decided all the same.
	ctx := context.WithoutCancel(c.Request().Context())
	looked, err := strconv.ParseInt(f.Value("against"), 10, 64)
	if err != nil {
		return world.ErrMoved
	}
	err = world.PublishOver(ctx, s.kit.DB, a.world, r, looked, a.reader.Actor(), f.Value("note"), s.kit.DB.Clock.Now(), draftBudget)
	if errors.Is(err, world.ErrMoved) {
		f.Reject("note", "manager.range.publish.moved")
		return s.answerDraft(c, http.StatusConflict, a, d, r, &DraftPage{Confirm: true, Errors: f.Errors(), Note: f.Value("note")})
	}
	var u *world.Uncompilable
	if errors.As(err, &u) {
		var refused *world.Refused
		problem := world.Refusal(a.file(), []byte(d.File), r, draftBudget, err)
		if errors.As(problem, &refused) {
			f.Reject("problems", "manager.range.draft.unbuildable")
			return s.answerDraft(c, http.StatusUnprocessableEntity, a, d, r, &DraftPage{Confirm: true, Errors: f.Errors(), Note: f.Value("note"), Problems: problemLines(refused.Problems, d.File)})
		}
	}
	if err != nil {
		return err
	}
	s.renew(c)
	if err := world.DropDraft(ctx, s.kit.DB, d.ID); err != nil {
		s.kit.Log.WarnContext(ctx, "manager: a published draft stays in the list", "error", err.Error())
	}
	return web.SeeOther(c, there)
}

// submitDrop forgets a draft.
func (s *Surface) submitDrop(c echo.Context) error {
	a, _, err := s.draftForm(c)
	if err != nil {
		return err
	}
	d, r, err := s.draftOf(c, a, c.Param("draft"))
	switch {
	case errors.Is(err, world.ErrNoDraft): // gone already
		return web.SeeOther(c, a.url(""))
	case err != nil:
		return err
	case !a.reader.mayPublish(a.rng, r):
		return web.ErrForbidden
	}
	if err := world.DropDraft(c.Request().Context(), s.kit.DB, d.ID); err != nil {
		return err
	}
	return web.SeeOther(c, a.url(""))
}

func (s *Surface) draftForm(c echo.Context) (about, *web.Form, error) {
	f, err := web.ReadForm(c)
	if err != nil {
		return about{}, nil, err
	}
	a, err := s.about(c, "")
	if err == nil && !a.reader.mayPublish(a.rng) {
		err = web.ErrForbidden
	}
	return a, f, err
}

// digitsOf writes a line number, without groups: it is looked up in an editor.
func digitsOf(n int) string { return strconv.Itoa(n) }
