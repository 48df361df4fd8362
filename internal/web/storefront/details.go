package storefront

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"forecourt/internal/configurator"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
	"github.com/nyaruka/phonenumbers"
)

// DetailsPage asks who buys: six fields, and never again.
type DetailsPage struct {
	web.Base
	Steps       []Step
	Names       carNames
	Form        DetailsForm
	Errors      web.FieldErrors
	PostURL     string
	BackURL     string
	ShowroomURL string // to go on at a dealer's desk
}

// DetailsForm is what was typed, as it was typed.
type DetailsForm struct {
	Name, Email, Phone, Street, Postcode, Town string
}

func (h *Handlers) showDetails(c echo.Context) error {
	return h.onDraft(c, func(d *draft, k *car, _ configurator.Build) error {
		form := DetailsForm{}
		if d.Buyer != "" {
			b, err := ordering.BuyerOf(h.NewCar.DB.Read(c.Request().Context()), d.Buyer)
			if err != nil {
				return err
			}
			form = DetailsForm{Name: b.Name, Email: b.Email, Phone: web.NationalPhone(b.Phone, d.shop.market.Country), Street: b.Street, Postcode: b.Postcode, Town: b.Town}
		}
		return h.Kit.Show(c, http.StatusOK, "storefront/details", h.detailsPage(c, d, k, form))
	})
}

func (h *Handlers) detailsPage(c echo.Context, d *draft, k *car, form DetailsForm) *DetailsPage {
	p := &DetailsPage{Base: h.base(c, d.shop, "", "new_cars"), Form: form, PostURL: d.url("details"), BackURL: d.url("dealer"), ShowroomURL: d.url("showroom")}
	p.Title, p.NoIndex = p.T("checkout.details.title"), true
	p.Steps = steps(p.Base, 2, modelURL(k.shop, k.rng)+"/configure?s="+exactText(d.saved.Selection), d.url("dealer"))
	return p
}

func (h *Handlers) giveDetails(c echo.Context) error {
	return h.actOnDraft(c, func(d *draft, k *car, _ configurator.Build, f *web.Form) web.Act {
		form := detailsOf(f)
		buyer := form.check(f, d.shop.market)
		return web.Act{Name: "storefront.details", Do: func(_ context.Context, tx *db.Tx) (string, error) {
			return "done", h.NewCar.GiveDetailsTx(tx, d.shop.flow(), d.token, buyer)
		}, To: func(string) string { return d.url("check") }, Again: func(r web.Refusal) error {
			if f.OK() {
				return r.Cause
			}
			p := h.detailsPage(c, d, k, form)
			p.Errors = f.Errors()
			return h.Kit.Show(c, r.Status, "storefront/details", p)
		}}
	})
}

func detailsOf(f *web.Form) DetailsForm {
	return DetailsForm{Name: f.Value("name"), Email: f.Value("email"), Phone: f.Value("phone"), Street: f.Value("street"), Postcode: f.Value("postcode"), Town: f.Value("town")}
}

// The longest a field may be; the page tells browsers the same.
const (
	maxName   = 100
	maxEmail  = web.MostEmail
	maxPhone  = 30
	maxStreet = 120
	maxTown   = 80
)

// check turns what was typed into a buyer, or says what is wrong with each field.
func (d DetailsForm) check(f *web.Form, m *market.Market) ordering.Buyer {
	b := ordering.Buyer{Market: m.Code, Name: d.Name, Email: strings.ToLower(d.Email), Street: d.Street, Town: d.Town}
	fillName(f, d.Name)
	if !plausibleEmail(d.Email) {
		f.Reject("email", "checkout.error.email")
	}
	phone, ok := e164(d.Phone, m.Country)
	if !ok {
		f.Reject("phone", "checkout.error.phone")
	}
	b.Phone = phone
	fill(f, "street", d.Street, maxStreet)
	b.Postcode = postcode(d.Postcode, m.Country)
	if form, err := regexp.Compile(m.PostcodePattern); err != nil || !form.MatchString(b.Postcode) {
		f.Reject("postcode", "checkout.error.postcode")
	}
	fill(f, "town", d.Town, maxTown)
	return b
}

// postcode writes a postcode as the post does; British ones have a blank before the last three signs.
func postcode(typed, country string) string {
	p := strings.ToUpper(typed)
	if country == "GB" && len(p) > 3 && !strings.Contains(p, " ") {
		return p[:len(p)-3] + " " + p[len(p)-3:]
	}
	return p
}

func fill(f *web.Form, field, value string, longest int) {
	switch {
	case value == "":
		f.Reject(field, "checkout.error."+field)
	case utf8.RuneCountInString(value) > longest:
		f.Reject(field, "checkout.error.too_long")
	}
}

// fillName asks for at least one letter of any script: papers, letters and the dealer's desk call the buyer by this name.
// One letter is a name, and so is what is written from the right or in two scripts.
func fillName(f *web.Form, name string) {
	fill(f, "name", name, maxName)
	if name != "" && !strings.ContainsFunc(name, unicode.IsLetter) {
		f.Reject("name", "checkout.error.name_letters")
	}
}

// plausibleEmail is what the house takes for an address.
func plausibleEmail(s string) bool { return web.PlausibleEmail(s) }

// shortestPhone is the fewest digits, without the country's, that anybody can be reached under from
// anywhere: some countries plan shorter ones, but those are for emergencies and exchanges.
const shortestPhone = 6

// e164 reads a phone number as people of the country write it.
func e164(typed, country string) (string, bool) {
	if len(typed) > maxPhone {
		return "", false
	}
	n, err := phonenumbers.Parse(typed, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) || len(phonenumbers.GetNationalSignificantNumber(n)) < shortestPhone {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}
