package dealersite

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
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
	d, err := h.deskOf(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	minutes, _ := strconv.Atoi(f.Value("minutes"))
	to, err := h.kit.Once(c, f, "group.policy "+string(d.user.Group), func(ctx context.Context, tx *db.Tx) (string, error) {
		return policyPath + "?done=policy", h.users.PolicyTx(ctx, tx, d.user, f.Has("second"), minutes)
	})
	if err == nil {
		return web.SeeOther(c, to)
	}
	field := "minutes"
	if errors.Is(err, identity.ErrFirstYourself) {
		field = "second"
	}
	status := web.StatusOf(err)
	if fault.KindOf(err) == fault.Conflict {
		status = http.StatusUnprocessableEntity
	}
	if err := f.RejectFault(field, err); err != nil {
		return err
	}
	p := h.policyPage(c, d)
	p.Errors, p.Second, p.Minutes = f.Errors(), f.Has("second"), f.Value("minutes")
	return h.kit.Show(c, status, "dealer/policy", p)
}
