package storefront

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"forecourt/internal/configurator"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Revision is what the configurator says when it changes an order instead of beginning one.
type Revision struct {
	Text    string
	BackURL string
	GoOnURL string
	Keep    string      // what the way back is called; keeping the order's car when empty
	PostURL string      // with it the car is taken by one press
	Fields  []FormField // what that press sends
	Button  string
}

// ChangePage shows an order's car before and after a change, once more before it counts.
type ChangePage struct {
	web.Base
	Number   string
	Drawing  carart.Spec
	Names    carNames
	Rows     []ChangeRow
	Old, New money.Money
	More     string // what is to pay more, or comes off what is left; empty when the price is the same
	Prices   string // which price list counts
	Deposit  string
	Back     string // what goes back of what was paid; empty for nothing
	Leaves   string // that a car which exists is let go
	Asks     string // that a dealer is asked, and does not have to say yes
	Button   string
	Refused  string // why it cannot be; nothing can be confirmed then
	Seen     string
	Picked   string
	PostURL  string
	EditURL  string
	BackURL  string
}

// ChangeRow is one thing that differs.
type ChangeRow struct{ Part, Before, After string }

// changing opens an order whose car may still be changed, with its saved build and its model; a car that may not leads back.
func (h *Handlers) changing(c echo.Context) (*openOrder, *ordering.Configuration, *car, error) {
	o, err := h.wholeOrder(c)
	if err != nil {
		return nil, nil, nil, err
	}
	saved, err := ordering.ConfigurationBy(h.NewCar.DB.Read(c.Request().Context()), o.Configuration)
	if err != nil {
		return nil, nil, nil, err
	}
	k, err := h.carOf(o.shop, saved.Model)
	return o, saved, k, err
}

