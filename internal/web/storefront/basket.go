package storefront

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// BasketView is a basket as both sides see it: the car, its price and who changed what.
type BasketView struct {
	web.Base
	Names   carNames
	Options string
	Drawing carart.Spec
	Price   PriceTable
	Dealer  string // where the car is fetched
	Exists  string // which car it is, of one that exists
	Lines   []BasketLine
	Version int
	Problem string // why the last act could not be done
	Stream  string // where the page hears of changes; empty when nobody else can make any
	PostURL string
	CarURL  string // empty when the car cannot be changed
}

// BasketLine is one change with who made it.
type BasketLine struct {
	Who, What, When string
	Answer          string // what the buyer said to it; empty for his own
	Seq             int
	Back            bool // the buyer may take it back
}

// Last is the newest change in one sentence, for those who do not see the page change.
func (v BasketView) Last() string {
	if len(v.Lines) == 0 {
		return ""
	}
	return v.Pair(v.Lines[0].Who, v.Lines[0].What)
}

// BasketPage is the buyer's page of a basket that goes on at a dealer's desk.
type BasketPage struct {
	BasketView
	Code     string // empty while no code is open
	QR       web.QR
	Ends     string
	Seer     string // who sees the basket; empty while nobody does
	Since    string
	Shares   bool
	HasName  bool
	Unseen   bool // the dealer changed what the buyer has not answered
	GoOnURL  string
	AtDealer bool // it was begun at a desk
}

// basketView fills what both sides see.
func (h *Handlers) basketView(c echo.Context, d *draft, k *car, b configurator.Build) (BasketView, []ordering.BasketChange, error) {
	v := BasketView{Base: h.base(c, d.shop, "", ""), Names: namesOf(k.shop, k.rng, b), Version: d.Version}
	v.Price = priceTable(v.P, k.shop, k.rng, b.Quote)
	v.Preview, v.NoIndex, v.Closed = false, true, false
	v.Drawing = spec(b.Drawing, "h", drawingLabel(v.Base, v.Names))
	v.Options = strings.Join(lineNames(v.Price), ", ")
	v.Exists = existsWords(v.Base, k, d.existing)
	v.Dealer = h.dealerWords(v.Base, k, string(d.Dealer))
	if d.AnyDealer == ordering.AnyFirst {
		v.Dealer = h.dealerWords(v.Base, k, "")
	}
	g := h.NewCar.DB.Read(c.Request().Context())
	all, err := ordering.BasketChanges(g, d.ID)
	if err != nil {
		return v, nil, err
	}
	var who []id.User
	var codes []id.BuildCode
	for _, x := range all {
		if x.User != "" {
			who = append(who, x.User)
		}
		if x.Kind == ordering.CarChanged {
			codes = append(codes, id.BuildCode(x.Was), id.BuildCode(x.Becomes))
		}
	}
	names, err := identity.NamesOf(g, who...)
	if err != nil {
		return v, nil, err
	}
	builds, err := ordering.ConfigurationsBy(g, codes)
	if err != nil {
		return v, nil, err
	}
	last := map[string]bool{}
	for _, x := range all {
		l := BasketLine{Who: h.signature(v.Base, k, x, names[x.User]), What: h.changeSaid(v.Base, k, x, builds), When: v.DateTime(x.At), Seq: x.Seq}
		switch {
		case x.Answer != "":
			l.Answer = v.T("showroom.answer." + x.Answer)
		case x.Open():
			l.Answer, l.Back = v.T("showroom.answer.open"), !last[x.Kind]
			last[x.Kind] = true
		}
		v.Lines = append(v.Lines, l)
	}
	return v, all, nil
}

func (h *Handlers) dealerWords(b web.Base, k *car, d string) string {
	if x, ok := k.world.Dealer(id.Dealer(d)); ok {
		return x.Name
	}
	return b.T("checkout.any.check")
}

// signature names who made a change: a member of staff with what he is and where.
func (h *Handlers) signature(b web.Base, k *car, x ordering.BasketChange, name string) string {
	if x.Side == ordering.ByBuyer {
		return b.T("showroom.by_buyer")
	}
	return h.staffWords(b, k, name, x.Role, x.Dealer)
}

