package manager

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const (
	transfersPath  = "/manager/transfers"
	transfersLimit = 200
	maxStatement   = 256 << 10
	shownErrors    = 20
)

// TransfersPage takes statements in and shows the money that waits for a person.
type TransfersPage struct {
	web.Base
	Errors  web.FieldErrors
	May     bool // may act, not only look
	Markets []Option
	Lines   string // of the statement, as typed
	Wrong   []WrongLine
	More    int // wrong lines that are not shown
	Done    string
	Waiting []TransferRow
	Sending []TransferRow
	Typed   TransferTyped
}

// WrongLine says what is wrong with a line of a statement.
type WrongLine struct {
	Line int
	Text string
}

// TransferRow is a transfer, or a payment by transfer, that somebody must deal with.
type TransferRow struct {
	ID        string
	When      string
	Amount    string
	Market    string
	Payer     string
	Reference string
	Why       string
	URL       string
	Number    string // of the order that it was paid for
}

// TransferTyped is what was typed into a row's form.
type TransferTyped struct{ ID, Number string }

// office is the reader as somebody who acts for markets.
func (r reader) office() sale.Office { return sale.Office{User: r.ID, Markets: r.codes()} }

func (s *Surface) showTransfers(c echo.Context) error {
	p, err := s.transfersPage(c)
	if err != nil {
		return err
	}
	if done := c.QueryParam("done"); p.P.Has("manager.transfers.done." + done) {
		n := func(name string) int {
			v, _ := strconv.Atoi(c.QueryParam(name))
			return min(max(v, 0), payment.MostLines)
		}
		p.Done = p.T("manager.transfers.done."+done, "Fresh", n("fresh"), "Known", n("known"), "Assigned", n("assigned"), "Waiting", n("waiting"))
	}
	return s.kit.Show(c, http.StatusOK, "manager/transfers", p)
}

func (s *Surface) transfersPage(c echo.Context) (*TransfersPage, error) {
	r, w, g := s.reader(c), s.kit.World.Now(), s.kit.DB.Read(c.Request().Context())
	p := &TransfersPage{Base: s.base(c, transfersPath, "manager.transfers.title"), May: r.May(moneyPermission)}
	for _, m := range r.markets {
		p.Markets = append(p.Markets, Option{Value: string(m.Code), Label: m.Name + ", " + string(m.Currency)})
	}
	open, err := payment.OpenTransfers(g, r.codes(), transfersLimit)
	if err != nil {
		return nil, err
	}
	for _, t := range open {
		row := TransferRow{ID: string(t.ID), When: p.P.Date(market.Date(t.BookedOn).Time(time.UTC)), Amount: p.Money(t.Amount), Market: marketName(w, t.Market), Payer: t.Payer, Reference: t.Reference,
			Why: known(p.Base, "manager.transfers.why.", t.Reason), URL: transfersPath + "/" + string(t.ID)}
		if t.State == payment.TransferWaiting {
			p.Waiting = append(p.Waiting, row)
		} else {
			row.URL += "/sent"
			p.Sending = append(p.Sending, row)
		}
	}
	back, err := payment.TransfersOwedBack(g, r.codes(), transfersLimit)
	for _, b := range back {
		mk, _ := w.Market(b.Market)
		p.Sending = append(p.Sending, TransferRow{ID: string(b.ID), When: instant(p.Base, w, b.Market, b.Since), Amount: p.Money(mk.Amount(b.AmountMinor)), Market: mk.Name, Payer: b.Payer,
			Number: b.Number, Why: p.T("manager.transfers.why.over"), URL: transfersPath + "/payments/" + string(b.ID) + "/sent"})
	}
	return p, err
}

// importTransfers takes a statement in. One wrong line refuses it whole: nothing is written but the refusal.
func (s *Surface) importTransfers(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	r, err := s.reader(c).only(id.Market(f.Value("market")))
	if err != nil {
		return err
	}
	text := c.Request().PostForm.Get("lines")
	lines, wrong := payment.ReadStatement(r.markets[0].Code, r.markets[0].Currency, text)
	if len(wrong) > 0 {
		return s.refuseStatement(c, r, text, wrong)
	}
	return s.kit.Act(c, f, web.Act{Name: "transfers.import", Do: func(ctx context.Context, tx *db.Tx) (string, error) {
		n, err := s.cars.ImportTransfersTx(ctx, tx, r.office(), r.markets[0].Code, lines)
		return transfersPath + "?done=import&fresh=" + strconv.Itoa(n.Fresh) + "&known=" + strconv.Itoa(n.Known) + "&assigned=" + strconv.Itoa(n.Assigned) + "&waiting=" + strconv.Itoa(n.Waiting), err
	}})
}

