package storefront

import (
	"net/http"
	"net/url"

	"forecourt/internal/catalogue"
	"forecourt/internal/market"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Proof is the code of a price on a page, with the address that computes the price again. The facts travel
// in the address, signed by the code: no page view writes anything.
type Proof struct{ Code, URL string }

func (s *shop) proof(q pricing.Quote) *Proof {
	if q.PriceVersion == "" {
		return nil // no price list is behind it
	}
	f := pricing.FactsOf(q)
	query := f.Query()
	p := &Proof{Code: s.sign.Code(f)}
	query.Set("code", p.Code)
	p.URL = s.path() + "/price?" + query.Encode()
	return p
}

// ProofPage computes a price again that was shown, and says whether it is equal.
type ProofPage struct {
	web.Base
	Answer  string // right, wrong, differs, gone; empty while nothing was asked
	Heading string
	Text    string
	Car     string
	Shown   money.Money // what the code was made for
	Now     money.Money // what it comes to, computed again
	Price   *PriceTable // the lines, computed again
	Code    string
	Hidden  []Hidden // the facts of the address, for another code
	Asked   bool     // the address holds facts
	Used    []Fact   // what the prices of a used car say
}

// proofFields are the facts of an address in the order of the form.
var proofFields = []string{"model", "day", "list", "s", "i", "total"}

func (h *Handlers) showProofOfPrice(c echo.Context) error {
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	q := c.QueryParams()
	p := &ProofPage{Base: h.base(c, s, "", ""), Code: cut(web.CleanLine(q.Get("code")), 40)}
	p.Title, p.NoIndex = p.T("storefront.proof.title"), true
	p.Heading, p.Text = p.T("storefront.proof.title"), p.T("storefront.proof.lede")
	if q.Has("car") {
		return h.showProofOfUsed(c, s, p)
	}
	f, err := pricing.ParseFacts(s.brand.Code, s.market, q)
	if err == nil {
		p.Asked = true
		p.hide(q, proofFields)
	}
	switch {
	case err != nil && p.Code != "":
		p.say("wrong")
	case err == nil && p.Code != "":
		p.compare(s, f)
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/proof", p)
}

func (p *ProofPage) hide(q url.Values, fields []string) {
	for _, name := range fields {
		p.Hidden = append(p.Hidden, Hidden{name, q.Get(name)})
	}
}

func (p *ProofPage) say(answer string, args ...any) {
	p.Answer, p.Heading, p.Text = answer, p.T("storefront.proof."+answer), p.T("storefront.proof."+answer+"_text", args...)
}

// compare is the proof. A code that fits its facts was made here; the price is computed again from the rules
// of its day, as they are kept.
func (p *ProofPage) compare(s *shop, f pricing.Facts) {
	if !s.sign.Proves(p.Code, f) {
		p.say("wrong")
		return
	}
	p.Shown = f.Total
	r, known := s.world.Range(s.brand.Code, f.Model)
	var q pricing.Quote
	err := error(pricing.ErrNotSold)
	if known {
		p.Car = r.Name
		q, err = f.Again(s.market, r)
	}
	args := []any{"Total", p.Money(f.Total), "Car", p.Car, "Day", p.day(f.Day, s), "List", f.List}
	if err != nil {
		p.say("gone", args...)
		return
	}
	p.table(s, r, q)
	p.Now = q.Total
	args = append(args, "Now", p.Money(q.Total))
	if q.Total != f.Total || q.PriceVersion != f.List {
		p.say("differs", args...)
		return
	}
	p.say("right", args...)
}

func (p *ProofPage) day(d market.Date, s *shop) string { return p.Date(d.Time(s.market.Zone())) }

func (p *ProofPage) table(s *shop, r *catalogue.Range, q pricing.Quote) {
	t := priceTable(p.P, s, r, q)
	t.Proof = nil // this page is the proof
	p.Price = &t
}

// Good tells whether the price is as it was shown.
func (p *ProofPage) Good() bool { return p.Answer == "right" }
