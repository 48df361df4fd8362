package dealer

import (
	"context"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// LabelOf is what a field of the form is called: a sentence alone does not say which of twenty it is about.
func (p *UsedNewPage) LabelOf(name string) string {
	for _, x := range p.Texts {
		if x.Name == name {
			return x.Label
		}
	}
	for _, x := range p.Lists {
		if x.Name == name {
			return x.Label
		}
	}
	return p.T("used.fact.registered")
}

func (h *Handlers) addUsed(c echo.Context) error {
	return web.Post(h.kit, c, h.siteOf, func(s site, f *web.Form) (web.Act, error) {
		form := readUsed(f)
		car := form.car(f, h.page(c, s, "", "stock"), s)
		return web.Act{Name: "dealer.used_add", Fields: map[string]string{usedcars.ErrVINLive.Key: "vin", "used.vin_ordered": "vin", "used.registered_bad": "registered"},
			Do: func(ctx context.Context, tx *db.Tx) (string, error) {
				key, err := h.used.AddTx(ctx, tx, s.staff(), car)
				if err == nil && id.DoubtfulVIN(car.VIN) { // it is in, and its page says what to look at
					return usedCarURL(key) + "?done=used_added", nil
				}
				return usedPath + "?done=used_added", err
			}, Again: func(r web.Refusal) error {
				p := h.usedNewPage(c, s, form)
				p.Errors, p.Problem = f.Errors(), p.Sentence(r.Key)
				return h.kit.Show(c, r.Status, "dealer/used_new", p)
			}}, nil
	})
}
