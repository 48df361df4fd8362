package dealersite

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"forecourt/internal/hook"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/forms"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// deliveriesShown are on one page of an address.
const deliveriesShown = 50

// HooksPage lists the addresses of the dealer's own systems and registers more.
type HooksPage struct {
	Page
	Hooks []HookLine
	URL   string
	Kinds []KindBox
	Group string // where the reader may tell of every site of the group; empty where not
	Whole bool
}

// HookLine is one address.
type HookLine struct {
	URL, Path, Where string
	State, Tone      string
	Waiting, Dead    int
}

// KindBox is one kind of event, as a box to tick.
type KindBox struct {
	Value, Label string
	On           bool
}

// HookPage is one address with what was sent there.
type HookPage struct {
	Page
	Hook    HookLine
	Paused  string // why, in a sentence; empty while it is active
	Running bool
	Secrets int
	CanShow bool
	Secret  string // once
	Kinds   []KindBox
	Fates   []web.NavItem
	Rows    []DeliveryLine
	Older   string
	Since   string
	Today   string
}

// DeliveryLine is one event at an address.
type DeliveryLine struct {
	Path, Kind, Number string
	Seq                string
	When               string
	State, Tone        string
	Answer             string
	Tried              int
	Again              bool // it can be sent again
}

// DeliveryPage is one event: its body and every attempt.
type DeliveryPage struct {
	Page
	Back     string
	Row      DeliveryLine
	ID       string
	Body     string
	Attempts []AttemptLine
	Next     string // when it is tried again
}

// AttemptLine is one attempt.
type AttemptLine struct{ When, Answer, Took string }

var tones = map[string]string{"active": "good", "paused": "warn", "delivered": "good", "dead": "bad", "waiting": "info", "withheld": "warn"}

func (h *Handlers) hookLine(b web.Base, d desk, a *hook.Address) HookLine {
	l := HookLine{URL: a.URL, Path: hooksPath + "/" + string(a.ID), Where: d.site.GroupTitle(), State: b.T("site.hook.state." + string(a.State)), Tone: tones[string(a.State)], Waiting: a.Waiting, Dead: a.Dead}
	if a.Dealer != "" {
		l.Where = d.name(a.Dealer)
	}
	return l
}

func kindBoxes(b web.Base, on []string) []KindBox {
	out := make([]KindBox, len(hook.Kinds))
	for i, k := range hook.Kinds {
		out[i] = KindBox{Value: k, Label: b.T("hook.kind." + k), On: slices.Contains(on, k)}
	}
	return out
}

func (h *Handlers) hooksPage(c echo.Context, d desk, on []string) (*HooksPage, error) {
	p := &HooksPage{Page: h.page(c, d, "site.hook.title", "calendar")}
	all, err := h.outbound.Of(c.Request().Context(), d.user, d.site.GroupCode())
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		p.Hooks = append(p.Hooks, h.hookLine(p.Base, d, a))
	}
	p.Kinds = kindBoxes(p.Base, on)
	if d.user.MayAt(identity.DealerGroup, d.site.Code) {
		p.Group = d.site.GroupTitle()
	}
	return p, nil
}

func (h *Handlers) showHooks(c echo.Context) error {
	d, err := h.deskOf(c)
	if err != nil {
		return err
	}
	p, err := h.hooksPage(c, d, hook.Kinds)
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/hooks", p)
}

// hookField says beside which field a refusal is shown.
var hookField = map[string]string{hook.ErrURL.Key: "url", hook.ErrHTTPS.Key: "url", hook.ErrPrivate.Key: "url", hook.ErrMany.Key: "url", hook.ErrKinds.Key: "kinds", hook.ErrSince.Key: "since"}

func (h *Handlers) addHook(c echo.Context) error {
	return web.Post(h.kit, c, h.deskOf, func(d desk, f *web.Form) (web.Act, error) {
		if f.Value("site") != string(d.site.Code) {
			return web.Act{}, web.ErrNotFound // the page was opened at another site of the reader's
		}
		return web.Act{Name: "hook.add " + string(d.site.Code), Fields: hookField, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			a, err := h.outbound.AddTx(ctx, tx, d.user, d.site.Code, f.Has("whole"), f.Value("url"), f.Values("kinds"))
			if err != nil {
				return "", err
			}
			return hooksPath + "/" + string(a.ID) + "?done=hook_added", nil
		}, Again: func(r web.Refusal) error {
			p, err := h.hooksPage(c, d, f.Values("kinds"))
			if err != nil {
				return err
			}
			p.Errors, p.Problem, p.URL, p.Whole = f.Errors(), p.Sentence(r.Key), f.Value("url"), f.Has("whole")
			return h.kit.Show(c, r.Status, "dealer/hooks", p)
		}}, nil
	})
}

// hookAt is an address that a request names, and who works with it.
type hookAt struct {
	desk
	*hook.Address
}

