package dealer

import (
	"context"
	_ "embed" // worker.js
	"net/http"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// Handover is what was written down when the car was handed over, and how each side confirmed it; without a time
// before.
type Handover struct {
	When, By, Odometer string
	Checks             []string
	Facts              []web.PaperFact
	Photos             []web.Shot
	Dealer, Buyer      string // how each side confirmed
	Code               string // for the buyer to confirm; empty once that is done, and where there is none
	QR                 web.QR
	UndoUntil          string // until when it may be taken back; empty when it can not
	UndoReasons        []string
}

// handover writes the facts of the handover, the odometer in the market's unit.
func (s site) handover(p Page, v *allocation.OrderView) (Handover, error) {
	if v.HandoverMade == "" {
		return Handover{}, nil
	}
	out := Handover{When: p.When(v.HandedOverAt), By: v.HandedOverBy, Odometer: p.P.Distance(s.whole(v.OdometerKm), s.unit())}
	for _, item := range strings.Split(v.HandoverMade, ",") {
		out.Checks = append(out.Checks, p.T("handover."+item))
	}
	h, err := allocation.HandoverFromJSON(v.Handover)
	if err != nil || h == nil || h.Code == "" {
		return out, err // of before
	}
	out.Facts = web.GivenFacts(p.P, h.Keys, h.Papers, h.Faults)
	out.Photos = web.Shots(p.Base, h, "/dealer/orders/"+v.Number+"/handover/")
	out.Dealer, out.Buyer = p.T("paper.confirmed.pickup_code", "When", p.When(h.At)), p.T("dealer.handover_buyer_not")
	if h.Confirmed != "" {
		out.Buyer = p.T("paper.confirmed."+h.Confirmed, "When", p.When(h.ConfirmedAt))
	}
	if v.OrderState != string(ordering.HandedOver) {
		return out, nil
	}
	if h.Confirmed == "" {
		out.Code = h.Code[:3] + " " + h.Code[3:]
	}
	if end := h.At.Add(sale.UndoFor); !s.now.After(end) {
		out.UndoUntil, out.UndoReasons = p.Time(end), sale.UndoReasons
	}
	return out, nil
}

// drawCode draws the way to the buyer's own page, where the code is confirmed.
func (h *Handlers) drawCode(p *OrderPage) {
	if code := p.Handover.Code; code != "" {
		p.Handover.QR = web.DrawQR(h.cars.CollectedURL(p.Order.Brand, p.Order.Market, plainCode(code)))
	}
}

//go:embed worker.js
var workerScript []byte

// showWorker answers the script that shows a handover's page again when there is no connection. It has no secret in it.
func (h *Handlers) showWorker(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", workerScript)
}

// signOnPaper notes that the buyer signed the printed record.
func (h *Handlers) signOnPaper(c echo.Context) error {
	return h.act(c, deed{name: "signed", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) (string, error) {
		return orderURL(number, "signed"), h.cars.SignedTx(ctx, tx, s.staff(), number)
	}})
}

// undoHandover takes a handover back that did not happen.
func (h *Handlers) undoHandover(c echo.Context) error {
	return h.act(c, deed{name: "undo", again: h.orderAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, f *web.Form) (string, error) {
		return orderURL(number, "undone"), h.cars.UndoTx(ctx, tx, s.staff(), number, f.Value("undo"))
	}})
}
