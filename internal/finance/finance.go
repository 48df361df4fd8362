package finance

import (
	"math/big"

	"forecourt/internal/market"
)

// Example is a representative example. Amounts are minor units.
type Example struct {
	Price   int64
	Deposit int64 // paid in advance
	Credit  int64 // total amount of credit
	Count   int   // monthly instalments, the last of them included
	Each    int64
	Last    int64 // the last instalment, which clears the odd cents
	Final   int64 // due a month after the last instalment; 0 without one
	Fees    []Fee
	Charge  int64 // total charge for credit: interest and fees
	Total   int64 // total amount payable
	APR     int64 // tenths of a percent
}

// Fee is a fee of the example: what it is each time and all together.
type Fee struct {
	market.CreditFee
	Each, Total int64
	Times       int
}

// Interest is the charge without fees.
func (e *Example) Interest() int64 {
	n := e.Charge
	for _, f := range e.Fees {
		n -= f.Total
	}
	return n
}

// Of makes the example for a cash price; false where the price is too small for such a credit.
func Of(f market.Finance, price int64) (Example, bool) {
	e := Example{Price: price, Deposit: whole(price, f.DepositBP), Final: whole(price, f.FinalBP), Count: f.Months}
	e.Credit = price - e.Deposit
	if e.Final > 0 {
		e.Count--
	}
	if e.Credit <= e.Final || e.Count < 1 {
		return Example{}, false
	}
	e.Each = instalment(e.Credit, e.Final, f.RateBP, e.Count)
	if e.Last = e.last(f.RateBP); e.Each <= 0 || e.Last <= 0 {
		return Example{}, false
	}
	advance, payments := e.flows(f)
	for _, p := range payments {
		e.Total += p
	}
	e.Total += e.Credit - advance // fees paid at the start
	e.Charge = e.Total - e.Credit
	if f.WithDeposit {
		e.Total += e.Deposit
	}
	var ok bool
	e.APR, ok = APR(advance, payments)
	return e, ok
}

// flows lists what the buyer gets at the start and pays in each month.
func (e *Example) flows(f market.Finance) (advance int64, payments []int64) {
	payments = make([]int64, f.Months)
	for i := range e.Count {
		payments[i] = e.Each
	}
	payments[e.Count-1] = e.Last
	payments[f.Months-1] += e.Final
	advance = e.Credit
	for _, x := range f.Fees {
		fee := Fee{CreditFee: x, Each: x.AmountMinor, Times: 1}
		if x.RateBP > 0 {
			fee.Each = halfUp(e.Credit*x.RateBP, 10_000)
		}
		switch x.When {
		case "start":
			advance -= fee.Each
		case "end":
			payments[f.Months-1] += fee.Each
		default:
			fee.Times = f.Months
			for i := range payments {
				payments[i] += fee.Each
			}
		}
		fee.Total = fee.Each * int64(fee.Times)
		e.Fees = append(e.Fees, fee)
	}
	return advance, payments
}

// year is a year's interest in the unit of instalments: twelve months of basis points.
const year = 12 * 10_000

// instalment is the equal payment of count months that leaves final for the month after, rounded half
// up. With a month's growth N/M it solves credit N^d = sum over k of x N^(d-k) M^k + final M^d.
func instalment(credit, final, rateBP int64, count int) int64 {
	months := count
	if final > 0 {
		months++
	}
	grown, kept := big.NewInt(year+rateBP), big.NewInt(year)
	power := func(b *big.Int, n int) *big.Int { return new(big.Int).Exp(b, big.NewInt(int64(n)), nil) }
	owed := new(big.Int).Mul(big.NewInt(credit), power(grown, months))
	owed.Sub(owed, new(big.Int).Mul(big.NewInt(final), power(kept, months)))
	paid := new(big.Int)
	for k := 1; k <= count; k++ {
		paid.Add(paid, new(big.Int).Mul(power(grown, months-k), power(kept, k)))
	}
	owed.Lsh(owed, 1).Add(owed, paid) // half up
	return owed.Quo(owed, paid.Lsh(paid, 1)).Int64()
}

// last is the payment that clears the account in its month, or leaves what grows to the final payment.
func (e *Example) last(rateBP int64) int64 {
	owed := e.Credit
	for range e.Count - 1 {
		owed += halfUp(owed*rateBP, year) - e.Each
	}
	owed += halfUp(owed*rateBP, year)
	return owed - halfUp(e.Final*year, year+rateBP)
}

// whole is a share of a price, rounded down to whole units of the currency.
func whole(price, bp int64) int64 { return price * bp / (10_000 * 100) * 100 }

func halfUp(n, d int64) int64 { return (2*n + d) / (2 * d) }