// hookOf finds the address that the request names.
func (h *Handlers) hookOf(c echo.Context) (at hookAt, err error) {
	if at.desk, err = h.deskOf(c); err != nil {
		return at, err
	}
	at.Address, err = h.outbound.Get(c.Request().Context(), at.user, id.Hook(c.Param("hook")))
	return at, err
}

func (h *Handlers) hookPage(c echo.Context, at hookAt) (*HookPage, error) {
	d, a := at.desk, at.Address
	g, now := h.kit.DB.Read(c.Request().Context()), h.kit.DB.Clock.Now()
	p := &HookPage{Page: h.page(c, d, "site.hook.title", "calendar"), Kinds: nil, Running: a.State == hook.Active}
	p.Hook, p.Kinds = h.hookLine(p.Base, d, a), kindBoxes(p.Base, a.Kinds)
	p.Title = a.URL
	if a.PausedWhy != "" {
		p.Paused = p.T("site.hook.paused." + a.PausedWhy)
	}
	var err error
	if p.Secrets, p.CanShow, err = hook.Secrets(g, a.ID, now); err != nil {
		return nil, err
	}
	p.Today = string(market.DateOf(now.In(d.site.Zone())))
	fate := hook.Fate(c.QueryParam("state"))
	p.Fates = []web.NavItem{{URL: p.Hook.Path, Label: p.T("site.hook.all"), Current: fate == ""}}
	known := fate == ""
	for _, x := range []hook.Fate{hook.Waiting, hook.Delivered, hook.Dead, hook.Withheld} {
		known = known || x == fate
		p.Fates = append(p.Fates, web.NavItem{URL: p.Hook.Path + "?state=" + string(x), Label: p.T("site.hook.fate." + string(x)), Current: x == fate})
	}
	if !known {
		fate = ""
		p.Fates[0].Current = true
	}
	before, _ := strconv.ParseInt(c.QueryParam("before"), 10, 64)
	rows, err := hook.DeliveriesOf(g, a.ID, fate, max(before, 0), deliveriesShown+1)
	if err != nil {
		return nil, err
	}
	rows, p.Older = web.Leaf(rows, deliveriesShown, func(last *hook.Delivery) string {
		return fmt.Sprintf("%s?state=%s&before=%d", p.Hook.Path, fate, last.N)
	})
	for _, r := range rows {
		p.Rows = append(p.Rows, deliveryLine(p.Base, p.Hook.Path, r))
	}
	return p, nil
}

func deliveryLine(b web.Base, path string, r *hook.Delivery) DeliveryLine {
	l := DeliveryLine{Path: path + "/events/" + string(r.ID), Kind: b.T("hook.kind." + r.Kind), Number: r.Number, When: b.DateTime(r.At), State: b.T("site.hook.fate." + string(r.State)),
		Tone: tones[string(r.State)], Tried: r.Tried, Answer: answerOf(b, r.LastCode, r.LastWhy, r.Tried), Again: !r.Gone && r.State != hook.Withheld}
	if r.AddressSeq > 0 {
		l.Seq = strconv.FormatInt(r.AddressSeq, 10)
	}
	return l
}

// answerOf says what the other side answered last: its code, or why there was none.
func answerOf(b web.Base, code int, why string, tried int) string {
	switch {
	case tried == 0:
		return ""
	case why == "" || why == "answer":
		return strconv.Itoa(code)
	case code > 0:
		return strconv.Itoa(code) + ", " + b.T("hook.why."+why)
	}
	return b.T("hook.why." + why)
}

func (h *Handlers) showHook(c echo.Context) error {
	at, err := h.hookOf(c)
	if err != nil {
		return err
	}
	p, err := h.hookPage(c, at)
	if err != nil {
		return err
	}
	if p.Flash == "" && c.QueryParam("done") == "hook_since" {
		n, _ := strconv.Atoi(c.QueryParam("n"))
		p.Flash = p.N("site.done.hook_since", min(max(n, 0), hook.MostReplayed))
	}
	return h.kit.Show(c, http.StatusOK, "dealer/hook", p)
}

// showSecret answers with the newest secret. It is a POST, and works once: no history and no second look has it.
func (h *Handlers) showSecret(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if !forms.IsKey(f.Key()) {
		return forms.ErrKey
	}
	at, err := h.hookOf(c)
	if err != nil {
		return err
	}
	secret, err := h.outbound.Show(c.Request().Context(), at.user, at.ID)
	var x *fault.Fault
	if errors.As(err, &x) && x.Kind == fault.Conflict {
		return h.hookAgain(c, f, web.Refusal{Status: http.StatusConflict, Key: x.Key})
	}
	if err != nil {
		return err
	}
	p, err := h.hookPage(c, at)
	if err != nil {
		return err
	}
	p.Secret = secret
	return h.kit.Show(c, http.StatusOK, "dealer/hook", p)
}

