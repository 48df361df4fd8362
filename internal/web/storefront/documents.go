package storefront

import (
	"net/http"

	"forecourt/internal/document"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/ical"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ConfirmationPage is the order on a durable medium: all that was agreed, to print and keep.
type ConfirmationPage struct {
	web.Base
	Order   *ordering.Order
	Sold    OrderCar
	Price   PriceTable
	Buyer   ordering.Buyer
	Address string
	Phone   string
	Dealer  *network.Dealer
	At      string
	Seller  string
	Holder  string
	Placed  string
	Deposit money.Money
	Balance money.Money
	Texts   []LegalText
	BackURL string
}

// LegalText is a text of the market in paragraphs.
type LegalText struct {
	Title      market.Said
	Version    string
	Paragraphs []string
	Lang       string // of the paragraphs, when it is not the page's
}

func (s *shop) legalText(t market.Text) LegalText {
	body := s.read(t.Body)
	return LegalText{Title: s.read(t.Title), Version: t.Version, Lang: body.Lang, Paragraphs: paragraphs(body.Text)}
}

func (h *Handlers) showConfirmation(c echo.Context) error {
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	o.asAgreed(c)
	buyer, err := ordering.BuyerOf(h.NewCar.DB.Read(c.Request().Context()), o.Buyer)
	if err != nil {
		return err
	}
	p := &ConfirmationPage{Base: h.base(c, o.shop, "", ""), Order: o.Order, Buyer: buyer, Address: buyerAddress(buyer), Phone: web.NationalPhone(buyer.Phone, o.shop.market.Country),
		Dealer: o.dealer, BackURL: o.url()}
	p.Deposit, _ = o.first()
	p.Balance = o.Total().Sub(p.Deposit)
	p.Preview, p.NoIndex = false, true
	p.Title = p.T("order.confirmation.title", "Number", o.Number)
	p.Sold, p.Placed = orderCar(p.Base, o), p.DateTime(o.CreatedAt)
	p.Price = p.Sold.Price
	legal := p.T("checkout.any.seller")
	if o.dealer != nil {
		p.At, legal = address(o.dealer), o.dealer.LegalName
	}
	p.Seller, p.Holder = sellerWords(p.Base, o.shop, o.Snapshot.Seller, legal), holderWords(p.Base, o.Snapshot.Holds, legal, o.shop.brand.Name)
	if p.Texts, err = h.acceptedTexts(c, o); err != nil {
		return err
	}
	return h.Kit.Show(c, http.StatusOK, "storefront/confirmation", p)
}

// acceptedTexts are the words that were kept with the order. Orders from before words were kept name the
// version only: its words come from the market's file.
func (h *Handlers) acceptedTexts(c echo.Context, o *openOrder) ([]LegalText, error) {
	kept, err := document.TextsOf(h.NewCar.DB.Read(c.Request().Context()), o.ID)
	if err != nil {
		return nil, err
	}
	var out []LegalText
	for _, t := range kept {
		if t.Name != "terms" && t.Name != "withdrawal" {
			continue
		}
		l := LegalText{Title: market.Said{Text: t.Title}, Version: t.Version, Paragraphs: paragraphs(t.Body)}
		l.Lang, l.Title.Lang = other(t.Lang, o.shop.lang()), other(t.TitleLang, o.shop.lang())
		out = append(out, l)
	}
	if len(out) == 0 {
		out = append(out, o.shop.legalText(termsOf(o)), o.shop.legalText(o.shop.market.TextAt("withdrawal", orderDay(o))))
	}
	return out, nil
}

// other is a language when it is not that of the page.
func other(lang, page string) string {
	if lang == page {
		return ""
	}
	return lang
}

// termsOf are the terms that the buyer accepted, by their version, not those of today.
func termsOf(o *openOrder) market.Text {
	for _, t := range o.shop.market.Texts["terms"] {
		if t.Version == o.TermsVersion {
			return t
		}
	}
	return o.shop.market.TextAt("terms", orderDay(o))
}

func orderDay(o *openOrder) market.Date {
	return market.DateOf(o.CreatedAt.In(o.shop.market.Zone()))
}

// showCalendar answers the booked handover as a calendar file.
func (h *Handlers) showCalendar(c echo.Context) error {
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	a, err := network.BookedOf(h.NewCar.DB.Read(c.Request().Context()), o.ID)
	if err != nil {
		return err
	}
	if a == nil || o.place == nil {
		return web.ErrNotFound
	}
	b := h.Kit.BaseFor(c)
	return web.Download(c, "text/calendar; charset=utf-8", calendar(b, o, a), "ics", o.Number)
}

func calendar(b web.Base, o *openOrder, a *network.Appointment) []byte {
	return ical.Calendar{Zone: o.place.Zone(), Events: []ical.Event{{UID: o.Number + "@forecourt", Stamp: o.UpdatedAt, Start: a.StartsAt, End: a.EndsAt,
		Summary:  b.T("order.calendar.summary", "Model", o.Snapshot.ModelName),
		Location: o.place.Name + ", " + address(o.place), Description: b.T("order.calendar.text", "Number", o.Number, "Phone", o.place.Phone)}}}.Bytes()
}

// LegalPage is a text of the market.
type LegalPage struct {
	web.Base
	Text LegalText
}

func (h *Handlers) showLegal(c echo.Context) error {
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	t := s.market.TextAt(c.Param("name"), s.day)
	if len(t.Body) == 0 {
		return web.ErrNotFound
	}
	return h.shared(c, s, nil, "storefront/legal", func() (any, error) {
		p := &LegalPage{Base: h.base(c, s, s.read(t.Title).Text, ""), Text: s.legalText(t)}
		s.publish(&p.Base, "/legal/"+c.Param("name"), "", p.T("storefront.describe.legal", "Title", p.Title, "Brand", s.brand.Name))
		return p, nil
	})
}
