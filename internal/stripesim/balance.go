package stripesim

import "time"

// What the bank keeps for its service: of each payment 1.5 % and 20 minor units, half-up, and 20.00
// of whatever currency for a chargeback. The figures are made up; only that there are fees is real.
const (
	feeBasisPoints = 150
	feeFixed       = 20
	feeDispute     = 20_00
)

// availableAfter is how long money that came in waits before it can be paid out.
const availableAfter = 7 * 24 * time.Hour

// Types and categories of lines in the balance, as Stripe names them.
const (
	lineCharge        = "charge"
	lineRefund        = "refund"
	lineRefundFailure = "refund_failure"
	lineAdjustment    = "adjustment"

	categoryDispute  = "dispute"
	categoryReversal = "dispute_reversal"
)

func feeOf(amount int64) int64 { return (amount*feeBasisPoints+5_000)/10_000 + feeFixed }

// book writes a line into the balance and gives its id.
func (t *tx) book(l balanceLine) string {
	l.ID, l.Created = newID("txn_", 24), t.now.Unix()
	t.put(change{Balance: &l})
	return l.ID
}

// bookCharge brings captured money into the balance.
func (t *tx) bookCharge(c *charge) {
	c.Balance = t.book(balanceLine{
		Intent: c.Intent, Source: c.ID, Type: lineCharge, Category: lineCharge, Text: c.Text,
		Amount: c.Captured, Fee: feeOf(c.Captured), Currency: c.Currency,
	})
}

// bookRefund takes a refund out of the balance; the fee of the payment is not given back.
func (t *tx) bookRefund(r *refund) {
	r.Balance = t.book(balanceLine{
		Intent: r.Intent, Source: r.ID, Type: lineRefund, Category: lineRefund, Text: "REFUND FOR CHARGE",
		Amount: -r.Amount, Currency: r.Currency,
	})
}

// bookFailedRefund puts back what a refund had taken out.
func (t *tx) bookFailedRefund(r *refund) {
	r.Failed = t.book(balanceLine{
		Intent: r.Intent, Source: r.ID, Type: lineRefundFailure, Category: lineRefundFailure, Text: "REFUND FAILURE",
		Amount: r.Amount, Currency: r.Currency,
	})
}

// bookDispute takes a disputed amount with its fee out of the balance.
func (t *tx) bookDispute(d *dispute) {
	t.bookDisputeLine(d, balanceLine{Category: categoryDispute, Text: "Chargeback withdrawal", Amount: -d.Amount, Fee: feeDispute})
}

// bookWonDispute gives both back.
func (t *tx) bookWonDispute(d *dispute) {
	t.bookDisputeLine(d, balanceLine{Category: categoryReversal, Text: "Chargeback reversal", Amount: d.Amount, Fee: -feeDispute})
}

func (t *tx) bookDisputeLine(d *dispute, l balanceLine) {
	l.Intent, l.Source, l.Type, l.Currency = d.Intent, d.ID, lineAdjustment, d.Currency
	d.Balance = append(append([]string(nil), d.Balance...), t.book(l))
}

func (st *state) balanceObject(l *balanceLine, x expansion) obj {
	available := time.Unix(l.Created, 0)
	if l.Amount > 0 {
		available = available.Add(availableAfter)
	}
	o := obj{
		"id": l.ID, "object": "balance_transaction", "amount": l.Amount, "fee": l.Fee, "net": l.Amount - l.Fee,
		"currency": l.Currency, "created": l.Created, "available_on": available.Unix(), "status": "available",
		"type": l.Type, "reporting_category": l.Category, "source": l.Source, "description": text(l.Text),
		"exchange_rate": nil, "fee_details": l.feeDetails(),
	}
	if x.has("source") {
		o["source"] = st.sourceObject(l.Source)
	}
	return o
}

func (l *balanceLine) feeDetails() []obj {
	if l.Fee == 0 {
		return []obj{}
	}
	return []obj{{"amount": l.Fee, "currency": l.Currency, "type": "stripe_fee", "application": nil,
		"description": "Stripe processing fees"}}
}

func (st *state) sourceObject(id string) obj {
	if c := st.charges.byID[id]; c != nil {
		return st.chargeObject(c, nil)
	}
	if r := st.refunds.byID[id]; r != nil {
		return st.refundObject(r, nil)
	}
	return st.disputeObject(st.disputes.byID[id], nil)
}

// balanceOrID is a line's id, or the whole line when it is to be expanded; nil before it exists.
func (st *state) balanceOrID(id string, whole bool, x expansion) any {
	if l := st.balance.byID[id]; l != nil && whole {
		return st.balanceObject(l, x)
	}
	return text(id)
}

// statusAt is "pending" until the money can be paid out; a listing shows it as of now.
func (l *balanceLine) statusAt(now time.Time) string {
	if l.Amount > 0 && now.Before(time.Unix(l.Created, 0).Add(availableAfter)) {
		return "pending"
	}
	return "available"
}
