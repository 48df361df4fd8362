package manager

import (
	"context"
	"net/http"
	"strconv"
	"unicode/utf8"

	"forecourt/internal/flow/pilot"
	"forecourt/internal/id"
	"forecourt/internal/insight"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// SwitchPage moves one switch.
type SwitchPage struct {
	web.Base
	Errors    web.FieldErrors
	URL       string
	Country   string // not Market and Shop: those names are the frame's
	ShopName  string
	State     Badge
	Since     string
	Reason    string // why it stands as it does
	ZoneName  string
	Version   string
	Choices   []SwitchChoice
	Typed     string // the new reason
	Booked    int    // orders that stay as they are
	Checkout  int    // buyers on the card page
	Language  string // of the market's buyers
	ClosedSay string // what buyers of a paused shop read, in their language
	Last      []AuditLine
}

// SwitchChoice is a position it can be moved to, with what buyers will see then.
type SwitchChoice struct {
	Value   string
	Label   string
	See     string
	Quote   bool // the page quotes the words buyers read
	Checked bool
}

// target is the switch that a request is about.
type target struct {
	sw     market.Switch
	market *market.Market
	reader reader
}

// target finds the switch; one of a market that is not the reader's is not found, like one that does
// not exist.
func (s *Surface) target(c echo.Context) (target, error) {
	r, err := s.reader(c).only(id.Market(c.Param("market")))
	if err != nil {
		return target{}, err
	}
	sw := s.kit.World.Now().Switch(id.Brand(c.Param("brand")), r.markets[0].Code, id.Flow(c.Param("flow")))
	if sw.Version == 0 {
		return target{}, web.ErrNotFound
	}
	return target{sw: sw, market: r.markets[0], reader: r}, nil
}

func (s *Surface) showSwitch(c echo.Context) error {
	t, err := s.target(c)
	if err != nil {
		return err
	}
	return s.answerSwitch(c, http.StatusOK, t, c.QueryParam("to"), "", web.FieldErrors{})
}

func (s *Surface) answerSwitch(c echo.Context, status int, t target, to, typed string, errs web.FieldErrors) error {
	ctx, w := c.Request().Context(), s.kit.World.Now()
	g := s.kit.DB.Read(ctx)
	shop := insight.Shop{Brand: t.sw.Brand, Market: t.sw.Market, Flow: t.sw.Flow}
	figures, err := insight.Console(g, t.reader.places(), []insight.Shop{shop}, s.kit.DB.Clock.Now())
	if err != nil {
		return err
	}
	names, err := insight.Names(g, []string{t.sw.ChangedBy})
	if err != nil {
		return err
	}
	buyers := s.kit.Catalogue.Printer(t.market.Locale)
	p := &SwitchPage{Base: s.base(c, "/manager", "manager.switch.title"), Errors: errs, Typed: typed, ZoneName: t.market.TimeZone,
		Country: t.market.Name, Booked: figures[shop].Booked, Checkout: figures[shop].Checkout,
		Version: strconv.FormatInt(t.sw.Version, 10), Language: buyers.Language(), ClosedSay: buyers.T("storefront.closed.title") + ". " + buyers.T("storefront.closed.text")}
	p.URL = "/manager/switch/" + string(t.sw.Brand) + "/" + string(t.sw.Market) + "/" + string(t.sw.Flow)
	p.ShopName, p.State = shopName(p.Base, w, t.sw.Brand, t.sw.Flow), switchBadge(p.Base, t.sw.State)
	p.Since, p.Reason = since(p.Base, w, t.sw, names[t.sw.ChangedBy]), reason(t.sw)
	for _, st := range []market.State{market.Live, market.Paused, market.Preview, market.Off} {
		if st != t.sw.State {
			p.Choices = append(p.Choices, SwitchChoice{Value: string(st), Label: p.T("manager.to." + string(st)),
				See: p.T("manager.see." + string(st)), Quote: st == market.Paused, Checked: string(st) == to})
		}
	}
	acts, err := insight.Acts(g, []id.Market{t.sw.Market}, true, 20)
	if err != nil {
		return err
	}
	p.Last = auditLines(p.Base, w, ofShop(acts, shop, 4))
	return s.kit.Show(c, status, "manager/switch", p)
}

// submitSwitch moves the switch once, however often the form comes.
func (s *Surface) submitSwitch(c echo.Context) error {
	return web.Post(s.kit, c, s.target, func(t target, f *web.Form) (web.Act, error) {
		turn := t.turn(f)
		return web.Act{Name: "switch:" + string(turn.Brand) + "/" + string(turn.Market) + "/" + string(turn.Flow), Fields: map[string]string{pilot.ErrReason.Key: "reason"}, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return "/manager?moved=" + string(turn.Brand) + "." + string(turn.Market) + "." + string(turn.Flow), pilot.SwitchTx(ctx, tx, turn)
		}, Done: func() error { s.renew(c); return nil }, Again: func(r web.Refusal) error {
			s.renew(c) // who came too late must see what his colleague did
			t, err := s.target(c)
			if err != nil {
				return err
			}
			if r.Key != "" {
				f.Reject("to", r.Key)
			}
			return s.answerSwitch(c, r.Status, t, f.Value("to"), f.Value("reason"), f.Errors())
		}}, nil
	})
}

const minReason, maxReason = 3, 500

// turn reads the form. Bounds are in characters, as the page says them.
func (t target) turn(f *web.Form) pilot.Turn {
	turn := pilot.Turn{User: t.reader.ID, Markets: t.reader.codes(), Brand: t.sw.Brand, Market: t.sw.Market, Flow: t.sw.Flow, Reason: f.Value("reason")}
	var err error
	if turn.To, err = market.ParseState(f.Value("to")); err != nil {
		f.Reject("to", "manager.switch.to_missing")
	}
	if n := utf8.RuneCountInString(turn.Reason); n < minReason || n > maxReason {
		f.Reject("reason", pilot.ErrReason.Key)
	}
	if turn.Version, err = strconv.ParseInt(f.Value("version"), 10, 64); err != nil {
		f.Reject("to", pilot.ErrMoved.Key)
	}
	return turn
}

// ofShop keeps the newest n acts on one switch.
func ofShop(acts []insight.Act, shop insight.Shop, n int) []insight.Act {
	var out []insight.Act
	for _, a := range acts {
		if a.Shop == shop && len(out) < n {
			out = append(out, a)
		}
	}
	return out
}
