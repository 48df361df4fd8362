package market

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/filecheck"
	"forecourt/internal/platform/i18n"
)

// What the shop can count in and write; a new locale needs its number formats first (platform/i18n).
var (
	currencies = []string{"GBP", "EUR", "RON"}
	locales    = i18n.Locales()
	fuels      = []string{"petrol", "diesel", "hybrid", "plugin", "electric", "lpg"}
)

// TextNames are the texts that every market must have.
var TextNames = []string{"terms", "privacy", "withdrawal", "seller_dealer", "seller_maker", "help", "accessibility"}

var (
	codeShape    = regexp.MustCompile(`^[a-z][a-z0-9]*([_-][a-z0-9]+)*$`)
	marketShape  = regexp.MustCompile(`^[a-z]{2}$`)
	countryShape = regexp.MustCompile(`^[A-Z]{2}$`)
	mailShape    = regexp.MustCompile(`^[a-z0-9._-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$`)
	siteShape    = regexp.MustCompile(`^https://[a-z0-9.-]+(/[A-Za-z0-9._/-]*)?$`)
	phoneShape   = regexp.MustCompile(`^(\+|0)[0-9]([0-9 ]*[0-9])$`)
)

// checker adds what a market's file is about to the general checks.
type checker struct {
	*filecheck.Checker
	first string // language of a text that names none
}

// DecodeMarket reads one file of config/markets. With any problem the market must not be used.
func DecodeMarket(name string, data []byte) (*Market, []filecheck.Problem) {
	var m Market
	c := checker{Checker: filecheck.Check(name, data, &m)}
	if c.Empty() {
		return nil, c.Done()
	}
	c.first = m.Language()
	c.identity(&m)
	c.languages(&m)
	c.rates(&m)
	c.fees(m.Fees)
	c.labels(m.Labels)
	c.finance(m.Finance)
	c.flows(&m)
	c.allocation(&m)
	c.unusedStock(m.Unused)
	c.used(m.Used)
	c.commission(&m)
	c.sellers(&m)
	c.leaving(m.Leaving)
	c.warranty(m.Warranty)
	c.promise(&m)
	c.retention(&m)
	c.holidays(m.Holidays)
	c.examples(&m)
	c.access(m.Access)
	c.texts(&m)
	c.vatCovers(&m)
	return &m, c.Done()
}

func (c checker) identity(m *Market) {
	c.Shape(string(m.Code), marketShape, `"gb"`, "code")
	c.Present(m.Name, "name")
	c.Shape(m.Country, countryShape, `"GB"`, "country")
	if m.Code != "" && m.Code != Smoke && m.Country != "" && !strings.EqualFold(string(m.Code), m.Country) {
		c.Say([]string{"country"}, "country %s does not go with code %s", m.Country, m.Code)
	}
	c.OneOf(string(m.Currency), currencies, "currency")
	c.OneOf(m.Locale, locales, "locale")
	if c.Present(m.TimeZone, "time_zone") && !zoneKnown(m.TimeZone) {
		c.Say([]string{"time_zone"}, "time_zone %q is not known", m.TimeZone)
	}
	c.OneOf(m.Distance, []string{"mi", "km"}, "distance")
	c.OneOf(m.Consumption, []string{"mpg", "l100"}, "consumption")
	c.Between(int64(m.Order), 1, 999, "order")
	c.Between(int64(m.WithdrawalDays), 1, 90, "withdrawal_days")
	c.Between(int64(m.RefundDays), 1, 90, "refund_days")
	c.YesNo("withdrawal_button")
}

// zoneKnown refuses "Local" too: it means another place on every machine.
func zoneKnown(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "" && name != "Local"
}

func (c checker) rates(m *Market) {
	c.Some(len(m.VAT), "vat")
	seen := map[Date]bool{}
	for i, r := range m.VAT {
		if c.date(r.From, filecheck.At("vat", i, "from")...) {
			if seen[r.From] {
				c.Say(filecheck.At("vat", i, "from"), "a second rate begins on %s", r.From)
			}
			seen[r.From] = true
		}
		c.Between(r.RateBP, 1, 5000, filecheck.At("vat", i, "rate_bp")...)
	}
}

// vatCovers refuses a fee or flow that begins before the first rate: a price of that day could not be
// split into net and tax.
func (c checker) vatCovers(m *Market) {
	first := Date("")
	for _, r := range m.VAT {
		if r.From.Valid() && (first == "" || r.From < first) {
			first = r.From
		}
	}
	if first == "" {
		return
	}
	for i, f := range m.Fees {
		if f.From.Valid() && f.From < first {
			c.Say(filecheck.At("fees", i, "from"), "fee %s begins on %s, but the first VAT rate on %s", f.Code, f.From, first)
		}
	}
	for flow, terms := range m.Flows {
		for i, t := range terms {
			if t.From.Valid() && t.From < first {
				c.Say(append([]string{"flows"}, filecheck.At(string(flow), i, "from")...), "the terms begin on %s, but the first VAT rate on %s", t.From, first)
			}
		}
	}
}

// flowNames are the flows as a message lists them.
func flowNames() []string {
	var out []string
	for _, f := range id.Flows {
		out = append(out, string(f))
	}
	return out
}

