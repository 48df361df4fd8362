package manager

import (
	"context"
	"net/http"
	"unicode/utf8"

	"forecourt/internal/doctor"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const (
	reconcilePath  = "/manager/reconciliation"
	reconcileLimit = 200
)

// ReconcilePage shows what a person must look at: disputes, refunds that a card did not take, and differences
// between our books and the card bank's.
type ReconcilePage struct {
	web.Base
	Errors   web.FieldErrors
	May      bool
	Done     string
	Disputes []DisputeRow
	Refunds  []TransferRow
	Findings []FindingRow
	Typed    FindingTyped
	Books    *Books // what the nightly look found; nil where nobody looks; broken rules are named to the head office alone
}

// Books is the outcome of the last full look at the books.
type Books struct {
	Said   string
	Tone   string
	Broken []string // names of the rules that do not hold
}

// DisputeRow is a dispute.
type DisputeRow struct {
	ID, Number, Market, Amount, Why, Since, AnswerBy, PackURL string
	State                                                     Badge
}

// FindingRow is a difference.
type FindingRow struct{ ID, What, About, Number, Market, Since, URL string }

// FindingTyped is what was typed into a finding's form.
type FindingTyped struct{ ID, Reason string }

func (s *Surface) showReconcile(c echo.Context) error {
	p, err := s.reconcilePage(c)
	if err != nil {
		return err
	}
	if key := "manager.reconcile.done." + c.QueryParam("done"); p.P.Has(key) {
		p.Done = p.T(key)
	}
	return s.kit.Show(c, http.StatusOK, "manager/reconcile", p)
}

func (s *Surface) reconcilePage(c echo.Context) (*ReconcilePage, error) {
	r, w, g := s.reader(c), s.kit.World.Now(), s.kit.DB.Read(c.Request().Context())
	p := &ReconcilePage{Base: s.base(c, reconcilePath, "manager.reconcile.title"), May: r.May(moneyPermission)}
	disputes, err := payment.DisputesIn(g, r.codes(), reconcileLimit)
	if err != nil {
		return nil, err
	}
	for _, d := range disputes {
		row := DisputeRow{ID: d.ID, Number: d.Number, Market: marketName(w, d.Market), Amount: p.Money(money.Of(d.AmountMinor, d.Currency)), Why: known(p.Base, "manager.dispute.why.", d.Reason),
			Since: instant(p.Base, w, d.Market, d.CreatedAt), PackURL: reconcilePath + "/disputes/" + d.ID + "/evidence.zip", State: Badge{Label: p.T("manager.dispute." + d.Status), Tone: disputeTone(d)}}
		if d.Open() && d.AnswerBy.Year() > 1 {
			row.AnswerBy = instant(p.Base, w, d.Market, d.AnswerBy)
		}
		p.Disputes = append(p.Disputes, row)
	}
	refunds, err := payment.RefundsToSend(g, r.codes(), reconcileLimit)
	if err != nil {
		return nil, err
	}
	for _, b := range refunds {
		p.Refunds = append(p.Refunds, TransferRow{ID: string(b.ID), When: instant(p.Base, w, b.Market, b.Since), Amount: p.Money(money.Of(b.AmountMinor, b.Currency)), Market: marketName(w, b.Market),
			Number: b.Number, URL: reconcilePath + "/refunds/" + string(b.ID) + "/sent"})
	}
	findings, err := payment.OpenFindings(g, r.codes(), reconcileLimit)
	for _, f := range findings {
		p.Findings = append(p.Findings, FindingRow{ID: string(f.ID), What: known(p.Base, "manager.finding.", f.Kind), About: f.Object + " " + f.Detail, Number: f.Number, Market: marketName(w, f.Market),
			Since: instant(p.Base, w, f.Market, f.FoundAt), URL: reconcilePath + "/findings/" + string(f.ID) + "/close"})
	}
	if s.books != nil {
		p.Books = booksOf(p.Base, s.books())
		if r.Role != identity.RoleHQ && len(p.Books.Broken) > 0 { // which rules do not hold is about every market
			p.Books.Broken, p.Books.Said = nil, p.T("manager.books.other", "When", p.DateTime(s.books().At), "Count", len(s.books().Invariants))
		}
	}
	return p, err
}

// booksOf tells a report in a sentence.
func booksOf(b web.Base, r doctor.Report) *Books {
	if r.At.IsZero() {
		return &Books{Said: b.T("manager.books.never")}
	}
	out, key := &Books{Broken: r.Broken()}, "manager.books.well"
	if len(out.Broken) > 0 {
		out.Tone, key = "bad", "manager.books.broken"
	}
	out.Said = b.T(key, "When", b.DateTime(r.At), "Count", len(r.Invariants))
	return out
}

func disputeTone(d payment.Disputed) string {
	switch d.Status {
	case payment.DisputeWon, payment.InquiryClosed:
		return "good"
	case payment.DisputeLost:
		return "bad"
	}
	return "warn"
}

// disputePack answers the evidence of a dispute as one file.
func (s *Surface) disputePack(c echo.Context) error {
	name, file, err := s.cars.DisputePack(c.Request().Context(), s.reader(c).office(), c.Param("dispute"))
	if err != nil {
		return err
	}
	return web.Download(c, "application/zip", file, "zip", name)
}

// refundSent is the office's word that money was sent another way.
func (s *Surface) refundSent(c echo.Context) error {
	return s.reconcileAct(c, "sent", "payment", func(ctx context.Context, tx *db.Tx, key string, _ *web.Form) error {
		return s.cars.RefundSentTx(ctx, tx, s.reader(c).office(), id.Payment(key))
	})
}

// closeFinding is the office's word, with the reason, that a difference is dealt with.
func (s *Surface) closeFinding(c echo.Context) error {
	return s.reconcileAct(c, "close", "finding", func(ctx context.Context, tx *db.Tx, key string, f *web.Form) error {
		if n := utf8.RuneCountInString(f.Value("reason")); n < minReason || n > maxReason {
			return errReason
		}
		return s.cars.CloseFindingTx(ctx, tx, s.reader(c).office(), id.Finding(key), f.Value("reason"))
	})
}

// errReason refuses to close a finding without a reason.
var errReason = fault.New(fault.Invalid, "manager.switch.reason_hint", "manager.CloseFinding")

func (s *Surface) reconcileAct(c echo.Context, name, param string, do func(ctx context.Context, tx *db.Tx, key string, f *web.Form) error) error {
	return web.Post(s.kit, c, keyIn(param), func(key string, f *web.Form) (web.Act, error) {
		return web.Act{Name: "reconcile." + name + " " + key, Fields: map[string]string{errReason.Key: "reason"}, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return reconcilePath + "?done=" + name, do(ctx, tx, key, f)
		}, Again: func(r web.Refusal) error {
			p, err := s.reconcilePage(c)
			if err != nil {
				return err
			}
			if r.Key != "" {
				f.Reject("reason", "manager.transfers.moved")
			}
			p.Errors, p.Typed = f.Errors(), FindingTyped{ID: key, Reason: f.Value("reason")}
			return s.kit.Show(c, r.Status, "manager/reconcile", p)
		}}, nil
	})
}

// keyIn reads the key of a row from the address.
func keyIn(param string) func(c echo.Context) (string, error) {
	return func(c echo.Context) (string, error) {
		if key := c.Param(param); id.IsKey(key) {
			return key, nil
		}
		return "", web.ErrNotFound
	}
}
