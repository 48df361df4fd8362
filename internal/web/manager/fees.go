package manager

import (
	"context"
	"errors"
	"net/http"

	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
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
	return s.actFee(c, "answered", answerFields, func(ctx context.Context, tx *db.Tx, p *FeePage, f *web.Form) error {
		return s.cars.AnswerObjectionTx(ctx, tx, s.reader(c).office(), p.Fee.Number, f.Text("words"))
	})
}

// answerFields are those of the form that sends a word and settles nothing.
var answerFields = map[string]string{payment.ErrObjection.Key: "answer", payment.ErrObjectionMay.Key: "answer"}

// settleFee ends an objection: the commission stands, or is corrected to what was typed.
func (s *Surface) settleFee(c echo.Context) error {
	return s.actFee(c, "settled", web.FeeFields, func(ctx context.Context, tx *db.Tx, p *FeePage, f *web.Form) error {
		to := payment.ObjectionState(f.Value("verdict"))
		var minor int64
		switch to {
		case payment.ObjectionStands:
		case payment.ObjectionCorrected:
			var err error
			if minor, err = web.ParseAmount(p.P, f.Value("amount"), p.Symbol(p.Fee.Amount.Currency)); err != nil && !errors.Is(err, web.ErrNought) { // a nought says that nothing is owed
				return err
			}
		default:
			return web.ErrVerdict
		}
		return s.cars.SettleObjectionTx(ctx, tx, s.reader(c).office(), p.Fee.Number, to, minor, f.Text("words"))
	})
}

func (s *Surface) actFee(c echo.Context, done string, fields map[string]string, act func(context.Context, *db.Tx, *FeePage, *web.Form) error) error {
	return web.Post(s.kit, c, s.feePage, func(p *FeePage, f *web.Form) (web.Act, error) {
		number := p.Fee.Number
		return web.Act{Name: "manager.fee " + done + " " + number, Fields: fields, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return feesPath + "/" + number + "?done=" + done, act(ctx, tx, p, f)
		}, Again: func(r web.Refusal) error {
			p, err := s.feePage(c)
			if err != nil {
				return err
			}
			p.Errors, p.Wrong, p.Fee.Typed = f.Errors(), p.Sentence(r.Key), web.FeeTyped{Words: f.Text("words"), Verdict: f.Value("verdict"), Amount: f.Value("amount")}
			return s.kit.Show(c, r.Status, "manager/fee", p)
		}}, nil
	})
}
