package dealersite

import (
	"context"
	"net/http"
	"strconv"

	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// PolicyPage says how the staff of the group sign in.
type PolicyPage struct {
	Page
	Group   string
	Second  bool
	Minutes string
	Least   int
	Most    int
}

func (h *Handlers) policyPage(c echo.Context, d desk) *PolicyPage {
	p := &PolicyPage{Page: h.page(c, d, "site.policy.title", "staff"), Group: d.site.GroupTitle(), Second: d.user.Policy.SecondFactor,
		Minutes: strconv.Itoa(int(d.user.Policy.LockAfter.Minutes())), Least: identity.MinLock, Most: identity.MaxLock}
	return p
}

func (h *Handlers) showPolicy(c echo.Context) error {
	d, err := h.deskOf(c)
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/policy", h.policyPage(c, d))
}

func (h *Handlers) savePolicy(c echo.Context) error {
	return web.Post(h.kit, c, h.deskOf, func(d desk, f *web.Form) (web.Act, error) {
		minutes, _ := strconv.Atoi(f.Value("minutes"))
		return web.Act{Name: "group.policy " + string(d.user.Group), Fields: map[string]string{identity.ErrFirstYourself.Key: "second"}, Field: "minutes", Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return policyPath + "?done=policy", h.users.PolicyTx(ctx, tx, d.user, f.Has("second"), minutes)
		}, Again: func(r web.Refusal) error {
			p := h.policyPage(c, d)
			p.Errors, p.Second, p.Minutes = f.Errors(), f.Has("second"), f.Value("minutes")
			return h.kit.Show(c, r.Status, "dealer/policy", p)
		}}, nil
	})
}