// hookDeed is one thing that is done to an address; it answers what was done, for the address of the next page.
type hookDeed func(ctx context.Context, tx *db.Tx, d desk, a *hook.Address, f *web.Form) (done string, err error)

func (h *Handlers) hookAct(c echo.Context, name string, do hookDeed) error {
	return web.Post(h.kit, c, h.hookOf, func(at hookAt, f *web.Form) (web.Act, error) {
		return web.Act{Name: "hook." + name + " " + string(at.ID), Fields: hookField, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			done, err := do(ctx, tx, at.desk, at.Address, f)
			if name == "end" {
				return hooksPath + "?done=" + done, err
			}
			return hooksPath + "/" + string(at.ID) + "?done=" + done, err
		}, Again: func(r web.Refusal) error { return h.hookAgain(c, f, r) }}, nil
	})
}

// hookAgain shows the address as it stands, with what could not be done.
func (h *Handlers) hookAgain(c echo.Context, f *web.Form, r web.Refusal) error {
	at, err := h.hookOf(c)
	if err != nil {
		return err
	}
	p, err := h.hookPage(c, at)
	if err != nil {
		return err
	}
	p.Errors, p.Problem, p.Since = f.Errors(), p.Sentence(r.Key), f.Value("since")
	if p.Errors.Of("kinds") != "" {
		p.Kinds = kindBoxes(p.Base, f.Values("kinds"))
	}
	return h.kit.Show(c, r.Status, "dealer/hook", p)
}

func (h *Handlers) changeHook(c echo.Context) error {
	return h.hookAct(c, "change", func(ctx context.Context, tx *db.Tx, d desk, a *hook.Address, f *web.Form) (string, error) {
		return "hook_changed", h.outbound.ChangeTx(ctx, tx, d.user, a.ID, f.Values("kinds"))
	})
}

func (h *Handlers) rotateSecret(c echo.Context) error {
	return h.hookAct(c, "rotate", func(ctx context.Context, tx *db.Tx, d desk, a *hook.Address, _ *web.Form) (string, error) {
		return "hook_secret", h.outbound.RotateTx(ctx, tx, d.user, a.ID)
	})
}

func (h *Handlers) pauseHook(c echo.Context) error  { return h.moveHook(c, "pause", hook.Paused) }
func (h *Handlers) resumeHook(c echo.Context) error { return h.moveHook(c, "resume", hook.Active) }
func (h *Handlers) endHook(c echo.Context) error    { return h.moveHook(c, "end", hook.Ended) }

func (h *Handlers) moveHook(c echo.Context, name string, to hook.State) error {
	return h.hookAct(c, name, func(ctx context.Context, tx *db.Tx, d desk, a *hook.Address, _ *web.Form) (string, error) {
		return "hook_" + string(to), h.outbound.MoveTx(ctx, tx, d.user, a.ID, to)
	})
}

func (h *Handlers) sendSince(c echo.Context) error {
	return h.hookAct(c, "since", func(ctx context.Context, tx *db.Tx, d desk, a *hook.Address, f *web.Form) (string, error) {
		since, err := time.ParseInLocation("2006-01-02T15:04", f.Value("since"), d.site.Zone())
		if err != nil {
			return "", hook.ErrSince
		}
		n, err := h.outbound.SinceTx(ctx, tx, d.user, a.ID, since)
		return "hook_since&n=" + strconv.Itoa(n), err
	})
}

func (h *Handlers) sendAgain(c echo.Context) error {
	return h.hookAct(c, "again", func(ctx context.Context, tx *db.Tx, d desk, a *hook.Address, _ *web.Form) (string, error) {
		return "hook_again", h.outbound.AgainTx(ctx, tx, d.user, a.ID, id.Event(c.Param("event")))
	})
}

func (h *Handlers) showDelivery(c echo.Context) error {
	at, err := h.hookOf(c)
	if err != nil {
		return err
	}
	g := h.kit.DB.Read(c.Request().Context())
	r, err := hook.DeliveryOf(g, at.ID, id.Event(c.Param("event")))
	if err != nil {
		return err
	}
	tried, err := hook.AttemptsOf(g, r.ID)
	if err != nil {
		return err
	}
	p := &DeliveryPage{Page: h.page(c, at.desk, "site.hook.event", "calendar"), Back: hooksPath + "/" + string(at.ID), ID: string(r.ID)}
	p.Row = deliveryLine(p.Base, p.Back, r)
	p.Title = p.Row.Kind
	if !r.Gone {
		p.Body = r.Body
	}
	if r.State == hook.Waiting {
		p.Next = p.DateTime(r.NextAt)
	}
	for _, t := range tried {
		p.Attempts = append(p.Attempts, AttemptLine{When: p.DateTime(t.At), Answer: answerOf(p.Base, t.Code, t.Why, 1), Took: p.T("site.hook.took", "Millis", t.TookMS)})
	}
	return h.kit.Show(c, http.StatusOK, "dealer/delivery", p)
}