// showChange is the configurator with the order's car in it. It leads to the comparison, not to a checkout.
func (h *Handlers) showChange(c echo.Context) error {
	o, saved, k, err := h.changing(c)
	if err != nil {
		return err
	}
	if !o.canChange() {
		return web.SeeOther(c, o.url())
	}
	if len(c.QueryParams()) == 0 {
		return web.SeeOther(c, o.url()+"/change?s="+url.QueryEscape(exactText(saved.Selection)))
	}
	p, err := h.configurePage(c, k)
	if refused(err) {
		return h.refuse(c, k)
	}
	if err != nil {
		return err
	}
	p.Preview, p.NoIndex, p.Closed, p.Canonical, p.Alternates = false, true, false, "", nil
	p.Rooms, p.SaveURL, p.Phone = nil, "", nil
	p.Title = p.T("change.title", "Number", o.Number)
	p.Revision = &Revision{BackURL: o.url(), GoOnURL: o.url() + "/change/confirm?s=" + url.QueryEscape(configurator.Encode(p.built))}
	switch ch, err := h.NewCar.ChangeOf(o.Order, saved, p.built); {
	case errors.Is(err, newcar.ErrSameCar):
		p.Revision.Text, p.Revision.GoOnURL = p.T("change.unchanged", "Number", o.Number, "Total", p.Money(o.Total())), ""
	case err != nil:
		text, is := refusedChange(p.Base, err)
		if !is {
			return err
		}
		p.Revision.Text, p.Revision.GoOnURL = text, ""
	default:
		p.Revision.Text = p.T("change.would", "Number", o.Number, "Old", p.Money(ch.Old), "New", p.Money(ch.New), "Difference", p.Delta(ch.Difference()))
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/configure", p)
}

// canChange tells whether the page offers to change the car.
func (o *openOrder) canChange() bool {
	return o.CanChange() && (o.Snapshot.Stock == nil || o.State == ordering.Offered) && !o.waits()
}

// refusedChange words why an order cannot become another car.
func refusedChange(b web.Base, err error) (string, bool) {
	var x *fault.Fault
	if errors.As(err, &x) && b.P.Has(x.Key) && (x.Kind == fault.Conflict || x.Kind == fault.Invalid) {
		return b.Sentence(x.Key), true
	}
	return "", false
}

func (h *Handlers) showChangeConfirm(c echo.Context) error {
	o, saved, k, err := h.changing(c)
	if err != nil {
		return err
	}
	return h.comparisonPage(c, o, saved, k, c.QueryParam("s"), http.StatusOK, "")
}

func (h *Handlers) comparisonPage(c echo.Context, o *openOrder, saved *ordering.Configuration, k *car, picked string, status int, refusal string) error {
	p := &ChangePage{Base: h.base(c, o.shop, "", ""), Number: o.Number, PostURL: o.url() + "/change", BackURL: o.url(), Picked: picked,
		EditURL: o.url() + "/change?s=" + url.QueryEscape(picked), Refused: refusal, Old: o.Total(), New: o.Total()}
	p.Preview, p.NoIndex = false, true
	p.Title = p.T("change.confirm_title")
	sel, err := configurator.Decode(picked)
	if err != nil {
		return h.refuse(c, k)
	}
	ch, err := h.NewCar.ChangeOf(o.Order, saved, sel)
	if err != nil {
		text, is := refusedChange(p.Base, err)
		if !is {
			return err
		}
		p.Refused = text
		return h.Kit.Show(c, max(status, http.StatusUnprocessableEntity), "storefront/change", p)
	}
	p.Names = namesOf(k.shop, k.rng, ch.Build)
	p.Drawing = spec(ch.Build.Drawing, "h", drawingLabel(p.Base, p.Names))
	p.Old, p.New, p.Seen = ch.Old, ch.New, strconv.FormatInt(ch.New.Minor, 10)
	switch d := ch.Difference(); {
	case d.Minor > 0:
		p.More = p.T("change.more", "Amount", p.Money(d))
	case d.Minor < 0:
		p.More = p.T("change.less", "Amount", p.Money(d.Neg()))
	default:
		p.More = p.T("change.same_price")
	}
	p.Prices = p.T("change.prices_then", "Day", day(p.Base, ch.PricesOf))
	if ch.Today {
		p.Prices = p.T("change.prices_today", "Day", day(p.Base, ch.PricesOf))
	}
	first, _ := o.first()
	p.Deposit = p.T("change.deposit", "Deposit", p.MoneyShort(first))
	if first.Minor > o.DepositMinor {
		p.Deposit = p.T("change.paid_full", "Amount", p.MoneyShort(first))
	}
	p.Button = p.T("change.button")
	if o.State != ordering.Offered && o.dealer != nil {
		p.Asks, p.Button = p.T("change.asks", "Dealer", o.dealer.Name), p.T("change.ask_button", "Dealer", o.dealer.Name)
	}
	if over := -payment.Owed(ch.New.Minor, o.paid.Minor, o.payments); over > 0 {
		p.Back = p.T("change.back", "Amount", p.Money(money.Of(over, o.Currency)))
	}
	if ch.Leaves != "" {
		from, to := ch.Weeks()
		p.Leaves = p.T("change.leaves_car", "Number", string(ch.Leaves), "From", from, "To", to)
	}
	p.Rows = p.rows(o, k, ch)
	return h.Kit.Show(c, status, "storefront/change", p)
}

// rows lists the lines of the price that one car has and the other has not, or at another price.
func (p *ChangePage) rows(o *openOrder, k *car, ch newcar.ChangedOrder) []ChangeRow {
	amount := func(m money.Money, included bool) string {
		if included || m.IsZero() {
			return p.T("change.included")
		}
		return p.Money(m)
	}
	was := map[string]string{}
	var order []string
	for _, l := range o.Snapshot.Lines {
		if _, twice := was[l.Label]; !twice {
			order = append(order, l.Label)
		}
		was[l.Label] = amount(l.Amount, l.Included)
	}
	becomes := map[string]string{}
	for _, l := range ch.Build.Quote.Lines {
		label := lineLabel(k.shop, k.rng, l)
		if l.Kind == "car" { // the snapshot names the version alone
			label = k.name(id.Feature(l.Code))
		}
		if _, known := was[label]; !known {
			order = append(order, label)
		}
		becomes[label] = amount(l.Amount, l.Included)
	}
	var out []ChangeRow
	for _, label := range order {
		if was[label] != becomes[label] {
			out = append(out, ChangeRow{label, orDash(was[label]), orDash(becomes[label])})
		}
	}
	return out
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// changeOrder makes it so; refused, it shows the comparison again and nothing was written.
func (h *Handlers) changeOrder(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, saved, k, err := h.changing(c)
	if err != nil {
		return err
	}
	seen, err := strconv.ParseInt(f.Value("seen_total"), 10, 64)
	if err != nil {
		seen = -1
	}
	sel, err := configurator.Decode(f.Value("s"))
	if err != nil {
		return h.refuse(c, k)
	}
	return h.Kit.Act(c, f, web.Act{Name: "storefront.change", Do: func(ctx context.Context, tx *db.Tx) (string, error) {
		asked, err := h.NewCar.ChangeTx(ctx, tx, o.Order, sel, seen)
		if asked {
			return "asked_car", err
		}
		return "changed", err
	}, To: func(done string) string { return o.url() + "?done=" + done }, Again: func(r web.Refusal) error {
		return h.comparisonPage(c, o, saved, k, f.Value("s"), r.Status, h.base(c, o.shop, "", "").Sentence(r.Key))
	}})
}