// refuseStatement shows what is wrong, line by line, and keeps that it was refused.
func (s *Surface) refuseStatement(c echo.Context, r reader, text string, wrong []payment.LineError) error {
	kinds := map[string]int{}
	for _, w := range wrong {
		kinds[w.Key]++
	}
	err := s.kit.DB.InTx(c.Request().Context(), func(ctx context.Context, tx *db.Tx) error {
		return audit.WriteTx(ctx, tx, audit.Row{Actor: "staff:" + string(r.ID), Action: "transfer.refused", Subject: "market:" + string(r.markets[0].Code), Market: string(r.markets[0].Code), New: kinds})
	})
	if err != nil {
		return err
	}
	p, err := s.transfersPage(c)
	if err != nil {
		return err
	}
	p.Lines = text
	for i, w := range wrong {
		if i == shownErrors {
			p.More = len(wrong) - i
			break
		}
		p.Wrong = append(p.Wrong, WrongLine{Line: w.Line, Text: p.T(w.Key, "Currency", string(r.markets[0].Currency))})
	}
	for i := range p.Markets {
		p.Markets[i].Selected = p.Markets[i].Value == string(r.markets[0].Code)
	}
	p.Errors = web.FieldErrors{Keys: map[string]string{"lines": "manager.transfers.refused"}, Order: []string{"lines"}}
	return s.kit.Show(c, http.StatusUnprocessableEntity, "manager/transfers", p)
}

func (s *Surface) assignTransfer(c echo.Context) error {
	return s.transferAct(c, "assign", "transfer", func(ctx context.Context, tx *db.Tx, by sale.Office, key string, f *web.Form) error {
		number, ok := ordering.ReadNumber(f.Value("number"))
		if !ok {
			return sale.ErrTransferOrder
		}
		return s.cars.AssignTransferTx(ctx, tx, by, id.Transfer(key), number)
	})
}

func (s *Surface) sendBackTransfer(c echo.Context) error {
	return s.transferAct(c, "back", "transfer", func(ctx context.Context, tx *db.Tx, by sale.Office, key string, _ *web.Form) error {
		return s.cars.SendBackTx(ctx, tx, by, id.Transfer(key))
	})
}

func (s *Surface) transferSent(c echo.Context) error {
	return s.transferAct(c, "sent", "transfer", func(ctx context.Context, tx *db.Tx, by sale.Office, key string, _ *web.Form) error {
		return s.cars.TransferSentTx(ctx, tx, by, id.Transfer(key))
	})
}

func (s *Surface) paymentSent(c echo.Context) error {
	return s.transferAct(c, "sent", "payment", func(ctx context.Context, tx *db.Tx, by sale.Office, key string, _ *web.Form) error {
		return s.cars.PaymentSentTx(ctx, tx, by, id.Payment(key))
	})
}

// transferAct carries out a row's form once; a refusal shows the page again with what was typed.
func (s *Surface) transferAct(c echo.Context, name, param string, do func(ctx context.Context, tx *db.Tx, by sale.Office, key string, f *web.Form) error) error {
	return web.Post(s.kit, c, keyIn(param), func(key string, f *web.Form) (web.Act, error) {
		return web.Act{Name: "transfers." + name + " " + key, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return transfersPath + "?done=" + name, do(ctx, tx, s.reader(c).office(), key, f)
		}, Again: func(r web.Refusal) error {
			p, err := s.transfersPage(c)
			if err != nil {
				return err
			}
			if errors.Is(r.Cause, payment.ErrTransferMoved) { // and payment.ErrMoved, of the same words
				r.Key = "manager.transfers.moved"
			}
			f.Reject("number", r.Key)
			p.Errors, p.Typed = f.Errors(), TransferTyped{ID: key, Number: f.Value("number")}
			return s.kit.Show(c, r.Status, "manager/transfers", p)
		}}, nil
	})
}