func (c checker) flows(m *Market) {
	c.Some(len(m.Flows), "flows")
	for flow, terms := range m.Flows {
		path := []string{"flows", string(flow)}
		if !slices.Contains(id.Flows, flow) {
			c.Say(path, "there is no flow %q; it is one of %s", flow, strings.Join(flowNames(), ", "))
		}
		c.Some(len(terms), path...)
		seen := map[Date]bool{}
		for i, t := range terms {
			in := func(key string) []string { return append([]string{"flows"}, filecheck.At(string(flow), i, key)...) }
			if c.date(t.From, in("from")...) && seen[t.From] {
				c.Say(in("from"), "second terms begin on %s", t.From)
			}
			seen[t.From] = true
			c.Between(t.DepositMinor, 1, 100_000_00, in("deposit_minor")...)
			c.OneOf(t.Seller, Sellers, in("seller")...)
			c.OneOf(t.Capture, []string{"accept", "now"}, in("capture")...)
			c.OneOf(t.HoldsMoney, []string{"dealer", "maker"}, in("holds_money")...)
			c.OneOf(t.Contract, []string{"online", "dealer"}, in("contract")...)
			c.Between(int64(t.OfferHours), 1, 80, in("offer_hours")...)
		}
	}
}

func (c checker) holidays(days []Holiday) {
	c.Some(len(days), "holidays")
	seen := map[string]bool{}
	for i, h := range days {
		c.Present(h.Name, filecheck.At("holidays", i, "name")...)
		usable := c.date(h.Date, filecheck.At("holidays", i, "date")...)
		where := h.Regions
		if len(where) == 0 {
			where = []string{""}
		}
		for _, r := range where {
			if r != "" {
				c.Shape(r, codeShape, `"northern-ireland"`, filecheck.At("holidays", i, "regions")...)
			}
			if key := strings.TrimSpace(string(h.Date) + " " + r); usable && seen[key] {
				c.Say(filecheck.At("holidays", i, "date"), "%s is given twice", key)
			} else {
				seen[key] = true
			}
		}
	}
}

func (c checker) examples(m *Market) {
	c.pattern(m.PostcodePattern, m.PostcodeExample, "postcode")
	c.pattern(m.PlatePattern, m.PlateExample, "plate")
	c.Shape(m.PhoneExample, phoneShape, `"07700 900123"`, "phone_example")
	c.Some(len(m.Papers), "papers")
	c.each(m.Papers, "papers")
	c.each(m.AdMessages, "ad_messages")
}

// access demands what the law wants a statement to name: who answers, under which law, who watches.
func (c checker) access(a Access) {
	c.Shape(a.Mail, mailShape, `"accessibility@example.com"`, "accessibility", "mail")
	c.said(a.Law, "accessibility", "law")
	c.Some(len(a.Bodies), "accessibility", "bodies")
	for i, b := range a.Bodies {
		at := func(key string) []string { return append([]string{"accessibility"}, filecheck.At("bodies", i, key)...) }
		c.said(b.Name, at("name")...)
		c.Shape(b.URL, siteShape, `"https://www.example.org/"`, at("url")...)
	}
}

// pattern demands both ends, or a longer text with a postcode somewhere in it would pass.
func (c checker) pattern(pattern, example, noun string) {
	here := []string{noun + "_pattern"}
	hasExample := c.Present(example, noun+"_example")
	if !c.Present(pattern, here...) {
		return
	}
	re, err := regexp.Compile(pattern)
	switch {
	case err != nil:
		c.Say(here, "%s_pattern can not be used: %v", noun, err)
	case !strings.HasPrefix(pattern, "^") || !strings.HasSuffix(pattern, "$"):
		c.Say(here, "%s_pattern must begin with ^ and end with $", noun)
	case hasExample && !re.MatchString(example):
		c.Say([]string{noun + "_example"}, "%s_example %q does not fit the pattern", noun, example)
	}
}

func (c checker) texts(m *Market) {
	for _, name := range TextNames {
		if len(m.Texts[name]) == 0 && !c.Given([]string{"texts", name}) {
			c.Say([]string{"texts"}, "text %s is missing", name)
		}
	}
	for name, versions := range m.Texts {
		if !slices.Contains(TextNames, name) {
			c.Say([]string{"texts", name}, "there is no text %q; it is one of %s", name, strings.Join(TextNames, ", "))
		}
		c.Some(len(versions), "texts", name)
		seen := map[string]bool{}
		for i, t := range versions {
			in := func(key string) []string { return append([]string{"texts"}, filecheck.At(name, i, key)...) }
			usable := c.date(t.From, in("from")...)
			if c.Present(t.Version, in("version")...) && seen[t.Version] {
				c.Say(in("version"), "version %s is given twice", t.Version)
			}
			if usable && seen[string(t.From)] {
				c.Say(in("from"), "a second version begins on %s", t.From)
			}
			seen[t.Version], seen[string(t.From)] = true, true
			c.said(t.Title, in("title")...)
			c.said(t.Body, in("body")...)
		}
	}
}

// date refuses a day that is not in the calendar; it answers whether the day can be used.
func (c checker) date(d Date, path ...string) bool {
	if !c.Present(string(d), path...) {
		return false
	}
	if !d.Valid() {
		c.Say(path, "%s is not a day: %q", path[len(path)-1], string(d))
		return false
	}
	return true
}
