package storefront

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"forecourt/internal/aftersales"
	"forecourt/internal/flow/workshop"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ServiceBookPage is the whole booking on one page: what is done when and where, what it costs, who comes, and how it is paid.
type ServiceBookPage struct {
	web.Base
	Car      string
	Plate    string
	When     string
	Done     string
	Mobility string
	Dealer   *network.Dealer
	DealerAt string
	Lines    []WorkLine
	Fee      money.Money // of the collection
	Collect  bool
	Total    money.Money
	Open     bool   // the slot is held, and may be booked
	Over     string // why it is not
	Until    string
	Left     int // seconds
	Soon     string
	Ways     []Option
	Form     DetailsForm
	Errors   web.FieldErrors
	Notice   string
	Seen     string
	CardHost string
	PayURL   string
	BackURL  string
	OrderURL string
}

// visitOf reads the booking of a secret link. What was begun goes on, whatever the switch says.
func (h *Handlers) visitOf(c echo.Context) (*shop, *aftersales.Booking, error) {
	private(c)
	s, err := h.anyShop(c)
	if err != nil {
		return nil, nil, err
	}
	s.about(id.FlowService)
	if h.Workshop == nil {
		return nil, nil, web.ErrNotFound
	}
	b, err := h.Workshop.VisitBy(h.NewCar.DB.Read(c.Request().Context()), s.flow(), c.Param("token"))
	return s, b, err
}

func (h *Handlers) showServiceBook(c echo.Context) error {
	s, b, err := h.visitOf(c)
	if err != nil {
		return err
	}
	p, err := h.bookPage(c, s, b)
	if err != nil {
		return err
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/service_book", p)
}

func (h *Handlers) bookPage(c echo.Context, s *shop, b *aftersales.Booking) (*ServiceBookPage, error) {
	p := &ServiceBookPage{Base: h.base(c, s, "", "service"), Car: b.Told.Title, Plate: b.Told.Plate, Open: b.State == aftersales.Held && b.DueAt.After(s.now) && b.Order == "", CardHost: h.cardHost(),
		PayURL: s.service() + "/book/" + c.Param("token"), BackURL: s.service()}
	p.Title, p.NoIndex = p.T("service.book.title"), true
	if d, ok := s.world.Dealer(b.Dealer); ok {
		p.Dealer, p.DealerAt, p.Zone = d, address(d), d.Zone()
	}
	p.When, p.Done = p.DateTime(b.StartsAt), p.DateTime(b.EndsAt)
	if b.Mobility != aftersales.OnFoot {
		p.Mobility = p.T("service.mobility." + string(b.Mobility))
	}
	for _, l := range b.Lines {
		p.Lines = append(p.Lines, workLine(p.Base, s, l))
	}
	sum, _ := aftersales.Sum(b.Lines)
	p.Collect, p.Fee = b.CollectFeeMinor > 0, s.market.Amount(b.CollectFeeMinor)
	p.Total = sum.Add(p.Fee)
	p.Seen = strconv.FormatInt(p.Total.Minor, 10)
	p.ways(s)
	if p.Open {
		p.Until, p.Left, p.Soon = p.Time(b.DueAt), leftOf(b.DueAt, s.now), p.T("used.hold.soon")
		return p, nil
	}
	p.Over = p.T("service.book.over")
	if b.Order != "" {
		var err error
		p.Over = p.T("service.book.booked")
		p.OrderURL, err = h.begunAt(c, s, b.Order)
		return p, err
	}
	return p, nil
}

// ways are how it may be paid; nothing is asked of a visit that costs nothing.
func (p *ServiceBookPage) ways(s *shop) {
	t := s.terms()
	for i, w := range workshop.Ways(t, p.Total.Minor) {
		amount := p.Total
		if w == workshop.PayDeposit {
			amount = s.market.Amount(t.DepositMinor)
		}
		p.Ways = append(p.Ways, Option{string(w), p.T("service.pay."+string(w), "Amount", p.MoneyShort(amount)), i == 0})
	}
}

// bookService is the button that books. Pressed again, in this tab or another, it leads to the same order.
func (h *Handlers) bookService(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, b, err := h.visitOf(c)
	if err != nil {
		return err
	}
	if b.Order != "" {
		return h.toBegun(c, s, b.Order)
	}
	buyer := detailsOf(f).check(f, s.market)
	if !f.Has("terms") {
		f.Reject("terms", "checkout.error.terms")
	}
	seen, err := strconv.ParseInt(f.Value("seen_total"), 10, 64)
	if err != nil {
		seen = -1
	}
	if !f.OK() {
		return h.bookAgain(c, f, s, b, http.StatusUnprocessableEntity, nil)
	}
	if err := h.Kit.MayBegin(c); err != nil {
		return err
	}
	key, err := h.Kit.Once(c, f, "storefront.service_book", func(ctx context.Context, tx *db.Tx) (string, error) {
		placed, err := h.Workshop.PlaceTx(ctx, tx, s.flow(), c.Param("token"), workshop.Buy{Buyer: buyer, SeenTotal: seen, Pay: workshop.Pay(f.Value("pay"))})
		return string(placed.Order), err
	})
	var told *fault.Fault
	if errors.As(err, &told) && told.Kind != fault.NotFound && told.Kind != fault.Internal && !errors.Is(err, sale.ErrUnsettled) {
		return h.bookAgain(c, f, s, b, web.StatusOf(err), told)
	}
	if err != nil {
		return err
	}
	return h.toBegun(c, s, id.Order(key))
}

// bookAgain shows the page as it stands, with what is in the way.
func (h *Handlers) bookAgain(c echo.Context, f *web.Form, s *shop, b *aftersales.Booking, status int, told *fault.Fault) error {
	b, err := aftersales.BookingBy(h.NewCar.DB.Read(c.Request().Context()), b.ID)
	if err != nil {
		return err
	}
	p, err := h.bookPage(c, s, b)
	if err != nil {
		return err
	}
	p.Errors, p.Form = f.Errors(), detailsOf(f)
	for i := range p.Ways {
		p.Ways[i].On = p.Ways[i].Value == f.Value("pay")
	}
	if told != nil {
		p.Notice = p.Sentence(told.Key)
	}
	return h.Kit.Show(c, status, "storefront/service_book", p)
}
