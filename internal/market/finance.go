package market

import (
	"slices"

	"forecourt/internal/platform/filecheck"
)

// Finance is the credit that a market's representative example is made of, from a day on. Amounts are
// minor units, shares are basis points of the cash price.
type Finance struct {
	From    Date          `yaml:"from" json:"from"`
	Source  string        `yaml:"source" json:"source"`
	Product CreditProduct `yaml:"product" json:"product"`
	Lender  string        `yaml:"lender" json:"lender"`
	Months  int           `yaml:"months" json:"months"` // from the day the car is paid to the last payment
	RateBP  int64         `yaml:"rate_bp" json:"rate_bp"`
	// DepositBP and FinalBP are rounded down to whole pounds, euros or lei.
	DepositBP int64       `yaml:"deposit_bp" json:"deposit_bp"`
	FinalBP   int64       `yaml:"final_bp" json:"final_bp,omitempty"`
	Fees      []CreditFee `yaml:"fees" json:"fees,omitempty"`
	// WithDeposit: the law counts what is paid in advance as part of the total amount payable (GB).
	WithDeposit bool      `yaml:"with_deposit" json:"with_deposit,omitempty"`
	Warning     Wording   `yaml:"warning" json:"warning,omitempty"` // the sentence that the law wants beside any such advertisement
	Notices     []Wording `yaml:"notices" json:"notices"`
}

// CreditProduct is how the credit is paid back.
type CreditProduct string

// Kinds of credit.
const (
	Loan    CreditProduct = "loan"    // equal instalments to the end
	Balloon CreditProduct = "balloon" // the last payment is larger and owed
	PCP     CreditProduct = "pcp"     // the last payment is larger; who does not pay it gives the car back
)

// CreditFee is a cost of the credit besides interest: an amount, or a share of the credit.
type CreditFee struct {
	Label       Wording `yaml:"label" json:"label"`
	When        string  `yaml:"when" json:"when"` // start, each, end: with the credit, with each payment, with the last one
	AmountMinor int64   `yaml:"amount_minor" json:"amount_minor,omitempty"`
	RateBP      int64   `yaml:"rate_bp" json:"rate_bp,omitempty"`
}

// FinanceAt is the credit advertised on a day; false where none is.
func (m *Market) FinanceAt(d Date) (Finance, bool) {
	best, ok := Finance{}, false
	for _, f := range m.Finance {
		if f.From <= d && (!ok || f.From > best.From) {
			best, ok = f, true
		}
	}
	return best, ok
}

func (c checker) finance(list []Finance) {
	seen := map[Date]bool{}
	for i, f := range list {
		in := func(key string) []string { return filecheck.At("finance", i, key) }
		if c.date(f.From, in("from")...) && seen[f.From] {
			c.Say(in("from"), "a second credit begins on %s", f.From)
		}
		seen[f.From] = true
		c.Present(f.Source, in("source")...)
		c.Present(f.Lender, in("lender")...)
		c.OneOf(string(f.Product), []string{string(Loan), string(Balloon), string(PCP)}, in("product")...)
		c.Between(int64(f.Months), 6, 120, in("months")...)
		c.Between(f.RateBP, 0, 3000, in("rate_bp")...)
		c.Between(f.DepositBP, 0, 8000, in("deposit_bp")...)
		if f.Product == Loan {
			if c.Given(in("final_bp")) {
				c.Say(in("final_bp"), "a loan has no final payment")
			}
		} else {
			c.Between(f.FinalBP, 1, 8000, in("final_bp")...)
		}
		if f.DepositBP+f.FinalBP > 9000 {
			c.Say(in("deposit_bp"), "deposit and final payment leave less than a tenth for the instalments")
		}
		c.Some(len(f.Notices), in("notices")...)
		c.each(f.Notices, in("notices")...)
		c.wording(f.Warning, in("warning")...)
		for j := range f.Fees {
			c.creditFee(f.Fees[j], slices.Concat(filecheck.At("finance", i), filecheck.At("fees", j)))
		}
	}
}

func (c checker) creditFee(f CreditFee, here []string) {
	in := func(key string) []string { return slices.Concat(here, []string{key}) }
	c.said(f.Label, in("label")...)
	c.OneOf(f.When, []string{"start", "each", "end"}, in("when")...)
	amount, rate := int64(10_000_00), int64(1000)
	if f.When == "each" { // it is paid up to 120 times: a slip of the comma would be an absurd credit
		amount, rate = 200_00, 100
	}
	switch {
	case f.AmountMinor != 0 && f.RateBP != 0:
		c.Say(here, "a fee is an amount or a share of the credit, not both")
	case f.RateBP != 0:
		c.Between(f.RateBP, 1, rate, in("rate_bp")...)
	default:
		c.Between(f.AmountMinor, 1, amount, in("amount_minor")...)
	}
}
