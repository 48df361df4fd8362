package ordering

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// Ways of leaving.
const (
	ByCancel     = "cancel"     // before the handover
	ByWithdrawal = "withdrawal" // after it
)

// ErrNoLeaving says that nobody left the order.
var ErrNoLeaving = fault.New(fault.NotFound, "fault.not_found", "ordering.Leaving")

// Leaving is how an order was left, and what comes back by when. Days are those of the market, as "2026-12-03";
// empty while they are not known. Amounts are in minor units of the order's currency.
type Leaving struct {
	Order          id.Order
	Market         id.Market
	Currency       money.Currency
	Way            string
	ToldAt         time.Time
	BringBy        string
	BackAt         time.Time // zero until the dealer has the car
	BackBy         id.User
	OdometerKm     int
	DrivenKm       int
	DamageMinor    int64
	DamageNote     string
	UseMinor       int64
	KeptMinor      int64
	OwedMinor      int64
	DueOn          string
	AlarmOn        string
	AlarmedAt      time.Time
	SettledAt      time.Time // zero while money is on its way
	InterestMinor  int64
	InterestPaidAt time.Time
}
