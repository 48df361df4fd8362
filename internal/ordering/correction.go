package ordering

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/money"
)

// Why something was recorded wrongly; words are slip.reason.<reason>. CarSlips are those of a VIN or a plate,
// PaymentSlips those of a payment at a desk.
var (
	CarSlips     = []string{"mistyped", "mixed_up"}
	PaymentSlips = []string{"mistyped", "mixed_up", "twice", "not_received"}
)

// LongestProof bounds, in runes, what shows that the correction is right.
const LongestProof = 200

// Kinds of corrections.
const (
	SlipCar     = "car"     // of the VIN, the plate, or both
	SlipPayment = "payment" // of a payment at the desk
)

// Correction is a slip that was put right: what stood there and what stands there since. Of a payment, Now is the payment
// that it is recorded as, empty when nothing was taken; its amounts are minor units of Currency.
type Correction struct {
	Order    id.Order
	Seq      int // of the step in the order's history
	Market   id.Market
	Kind     string
	Reason   string
	Proof    string
	VINWas   string
	VINNow   string
	PlateWas string
	PlateNow string
	Payment  id.Payment
	Recorded id.Payment
	Currency money.Currency
	WasMinor int64
	NowMinor int64
	RefWas   string
	RefNow   string
	By       id.User
	At       time.Time
}

// Was is the amount that was recorded.
func (c *Correction) Was() money.Money { return money.Of(c.WasMinor, c.Currency) }

// Now is the amount that was taken; nought when none was.
func (c *Correction) Now() money.Money { return money.Of(c.NowMinor, c.Currency) }
