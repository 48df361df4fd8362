package storefront

import (
	"context"
	"net/http"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// LeaveNamePage keeps the wish of a visitor whom nothing can be sold now.
type LeaveNamePage struct {
	web.Base
	Name, Email string
	Consent     bool
	Model       string
	ModelName   string
	Selection   string
	Errors      web.FieldErrors
	Done        bool
	Sells       bool
	PostURL     string
	CarURL      string
}

func (h *Handlers) leavePage(c echo.Context, s *shop, model, selection string) *LeaveNamePage {
	p := &LeaveNamePage{Base: h.base(c, s, "", "new_cars"), Sells: s.sells(), PostURL: s.path() + "/leave-name"}
	p.Title, p.NoIndex = p.T("storefront.leave.title"), true
	k, err := h.carOf(s, id.Model(model))
	if err != nil {
		return p
	}
	p.Model, p.ModelName = model, k.rng.Name
	if _, err := k.build(selection); err == nil {
		p.Selection = selection
		p.CarURL = modelURL(s, k.rng) + "/configure?s=" + exactText(selection)
	}
	return p
}

// namedShop is a shop whose visitors may leave their name: not one that the public does not know of.
func (h *Handlers) namedShop(c echo.Context) (*shop, error) {
	s, err := h.anyShop(c)
	if err == nil && (s.state == market.Off || s.state == market.Preview) && !s.staff {
		return nil, web.ErrNotFound
	}
	return s, err
}

func (h *Handlers) showLeaveName(c echo.Context) error {
	s, err := h.namedShop(c)
	if err != nil {
		return err
	}
	p := h.leavePage(c, s, c.QueryParam("model"), c.QueryParam("s"))
	p.Done = c.QueryParam("done") != ""
	return h.Kit.Show(c, http.StatusOK, "storefront/leave_name", p)
}

func (h *Handlers) leaveName(c echo.Context) error {
	return web.Post(h.Kit, c, h.namedShop, func(s *shop, f *web.Form) (web.Act, error) {
		p := h.leavePage(c, s, f.Value("model"), f.Value("s"))
		p.Name, p.Email, p.Consent = f.Value("name"), f.Value("email"), f.Has("consent")
		fillName(f, p.Name)
		if !plausibleEmail(p.Email) {
			f.Reject("email", "checkout.error.email")
		}
		if !p.Consent {
			f.Reject("consent", "storefront.leave.consent_missing")
		}
		return h.begins(c, web.Act{Name: "storefront.leave", Do: func(_ context.Context, tx *db.Tx) (string, error) {
			return withQuery(leaveURL(s, id.Model(p.Model), p.Selection), "done=1"), h.NewCar.LeaveNameTx(tx, ordering.Lead{Brand: s.brand.Code, Market: s.market.Code, Flow: s.kind, Model: id.Model(p.Model),
				Selection: p.Selection, Name: p.Name, Email: p.Email})
		}, Again: func(r web.Refusal) error {
			p.Errors = f.Errors()
			return h.Kit.Show(c, r.Status, "storefront/leave_name", p)
		}}), nil
	})
}

func withQuery(u, more string) string {
	if strings.Contains(u, "?") {
		return u + "&" + more
	}
	return u + "?" + more
}
