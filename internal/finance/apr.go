package finance

import "math/big"

// The solver counts in fixed point with 60 binary digits after the point: an error far below the single
// decimal that is shown.
const (
	digits = 60
	one    = int64(1) << digits
)

// APR is the annual percentage rate of charge in tenths of a percent: the X that makes the payments of
// months 1, 2, 3, ... worth what was advanced, when a payment after t years counts for (1+X)^-t and a
// month is a twelfth of a year. This is the equation of Directive 2008/48/EC, Annex I, kept by Directive
// (EU) 2023/2225, Annex III, and by CONC App 1.2. The law rounds to one decimal, half up. It answers
// false where no X from 0 on below doubling each month fits.
func APR(advance int64, payments []int64) (tenths int64, ok bool) {
	lent, due := fixed(advance), make([]*big.Int, len(payments))
	for i, p := range payments {
		due[i] = fixed(p)
	}
	if advance <= 0 || worth(due, one).Cmp(lent) < 0 || worth(due, 2*one).Cmp(lent) > 0 {
		return 0, false
	}
	low, high := one, 2*one // growth of a month
	for low < high {
		mid := low + (high-low)/2
		if worth(due, mid).Cmp(lent) > 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	grown := new(big.Int).Exp(big.NewInt(low), big.NewInt(12), nil)
	unit := new(big.Int).Lsh(big.NewInt(1), 12*digits)
	grown.Sub(grown, unit).Mul(grown, big.NewInt(2000)).Add(grown, unit) // twice 1000 X, half up
	return grown.Quo(grown, unit.Lsh(unit, 1)).Int64(), true
}

// worth is what the payments are worth at the start, in fixed point, when money grows so each month.
func worth(payments []*big.Int, growth int64) *big.Int {
	shrink := new(big.Int).Lsh(big.NewInt(1), 2*digits)
	shrink.Quo(shrink, big.NewInt(growth))
	sum, grown := new(big.Int), new(big.Int)
	for i := len(payments) - 1; i >= 0; i-- {
		sum.Add(sum, payments[i])
		sum.Rsh(grown.Mul(sum, shrink), digits)
	}
	return sum
}

func fixed(minor int64) *big.Int { return new(big.Int).Lsh(big.NewInt(minor), digits) }
