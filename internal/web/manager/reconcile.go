package manager

import (
	"context"
	"errors"
	"net/http"
	"unicode/utf8"

	"forecourt/internal/doctor"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
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
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "application/zip", file)
}

// refundSent is the office's word that money was sent another way.
func (s *Surface) refundSent(c echo.Context) error {
	key := c.Param("payment")
	if !id.IsKey(key) {
		return web.ErrNotFound
	}
	return s.reconcileAct(c, "sent", key, func(ctx context.Context, tx *db.Tx, r reader, _ *web.Form) error {
		return s.cars.RefundSentTx(ctx, tx, r.office(), id.Payment(key))
	})
}

// closeFinding is the office's word, with the reason, that a difference is dealt with.
func (s *Surface) closeFinding(c echo.Context) error {
	key := c.Param("finding")
	if !id.IsKey(key) {
		return web.ErrNotFound
	}
	return s.reconcileAct(c, "close", key, func(ctx context.Context, tx *db.Tx, r reader, f *web.Form) error {
		if n := utf8.RuneCountInString(f.Value("reason")); n < minReason || n > maxReason {
			f.Reject("reason", "manager.switch.reason_hint")
			return errTyped
		}
		return s.cars.CloseFindingTx(ctx, tx, r.office(), id.Finding(key), f.Value("reason"))
	})
}

// errTyped undoes a form that was rejected while it was carried out.
var errTyped = errors.New("manager: rejected")

func (s *Surface) reconcileAct(c echo.Context, name, key string, do func(context.Context, *db.Tx, reader, *web.Form) error) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	r := s.reader(c)
	_, err = s.kit.Once(c, f, "reconcile."+name+" "+key, func(ctx context.Context, tx *db.Tx) (string, error) { return "done", do(ctx, tx, r, f) })
	if err == nil {
		return web.SeeOther(c, reconcilePath+"?done="+name)
	}
	status := http.StatusUnprocessableEntity
	if errors.Is(err, payment.ErrMoved) {
		status = http.StatusConflict
		f.Reject("reason", "manager.transfers.moved")
	} else if !errors.Is(err, errTyped) {
		return err
	}
	p, err := s.reconcilePage(c)
	if err != nil {
		return err
	}
	p.Errors, p.Typed = f.Errors(), FindingTyped{ID: key, Reason: f.Value("reason")}
	return s.kit.Show(c, status, "manager/reconcile", p)
}