func (h *Handlers) staffWords(b web.Base, k *car, name, role string, at id.Dealer) string {
	return b.T("showroom.by_staff", "Name", name, "Role", b.T("siterole."+role), "Dealer", h.dealerWords(b, k, string(at)))
}

// changeSaid tells a change in words: what came and what went, and what that costs.
func (h *Handlers) changeSaid(b web.Base, k *car, x ordering.BasketChange, builds map[id.BuildCode]*ordering.Configuration) string {
	said := ""
	if x.Kind == ordering.DealerChanged {
		said = b.T("showroom.changed_dealer", "Old", h.dealerWords(b, k, x.Was), "New", h.dealerWords(b, k, x.Becomes))
	} else {
		was, okWas := carOfCode(k, builds[id.BuildCode(x.Was)])
		becomes, ok := carOfCode(k, builds[id.BuildCode(x.Becomes)])
		said = b.T("showroom.changed_car", "Code", ordering.Pretty(id.BuildCode(x.Becomes)))
		if ok && okWas {
			if d := becomes.Since(was); len(d.Added)+len(d.Removed) > 0 {
				text, more := changeWords(b, k, d)
				said = strings.TrimSpace(text + " " + more)
				if !d.Delta.IsZero() {
					said += " " + b.Delta(d.Delta)
				}
			}
		}
	}
	if x.BackOf > 0 {
		return b.T("showroom.took_back", "What", said)
	}
	return said
}

// carOfCode is a saved build as it can be built today; false when it cannot.
func carOfCode(k *car, c *ordering.Configuration) (configurator.Build, bool) {
	if c == nil || c.Model != k.rng.Model {
		return configurator.Build{}, false
	}
	picked, err := configurator.Decode(c.Selection)
	if err != nil {
		return configurator.Build{}, false
	}
	b, err := k.model.Complete(picked)
	return b, err == nil
}

// showBasket is the buyer's page of the basket: one press makes a code for a desk.
func (h *Handlers) showBasket(c echo.Context) error {
	return h.basketAgain(c, web.Refusal{Status: http.StatusOK})
}

func (h *Handlers) basketAgain(c echo.Context, r web.Refusal) error {
	return h.onDraft(c, func(d *draft, k *car, b configurator.Build) error {
		v, all, err := h.basketView(c, d, k, b)
		if err != nil {
			return err
		}
		p := &BasketPage{BasketView: v, HasName: d.Buyer != "", GoOnURL: d.next()}
		p.Title, p.Problem, p.PostURL = p.T("showroom.title"), p.Sentence(r.Key), d.url("showroom")
		if d.existing == nil {
			p.CarURL = d.url("car")
		}
		for _, x := range all {
			p.Unseen = p.Unseen || x.Open()
		}
		if err := h.openCode(c, p, d, k); err != nil {
			return err
		}
		return h.Kit.Show(c, r.Status, "storefront/basket", p)
	})
}

// openCode fills what the page tells of the code and of who sees the basket.
func (h *Handlers) openCode(c echo.Context, p *BasketPage, d *draft, k *car) error {
	g := h.NewCar.DB.Read(c.Request().Context())
	desk, err := ordering.DeskOf(g, d.ID)
	if err != nil || desk == nil {
		return err
	}
	p.AtDealer = desk.ByDealer
	if !desk.Live(d.shop.now) {
		return nil
	}
	p.Stream = d.url("events")
	p.Ends, p.Shares = p.Time(desk.EndsAt), desk.SharesName
	if desk.User == "" {
		code := ordering.Pretty(h.NewCar.Tokens.DeskCode(desk.ID))
		p.Code, p.QR = code, web.DrawQR(h.Kit.BaseURL+desksPath+"?code="+url.QueryEscape(code))
		return nil
	}
	names, err := identity.NamesOf(g, desk.User)
	p.Seer, p.Since = h.staffWords(p.Base, k, names[desk.User], desk.Role, desk.Dealer), p.Time(desk.JoinedAt)
	return err
}

