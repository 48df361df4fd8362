package manager

import (
	"context"
	"errors"
	"net/http"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const feesPath = "/manager/fees"

// feesLimit bounds the list; feesDays is how long a settled objection stays on it.
const (
	feesLimit = 200
	feesDays  = 90
)

// FeesPage lists commissions that dealers object to.
type FeesPage struct {
	web.Base
	Rows []FeeRow
}

// FeeRow is one of them.
type FeeRow struct {
	Number, URL, Dealer, Market, Rule, Since string
	State                                    Badge
	Amount                                   money.Money
	Stands                                   money.Money
}

func (s *Surface) showFees(c echo.Context) error {
	r, w, now := s.reader(c), s.kit.World.Now(), s.kit.DB.Clock.Now()
	found, err := payment.Objections(s.kit.DB.Read(c.Request().Context()), r.codes(), now.AddDate(0, 0, -feesDays), feesLimit)
	if err != nil {
		return err
	}
	p := &FeesPage{Base: s.base(c, feesPath, "manager.fees.title")}
	for _, x := range found {
		row := FeeRow{Number: x.Number, URL: feesPath + "/" + x.Number, Dealer: string(x.Dealer), Market: marketName(w, x.Market), Rule: x.Version, Since: instant(p.Base, w, x.Market, x.Opened), Amount: x.Amount, Stands: x.Stands,
			State: Badge{Label: p.T("fee.state." + string(x.State)), Tone: map[payment.ObjectionState]string{payment.ObjectionOpen: "warn", payment.ObjectionCorrected: "good"}[x.State]}}
		if d, ok := w.Dealer(x.Dealer); ok {
			row.Dealer = d.Name
		}
		p.Rows = append(p.Rows, row)
	}
	return s.kit.Show(c, http.StatusOK, "manager/fees", p)
}

// FeePage is one commission with its thread.
type FeePage struct {
	web.Base
	Fee    *web.Fee
	Errors web.FieldErrors
	Done   string
	Wrong  string // why what was asked for could not be done
}

// feePage reads the commission of the order in the address; one of another market does not exist.
func (s *Surface) feePage(c echo.Context) (*FeePage, error) {
	r, w := s.reader(c), s.kit.World.Now()
	number, ok := ordering.ReadNumber(c.Param("number"))
	if !ok {
		return nil, web.ErrNotFound
	}
	fee, err := payment.CommissionByNumber(s.kit.DB.Read(c.Request().Context()), number, "", r.codes())
	if err != nil {
		return nil, err
	}
	mk, ok := w.Market(fee.Market)
	if !ok {
		return nil, web.ErrNotFound
	}
	p := &FeePage{Base: s.base(c, feesPath, "fee.title")}
	name := string(fee.Dealer)
	if d, ok := w.Dealer(fee.Dealer); ok {
		name = d.Name
	}
	p.Fee = web.NewFee(p.Base, fee, name, mk.Zone(), payment.SideMaker)
	if fee.State == payment.ObjectionOpen && r.May(moneyPermission) {
		p.Fee.Action, p.Fee.Settle = feesPath+"/"+number+"/answer", feesPath+"/"+number+"/settle"
	}
	if done := c.QueryParam("done"); done == "answered" || done == "settled" {
		p.Done = p.T("fee.done." + done)
	}
	return p, nil
}

func (s *Surface) showFee(c echo.Context) error {
	p, err := s.feePage(c)
	if err != nil {
		return err
	}
	return s.kit.Show(c, http.StatusOK, "manager/fee", p)
}

// answerFee sends the office's word.
func (s *Surface) answerFee(c echo.Context) error {
	return s.actFee(c, "answered", func(ctx context.Context, tx *db.Tx, by sale.Office, number string, f *web.Form, _ money.Currency, _ web.Base) error {
		return s.cars.AnswerObjectionTx(ctx, tx, by, number, f.Text("words"))
	})
}

// settleFee ends an objection: the commission stands, or is corrected to what was typed.
func (s *Surface) settleFee(c echo.Context) error {
	return s.actFee(c, "settled", func(ctx context.Context, tx *db.Tx, by sale.Office, number string, f *web.Form, cur money.Currency, b web.Base) error {
		to := payment.ObjectionState(f.Value("verdict"))
		var minor int64
		switch to {
		case payment.ObjectionStands:
		case payment.ObjectionCorrected:
			var err error
			if minor, err = web.ParseAmount(b.P, f.Value("amount"), b.Symbol(cur)); err != nil && !errors.Is(err, web.ErrNought) { // a nought says that nothing is owed
				return err
			}
		default:
			return errVerdict
		}
		return s.cars.SettleObjectionTx(ctx, tx, by, number, to, minor, f.Text("words"))
	})
}

// errVerdict refuses to end an objection without saying how.
var errVerdict = fault.New(fault.Invalid, "fee.verdict_missing", "manager.SettleFee")

func (s *Surface) actFee(c echo.Context, done string, act func(context.Context, *db.Tx, sale.Office, string, *web.Form, money.Currency, web.Base) error) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p, err := s.feePage(c)
	if err != nil {
		return err
	}
	r, number := s.reader(c), p.Fee.Number
	to, err := s.kit.Once(c, f, "manager.fee "+done+" "+number, func(ctx context.Context, tx *db.Tx) (string, error) {
		return feesPath + "/" + number + "?done=" + done, act(ctx, tx, sale.Office{User: r.ID, Markets: r.codes()}, number, f, p.Fee.Amount.Currency, p.Base)
	})
	if err == nil {
		return web.SeeOther(c, to)
	}
	var x *fault.Fault
	if !errors.As(err, &x) || x.Kind != fault.Invalid && x.Kind != fault.Conflict {
		return err
	}
	if p, err = s.feePage(c); err != nil {
		return err
	}
	switch field := web.FeeFields[x.Key]; {
	case x.Key == errVerdict.Key:
		f.Reject("verdict", x.Key)
	case field == "words" && done == "answered":
		f.Reject("answer", x.Key)
	case field != "":
		f.Reject(field, x.Key)
	default:
		p.Wrong = p.T(x.Key)
	}
	p.Errors, p.Fee.Typed = f.Errors(), web.FeeTyped{Words: f.Text("words"), Verdict: f.Value("verdict"), Amount: f.Value("amount")}
	return s.kit.Show(c, web.StatusOf(x), "manager/fee", p)
}
