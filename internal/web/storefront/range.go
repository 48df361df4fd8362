package storefront

import (
	"errors"
	"slices"
	"strconv"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// RangePage is a brand's models in a market.
type RangePage struct {
	web.Base
	Deposit  money.Money
	Days     int
	Filters  []Filter
	Models   []RangeModel
	Fees     []string      // the lines that every price includes
	Mentions []market.Said // what the law wants said beside an advertisement
	LeaveURL string
}

// Filter narrows the range to a tag.
type Filter struct {
	URL     string
	Label   string
	Count   string
	Current bool
}

// RangeModel is one card.
type RangeModel struct {
	URL       string
	Name      string
	Strapline string
	Tags      []string
	From      money.Money
	Proof     *Proof // of From
	Picture   sketch
	CO2       string // with its class, where the law wants that in advertisements
}

func (h *Handlers) showRange(c echo.Context) error {
	s, err := h.openShop(c)
	if err != nil {
		return err
	}
	return h.shared(c, s, []string{"tag"}, "storefront/range", func() (any, error) { return h.rangePage(c, s) })
}

func (h *Handlers) rangePage(c echo.Context, s *shop) (*RangePage, error) {
	p := &RangePage{Base: h.base(c, s, "", "new_cars"), Deposit: s.deposit(), Days: s.market.WithdrawalDays}
	p.Title = p.T("storefront.range.title", "Brand", s.brand.Name)
	s.publish(&p.Base, "", "", p.T("storefront.describe.range", "Brand", s.brand.Name, "Deposit", p.MoneyShort(p.Deposit)))
	p.LeaveURL = leaveURL(s, "", "")
	ranges := s.world.Ranges(s.brand.Code, s.market.Code, s.day)
	tag := c.QueryParam("tag")
	if !slices.Contains(catalogue.Tags, tag) {
		tag = ""
	}
	p.Filters = filters(p.Base, s, ranges, tag)
	for _, r := range ranges {
		tags := r.TagsIn(s.market.Code, s.day)
		if tag != "" && !slices.Contains(tags, tag) {
			continue
		}
		m, err := s.world.Model(s.brand.Code, s.market.Code, r.Model, s.day)
		if errors.Is(err, configurator.ErrHeld) {
			continue // nothing of it can be ordered just now
		}
		if err != nil {
			return nil, err
		}
		cheapest, err := m.Complete(m.Default())
		if err != nil {
			return nil, err
		}
		e, _ := engineOf(r, cheapest)
		picture := sketchOf(r, r.ShowOff, "")
		picture.Lazy = len(p.Models) > 2
		p.Models = append(p.Models, RangeModel{URL: modelURL(s, r), Name: r.Name, Strapline: s.say(r.Strapline),
			Tags: ordered(tags), From: m.From().Total, Proof: s.proof(m.From()), Picture: picture, CO2: classWords(p.Base, s, e)})
	}
	for _, f := range s.market.FeesAt(s.day) {
		p.Fees = append(p.Fees, s.read(f.Label).Text)
	}
	p.Mentions = mentions(s)
	return p, nil
}

// filters lists the tags that some but not all models have.
func filters(b web.Base, s *shop, ranges []*catalogue.Range, tag string) []Filter {
	out := []Filter{{URL: s.path(), Label: b.T("storefront.range.all"), Count: strconv.Itoa(len(ranges)), Current: tag == ""}}
	for _, t := range catalogue.Tags {
		n := 0
		for _, r := range ranges {
			if slices.Contains(r.TagsIn(s.market.Code, s.day), t) {
				n++
			}
		}
		if n > 0 && n < len(ranges) {
			out = append(out, Filter{URL: s.path() + "?tag=" + t, Label: b.T("tag." + t), Count: strconv.Itoa(n), Current: t == tag})
		}
	}
	return out
}

// ordered puts tags in reading order, at most three: a card is not a list.
func ordered(tags []string) []string {
	var out []string
	for _, t := range catalogue.Tags {
		if slices.Contains(tags, t) && len(out) < 3 {
			out = append(out, t)
		}
	}
	return out
}

// mentions turns the market's mandatory mentions day by day, as the law wants them in turn.
func mentions(s *shop) []market.Said {
	if len(s.market.AdMessages) == 0 {
		return nil
	}
	return []market.Said{s.read(s.market.AdMessages[s.now.In(s.market.Zone()).YearDay()%len(s.market.AdMessages)])}
}

func modelURL(s *shop, r *catalogue.Range) string { return s.path() + modelPath(r.Model) }
