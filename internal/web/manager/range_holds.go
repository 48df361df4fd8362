package manager

import (
	"context"
	"errors"
	"slices"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/web"
	"forecourt/internal/world"

	"github.com/labstack/echo/v4"
)

// HoldLine is a feature that cannot be ordered at present.
type HoldLine struct {
	Code   string
	Name   string
	Until  string
	Reason string
	Who    string
	When   string
	Over   bool // its last day has passed
}

// HoldForm is what somebody typed into the form.
type HoldForm struct {
	Feature  string
	Until    string
	Reason   string
	First    string // earliest day
	Features []OptionGroup
	Reasons  []Option
}

// held are the holds of the market on the page, with who made them.
func (a about) held() []world.Held {
	var out []world.Held
	for _, h := range a.world.AllHeld() {
		if h.Brand == a.brand.Code && h.Model == a.rng.Model && h.Market == a.market.Code {
			out = append(out, h)
		}
	}
	return out
}

func (p *RangePage) fillHolds(s *Surface, a about, say *speaker, form HoldForm, names map[string]string) {
	now := 0
	for _, h := range a.held() {
		l := HoldLine{Code: string(h.Feature), Name: say.name(h.Feature), Until: p.T("manager.range.hold.open_end"), Reason: known(p.Base, "manager.range.hold.because.", h.Because),
			Who: publisher(p.Base, h.ChangedBy, names), When: p.DateTime(h.ChangedAt), Over: h.Until != "" && h.Until < a.day}
		if h.Until != "" {
			l.Until = say.day(h.Until)
		}
		if !l.Over {
			now++
		}
		p.Holds = append(p.Holds, l)
	}
	if now > 0 {
		p.Orderable = s.orderable(p.Base, a)
	}
	p.Hold = form
	p.Hold.First = string(a.day)
	p.Hold.Features = choices(say, id.Feature(form.Feature), priceList(a.rng, a.market.Code, a.day))
	for _, code := range world.HoldReasons {
		p.Hold.Reasons = append(p.Hold.Reasons, Option{Value: code, Label: known(p.Base, "manager.range.hold.because.", code), Selected: code == form.Reason})
	}
}

// orderable counts the cars that can be ordered today; empty when the model is not on sale yet.
func (s *Surface) orderable(b web.Base, a about) string {
	mo, err := a.world.Model(a.brand.Code, a.market.Code, a.rng.Model, a.day)
	if err != nil {
		return ""
	}
	page, err := mo.Page(nil)
	if err != nil {
		return ""
	}
	return count(b, page.Cars)
}

// submitHold holds a feature in one market. The shop of that market knows within a second.
func (s *Surface) submitHold(c echo.Context) error {
	return s.actOnHold(c, "hold", func(a about, h world.Held, f *web.Form, to string, act *web.Act) {
		if h.Feature == "" {
			f.Reject("hold-feature", "manager.range.hold.feature_missing")
		}
		if !slices.Contains(world.HoldReasons, h.Because) {
			f.Reject("hold-reason", "manager.range.hold.reason_missing")
		}
		if h.Until != "" && (!h.Until.Valid() || h.Until < a.day) {
			f.Reject("hold-until", "manager.range.hold.until_wrong")
		}
		act.Do = func(ctx context.Context, tx *db.Tx) (string, error) {
			return to, holdFault(world.HoldTx(ctx, tx, a.world, h))
		}
	})
}

// holdFault says what the engine's refusal means on this page.
func holdFault(err error) error {
	switch {
	case errors.Is(err, configurator.ErrHeld):
		return errNoneLeft
	case errors.Is(err, configurator.ErrUnknown):
		return errNoFeature
	}
	return err
}

var (
	errNoneLeft  = fault.New(fault.Invalid, "manager.range.hold.none_left", "manager.Hold")
	errNoFeature = fault.New(fault.Invalid, "manager.range.hold.feature_missing", "manager.Hold")
)

// submitRelease lets a feature be ordered again. When a colleague was quicker, what was wanted is so.
func (s *Surface) submitRelease(c echo.Context) error {
	return s.actOnHold(c, "release", func(_ about, h world.Held, _ *web.Form, to string, act *web.Act) {
		act.Over = map[*fault.Fault]string{world.ErrNotHeld: to}
		act.Do = func(ctx context.Context, tx *db.Tx) (string, error) { return to, world.UnholdTx(ctx, tx, h) }
	})
}

// actOnHold finds what a form is about. The market is part of what was typed and has to be the reader's.
func (s *Surface) actOnHold(c echo.Context, name string, fill func(a about, h world.Held, f *web.Form, to string, act *web.Act)) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Value("market") == "" {
		return web.ErrNotFound
	}
	a, err := s.about(c, f.Value("market"))
	if err != nil {
		return err
	}
	if !a.mayHold() {
		return web.ErrForbidden
	}
	h := a.wish(f)
	act := web.Act{Name: name + ":" + string(h.Brand) + "/" + string(h.Market) + "/" + string(h.Model), Field: "hold-feature",
		Done:  func() error { s.renew(c); return nil },
		Again: func(r web.Refusal) error { return s.answerRange(c, r.Status, a, typedHold(f), f.Errors()) }}
	fill(a, h, f, a.url("", "market", a.code(), "done", string(h.Feature))+"#holds", &act)
	return s.kit.Act(c, f, act)
}

func (a about) wish(f *web.Form) world.Held {
	return world.Held{Brand: a.brand.Code, Market: a.market.Code, Model: a.rng.Model, ChangedBy: a.reader.Actor(),
		Hold: configurator.Hold{Feature: id.Feature(f.Value("feature")), Until: market.Date(f.Value("until")), Because: f.Value("reason")}}
}

func typedHold(f *web.Form) HoldForm {
	return HoldForm{Feature: f.Value("feature"), Until: f.Value("until"), Reason: f.Value("reason")}
}

// renew makes this instance see its own change on the very next page; the others learn by notification.
func (s *Surface) renew(c echo.Context) {
	ctx := c.Request().Context()
	if err := s.kit.World.Refresh(context.WithoutCancel(ctx)); err != nil {
		s.kit.Log.WarnContext(ctx, "manager: cannot renew the picture at once", "error", err.Error())
	}
}

// done is the sentence after an act. The address names the subject only; what is said of it is how it
// stands now, so that a forged link can tell nothing untrue.
func (s *Surface) done(c echo.Context, a about, say *speaker, history []world.Publication, names map[string]string) string {
	if c.QueryParam("published") != "" && len(history) > 0 {
		return say.b.T("manager.range.published_now", "When", say.b.DateTime(history[0].PublishedAt), "Who", publisher(say.b, history[0].By, names))
	}
	code := id.Feature(c.QueryParam("done"))
	if _, ok := a.rng.Feature(code); !ok {
		return ""
	}
	for _, h := range inForce(a.world.Holds(a.brand.Code, a.market.Code, a.rng.Model), a.day) {
		if h.Feature != code {
			continue
		}
		if h.Until == "" {
			return say.b.T("manager.range.hold.done", "Part", say.name(code), "Market", a.market.Name)
		}
		return say.b.T("manager.range.hold.done_until", "Part", say.name(code), "Market", a.market.Name, "Day", say.day(h.Until))
	}
	return say.b.T("manager.range.hold.released", "Part", say.name(code), "Market", a.market.Name)
}