// actOnBasket does what the buyer pressed: all of it is about who sees the basket and what the dealer changed in it.
func (h *Handlers) actOnBasket(c echo.Context) error {
	return h.actOnDraft(c, func(d *draft, _ *car, _ configurator.Build, f *web.Form) web.Act {
		a := web.Act{Name: "storefront.basket", Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			act, ok := h.basketActs(d, f)[f.Value("act")]
			if !ok {
				return "", web.ErrBadForm
			}
			return "done", act(ctx, tx)
		}, To: func(string) string { return d.url("showroom") }, Over: map[*fault.Fault]string{ordering.ErrDeskOver: d.url("showroom")}, // of a desk that is over the page says so
			Again: func(r web.Refusal) error { return h.basketAgain(c, r) }}
		if f.Value("act") == "open" {
			a = h.begins(c, a)
		}
		return a
	})
}

func (h *Handlers) basketActs(d *draft, f *web.Form) map[string]func(ctx context.Context, tx *db.Tx) error {
	b := newcar.Basket{Shop: d.shop.flow(), Token: d.token}
	seen, seq := number(f.Value("version")), number(f.Value("seq"))
	return map[string]func(ctx context.Context, tx *db.Tx) error{
		"open": func(ctx context.Context, tx *db.Tx) error {
			_, err := h.NewCar.OpenDeskTx(ctx, tx, b, f.Has("name"))
			return err
		},
		"longer": func(ctx context.Context, tx *db.Tx) error { return h.NewCar.ProlongDeskTx(ctx, tx, b) },
		"name":   func(ctx context.Context, tx *db.Tx) error { return h.NewCar.ShareNameTx(ctx, tx, b, f.Has("name")) },
		"close":  func(ctx context.Context, tx *db.Tx) error { return h.NewCar.EndDeskTx(ctx, tx, b) },
		"accept": func(ctx context.Context, tx *db.Tx) error { return h.NewCar.AcceptBasketTx(ctx, tx, b, seen) },
		"back":   func(ctx context.Context, tx *db.Tx) error { return h.NewCar.UndoBasketTx(ctx, tx, b, seq, seen) },
	}
}

// number reads a number of a form; -1, which nothing has, when it is none.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// basketEvents tells the buyer's open pages that something changed, and nothing else.
func (h *Handlers) basketEvents(c echo.Context) error {
	d, err := h.draftOf(c)
	if err != nil {
		return err
	}
	desk, err := ordering.DeskOf(h.NewCar.DB.Read(c.Request().Context()), d.ID)
	if err != nil {
		return err
	}
	if desk == nil || !desk.Live(d.shop.now) {
		return ordering.ErrDeskOver
	}
	return h.hear(c, d.ID)
}

func (h *Handlers) hear(c echo.Context, d id.Draft) error {
	return web.Listen(c, h.Live, allocation.BasketChannel(d), "basket")
}

// showBasketCar is the configurator with the basket's car in it, for the buyer.
func (h *Handlers) showBasketCar(c echo.Context) error {
	return h.onDraft(c, func(d *draft, k *car, b configurator.Build) error {
		return h.basketCar(c, d, k, b, d.url("car"), d.url("showroom"))
	})
}

// basketCar is the configurator for a basket, whoever changes it: the same page, rules and prices as ever.
func (h *Handlers) basketCar(c echo.Context, d *draft, k *car, b configurator.Build, here, back string) error {
	if d.existing != nil {
		return web.SeeOther(c, back)
	}
	if len(c.QueryParams()) == 0 {
		return web.SeeOther(c, here+"?s="+url.QueryEscape(configurator.Encode(configurator.Exactly(b.Selection)))+"&v="+strconv.Itoa(d.Version))
	}
	p, err := h.configurePage(c, k)
	if refused(err) {
		return web.SeeOther(c, here)
	}
	if err != nil {
		return err
	}
	p.revise(c.QueryParam("v"), here, back, "showroom.take_car")
	p.Revision.Text = p.T("showroom.choosing_same", "New", p.Money(p.Price.Total))
	if more := p.Price.Total.Sub(b.Quote.Total); !more.IsZero() {
		p.Revision.Text = p.T("showroom.choosing", "Old", p.Money(b.Quote.Total), "New", p.Money(p.Price.Total), "Difference", p.Delta(more))
	}
	return h.showConfigurator(c, p)
}

