package web

import (
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// Fee is what a dealer is paid for one car, with the thread about it, as the dealer and the maker's office read it.
type Fee struct {
	Number  string
	Car     string
	Dealer  string
	Rule    string
	Channel string
	Net     money.Money // what the rule was applied to
	Amount  money.Money
	Stands  money.Money // what is owed now
	On      string      // the day of the handover
	State   string      // in words; empty when nobody objected
	Tone    string
	Words   []FeeWord
	Action  string // where a word is sent; empty when the reader may not, or it is settled
	Settle  string // where it is settled; empty but for the maker's office, and while it is open
	Most    int    // characters of a word
	Typed   FeeTyped
}

// FeeWord is what one side said.
type FeeWord struct {
	Who, When, Body string
	Mine            bool
}

// FeeTyped is what was typed.
type FeeTyped struct{ Words, Verdict, Amount string }

// NewFee puts a commission into the reader's words.
func NewFee(b Base, c *payment.Commission, dealer string, zone *time.Location, reader payment.CommissionSide) *Fee {
	f := &Fee{Number: c.Number, Car: c.Model, Dealer: dealer, Rule: c.Version, Channel: b.T("fee.channel." + c.Channel), Net: c.Net, Amount: c.Amount, Stands: c.Stands, On: b.P.Date(c.At.In(zone)), Most: payment.MostObjectionWords}
	if c.State != "" {
		f.State, f.Tone = b.T("fee.state."+string(c.State)), objectionTone[string(c.State)]
	}
	for _, w := range c.Words {
		f.Words = append(f.Words, FeeWord{Who: b.T("fee.side."+string(w.Side), "Name", w.Name), When: b.P.DateTime(w.At.In(zone)), Body: w.Body, Mine: w.Side == reader})
	}
	return f
}

// ErrVerdict refuses to end an objection without saying how.
var ErrVerdict = fault.New(fault.Invalid, "fee.verdict_missing", "web.SettleFee")

// FeeFields say beside which field a refusal about a commission is shown.
var FeeFields = map[string]string{payment.ErrObjection.Key: "words", payment.ErrObjectionMay.Key: "words", payment.ErrFeeAmount.Key: "amount", payment.ErrFeeSame.Key: "amount", ErrAmount.Key: "amount", ErrNought.Key: "amount", ErrVerdict.Key: "verdict"}

// SampleFee is an invented commission, for the test that checks all templates against their structs.
func SampleFee(b Base, reader payment.CommissionSide) *Fee {
	day := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	f := NewFee(b, &payment.Commission{Number: "FC-7K3M-29QX", Model: "Duster", Version: "gb-fee-2026-1", Channel: "online", Net: money.Of(2_100_000, "GBP"), Amount: money.Of(72_000, "GBP"), Stands: money.Of(72_000, "GBP"), At: day,
		State: payment.ObjectionOpen, Words: []payment.CommissionWord{{Side: payment.SideDealer, Name: "Anna", Body: "The paint is missing.", At: day}, {Side: payment.SideMaker, Name: "Harriet", Body: "We look at it.", At: day}}}, "Northgate Motors Leeds", time.UTC, reader)
	f.Action, f.Settle = "/", "/"
	return f
}
