package storefront

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Record is what the buyer took over, and how both sides confirmed it.
type Record struct {
	Facts  []web.PaperFact
	Photos []web.Shot
	Ask    bool   // the buyer has not confirmed yet, and can
	Code   string // the dealer's, when it came with the address
	Site   string // that handed it over
}

// record writes what was handed over; nil before, and for a handover of code of before, which recorded less.
func record(b web.Base, o *openOrder, code string) *Record {
	h := o.handover
	if h == nil || h.Code == "" || !o.State.Sold() {
		return nil
	}
	at := func(t time.Time) []any { return []any{"When", b.DateTime(t)} }
	r := &Record{Site: o.placeName(), Photos: web.Shots(b, h, o.url()+"/handover/"), Ask: h.Confirmed == "" && o.State == ordering.HandedOver}
	if o.VIN != "" { // a car was handed over, and not its repair
		r.Facts = append(r.Facts, web.PaperFact{Key: b.T("paper.vin"), Value: []string{o.VIN}}, web.PaperFact{Key: b.T("paper.odometer"), Value: []string{b.Distance(web.WholeMetres(h.OdometerKm, o.shop.market.Unit()))}})
	}
	checks := web.PaperFact{Key: b.T("paper.checks")}
	for _, item := range h.Checks {
		checks.Value = append(checks.Value, b.T("handover."+item))
	}
	r.Facts = append(append(r.Facts, checks), web.GivenFacts(b.P, h.Keys, h.Papers, h.Faults)...)
	mine := b.T("dealer.handover_buyer_not")
	if h.Confirmed != "" {
		mine = b.T("paper.confirmed."+h.Confirmed, at(h.ConfirmedAt)...)
	}
	r.Facts = append(r.Facts, web.PaperFact{Key: b.T("paper.by_dealer"), Value: []string{b.T("paper.confirmed.pickup_code", at(h.At)...)}},
		web.PaperFact{Key: b.T("paper.by_buyer"), Value: []string{mine}})
	if r.Ask && len(code) <= 12 {
		r.Code = web.CleanLine(code)
	}
	return r
}

// clocks are what runs since the handover; nothing before it, and none after the car is on its way back.
func clocks(b web.Base, o *openOrder) []web.PaperFact {
	if o.State != ordering.HandedOver || o.Snapshot.Visit != nil {
		return nil
	}
	c := sale.ClocksOf(o.Order, o.shop.market)
	unit := o.shop.market.Unit()
	return web.ClockFacts(b.P, string(c.Withdraw), string(c.Legal), string(c.Maker), web.WholeMetres(c.MakerKm, unit), unit)
}

// confirmTries bounds how often the code of one handover may be typed: far above a slip, far below guessing.
var confirmTries = limit.Rule{Name: "handover.code", Max: 20, Window: 15 * time.Minute}

// confirmHandover is the buyer's word that he has the car as the record says.
func (h *Handlers) confirmHandover(c echo.Context) error {
	return h.act(c, func(o *openOrder, f *web.Form) (deed, error) {
		if f.Value("dealer_code") == "" {
			f.Reject("dealer_code", sale.ErrDealerCode.Key)
		}
		return deed{name: "collected", done: "dealer_code", field: "dealer_code", first: func(ctx context.Context) error {
			return limit.Take(ctx, h.NewCar.DB, confirmTries, string(o.ID))
		}, do: func(ctx context.Context, tx *db.Tx) error {
			return h.NewCar.ConfirmHandoverTx(ctx, tx, o.ID, f.Value("dealer_code"))
		}}, nil
	})
}

// handoverPhoto shows a picture of the handover to who has the secret link.
func (h *Handlers) handoverPhoto(c echo.Context) error {
	o, err := h.orderOf(c)
	if err != nil {
		return err
	}
	if !o.State.Sold() {
		return web.ErrNotFound
	}
	return web.AnswerPhoto(c, func(seq int) ([]byte, bool, error) {
		return allocation.HandoverPhotoOf(h.NewCar.DB.Read(c.Request().Context()), o.ID, seq)
	})
}

// passCookie keeps on the buyer's own device which order it showed the pass of, for the dealer's code to lead back to
// it. It is sent to that one address only and gone with the day.
const passCookie = "pass"

const passAge = 24 * time.Hour

// rememberPass is for an order that is handed over about now.
func (h *Handlers) rememberPass(c echo.Context, o *openOrder) {
	if o.State != ordering.Ready && (o.State != ordering.HandedOver || o.handover == nil || o.handover.Confirmed != "") {
		return
	}
	c.SetCookie(&http.Cookie{Name: passCookie, Value: o.token, Path: o.shop.path() + "/collected", MaxAge: int(passAge / time.Second), HttpOnly: true,
		Secure: strings.HasPrefix(h.Kit.BaseURL, "https://"), SameSite: http.SameSiteLaxMode})
}

// CollectedPage is where a dealer's code leads on a phone that did not show the pass.
type CollectedPage struct {
	web.Base
	Code string
}

// showCollected leads from the dealer's code to the order's own page on the phone that showed its pass; on any other it
// says where to type the code. It knows no order and changes nothing.
func (h *Handlers) showCollected(c echo.Context) error {
	private(c)
	s, err := h.anyShop(c)
	if err != nil {
		return err
	}
	code := strings.ToUpper(web.CleanLine(c.Param("code")))
	if !isCode(code) {
		return web.ErrNotFound
	}
	if kept, err := c.Cookie(passCookie); err == nil && ordering.HashToken(kept.Value) != nil {
		return web.SeeOther(c, s.path()+"/orders/"+kept.Value+"?code="+url.QueryEscape(code)+"#record")
	}
	p := &CollectedPage{Base: h.base(c, s, "", ""), Code: spaced(code)}
	p.Title, p.NoIndex = p.T("collected.title"), true
	return h.Kit.Show(c, http.StatusOK, "storefront/collected", p)
}

// isCode tells whether a text has the form of a code.
func isCode(s string) bool {
	return len(s) == 6 && strings.IndexFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '2' || r > '9') }) < 0
}