// revise makes the configurator one that changes something that exists: its button is a form.
func (p *ConfigurePage) revise(version, here, back, button string) {
	p.Preview, p.NoIndex, p.Closed, p.Canonical, p.Alternates, p.SocialImage = false, true, false, "", nil, nil
	p.Rooms, p.SaveURL, p.Phone = nil, "", nil
	p.Title = p.T("showroom.car_title")
	p.Revision = &Revision{BackURL: back, Keep: p.T("showroom.keep_car"), PostURL: here, Button: p.T(button),
		Fields: []FormField{{"s", configurator.Encode(p.built)}, {"version", version}}}
	if version != "" {
		p.Form = append(p.Form, FormField{"v", version})
	}
}

// showConfigurator writes the page; at a desk it is one of the portal's.
func (h *Handlers) showConfigurator(c echo.Context, p *ConfigurePage) error {
	private(c)
	if web.Needs(c) == identity.DealerQueue {
		p.Base = portal(p.Base)
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/configure", p)
}

// changeBasketCar makes it so, for the buyer.
func (h *Handlers) changeBasketCar(c echo.Context) error {
	return h.actOnDraft(c, func(d *draft, k *car, _ configurator.Build, f *web.Form) web.Act {
		return h.takeCar(f, newcar.Basket{Shop: d.shop.flow(), Token: d.token}, d.url("showroom"), func(r web.Refusal) error {
			if refused(r.Cause) {
				return h.refuse(c, k)
			}
			return h.basketAgain(c, r)
		})
	})
}

// takeCar puts the car of the form into a basket.
func (h *Handlers) takeCar(f *web.Form, b newcar.Basket, to string, again func(r web.Refusal) error) web.Act {
	return web.Act{Name: "storefront.basket_car", Do: func(ctx context.Context, tx *db.Tx) (string, error) {
		sel, err := wholeCar(f)
		if err == nil {
			err = h.NewCar.ChangeBasketTx(ctx, tx, b, sel, number(f.Value("version")))
		}
		if isClash(err) { // nobody can press that together on the page
			err = configurator.ErrIncomplete
		}
		return "done", err
	}, To: func(string) string { return to }, Again: again}
}

// ClaimPage takes a basket that was begun at a desk home.
type ClaimPage struct {
	web.Base
	Typed  string
	Errors web.FieldErrors
}

func (h *Handlers) showClaim(c echo.Context) error {
	private(c)
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	return h.claimPage(c, s, cut(web.CleanLine(c.QueryParam("code")), 40), http.StatusOK, web.FieldErrors{})
}

func (h *Handlers) claimPage(c echo.Context, s *shop, typed string, status int, wrong web.FieldErrors) error {
	p := &ClaimPage{Base: h.base(c, s, "", ""), Typed: typed, Errors: wrong}
	p.Title, p.NoIndex, p.Preview, p.Closed = p.T("showroom.claim_title"), true, false, false
	return h.Kit.Show(c, status, "storefront/claim", p)
}

// claim makes the basket the reader's own: from then on nobody else reaches it by its code.
func (h *Handlers) claim(c echo.Context) error {
	private(c)
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	return h.Kit.Act(c, f, h.begins(c, web.Act{Name: "storefront.claim", Field: "code", Do: func(ctx context.Context, tx *db.Tx) (string, error) { // guesses count
		code, ok := ordering.ParseCode(f.Value("code"))
		if !ok {
			return "", ordering.ErrDeskCode
		}
		d, err := h.NewCar.ClaimDeskTx(ctx, tx, s.flow(), code)
		return string(d), err
	}, To: func(key string) string {
		return s.path() + "/checkout/" + h.NewCar.Tokens.Draft(id.Draft(key)) + "/showroom"
	}, Again: func(r web.Refusal) error {
		return h.claimPage(c, s, cut(f.Value("code"), 40), r.Status, f.Errors())
	}}))
}

// wholeCar reads the car of a form: the page names all of it, so an empty one was not made there.
func wholeCar(f *web.Form) (configurator.Selection, error) {
	sel, err := configurator.Decode(f.Value("s"))
	if err == nil && len(sel) == 0 {
		err = configurator.ErrIncomplete
	}
	return sel, err
}

func isClash(err error) bool {
	var clash *configurator.Clash
	return errors.As(err, &clash)
}
