package dealersite

import (
	"context"
	"errors"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

func (h *Handlers) resetCard(c echo.Context, d desk, b web.Base, who id.User) (ResetCard, error) {
	ctx := c.Request().Context()
	if err := h.users.Resettable(ctx, d.user, who); err != nil {
		key, err := reasonOf(err)
		return ResetCard{Why: key}, err
	}
	r, ok, err := h.users.OpenReset(ctx, who)
	if err != nil || !ok {
		return ResetCard{}, err
	}
	return ResetCard{Open: b.T("site.staff.reset_open", "By", r.ByName, "When", b.DateTime(r.ExpiresAt.In(d.site.Zone())))}, nil
}

// reasonOf is the key of why there is no reset; errors of another kind come back.
func reasonOf(err error) (string, error) {
	for _, e := range []*fault.Fault{identity.ErrResetSelf, identity.ErrResetAbove, identity.ErrResetOff, identity.ErrResetSSO, identity.ErrDemoPassword} {
		if errors.Is(err, e) {
			return e.Key, nil
		}
	}
	return "", err
}

// startReset sends a colleague the link with which he chooses a new password.
func (h *Handlers) startReset(c echo.Context) error {
	return h.resetAct(c, "reset", func(ctx context.Context, tx *db.Tx, d desk, who id.User) error {
		return h.team.ResetTx(ctx, tx, d.user, who)
	})
}

// endReset makes that link worthless.
func (h *Handlers) endReset(c echo.Context) error {
	return h.resetAct(c, "reset_ended", func(ctx context.Context, tx *db.Tx, d desk, who id.User) error {
		return h.users.EndResetTx(ctx, tx, d.user, who)
	})
}

func (h *Handlers) resetAct(c echo.Context, done string, act func(context.Context, *db.Tx, desk, id.User) error) error {
	d, err := h.deskOf(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p, who, err := h.colleaguePage(c, d)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err = h.users.Resettable(ctx, d.user, who.ID); err == nil && done == "reset" {
		err = h.users.MayReset(ctx, d.user, who.ID)
	}
	if err == nil {
		var to string
		to, err = h.kit.Once(c, f, "staff."+done+" "+string(who.ID), func(ctx context.Context, tx *db.Tx) (string, error) {
			return p.URL + "?done=" + done, act(ctx, tx, d, who.ID)
		})
		if err == nil {
			return web.SeeOther(c, to)
		}
	}
	status, key := web.StatusOf(err), "site.staff.reset_many"
	if !errors.Is(err, limit.ErrLimited) {
		if key, err = reasonOf(err); err != nil {
			return err
		}
	}
	p.Problem = p.T(key)
	return h.kit.Show(c, status, "dealer/colleague", p)
}
