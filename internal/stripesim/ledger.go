package stripesim

import "net/http"

// LedgerLine is the truth about one payment, for invariants. All amounts are minor units of
// Currency and none is negative but Net.
type LedgerLine struct {
	Intent    string            `json:"intent"`
	Session   string            `json:"session"`    // empty for an intent without hosted page
	OrderID   string            `json:"order_id"`   // metadata order_id
	PaymentID string            `json:"payment_id"` // metadata payment_id
	Metadata  map[string]string `json:"metadata"`
	Currency  string            `json:"currency"` // lower case
	Status    string            `json:"status"`   // of the intent

	Amount     int64 `json:"amount"`
	Authorised int64 `json:"authorised"` // ever
	Held       int64 `json:"held"`       // authorised and neither captured nor released
	Captured   int64 `json:"captured"`

	Refunded       int64 `json:"refunded"`        // of what was captured: pending and succeeded refunds
	RefundsPending int64 `json:"refunds_pending"` // the part of Refunded that has not arrived
	RefundsFailed  int64 `json:"refunds_failed"`  // tried and come back, not part of Refunded

	Disputed      int64  `json:"disputed"`       // withdrawn by chargebacks, open or lost
	DisputesLost  int64  `json:"disputes_lost"`  // the part of Disputed that is gone for good
	DisputeStatus string `json:"dispute_status"` // of the latest dispute or inquiry, empty for none

	Fees int64 `json:"fees"` // of the payment and of its disputes
	Net  int64 `json:"net"`  // what the balance has of it: captured - refunded - disputed - fees
}

// BalanceSum is what all lines of the balance in one currency come to.
type BalanceSum struct {
	Currency string `json:"currency"`
	Lines    int    `json:"lines"`
	Amount   int64  `json:"amount"`
	Fees     int64  `json:"fees"`
	Net      int64  `json:"net"`
}

// Ledger lists all payments, oldest first.
func (b *Bank) Ledger() []LedgerLine {
	lines, _ := b.ledger()
	return lines
}

func (b *Bank) ledger() (lines []LedgerLine, sums []BalanceSum) {
	lines = []LedgerLine{}
	b.commit(func(t *tx) {
		refunds, fees := t.st.refundsByCharge(), t.st.feesByIntent()
		each(&t.st.intents, func(pi *intent) {
			lines = append(lines, t.st.ledgerLine(pi, refunds[pi.Charge], fees[pi.ID]))
		})
		sums = t.st.balanceSums()
	})
	return lines, sums
}

func (st *state) ledgerLine(pi *intent, refunds []*refund, money balanceLine) LedgerLine {
	l := LedgerLine{
		Intent: pi.ID, Session: pi.Session, OrderID: pi.Metadata["order_id"], PaymentID: pi.Metadata["payment_id"],
		Metadata: words(pi.Metadata), Currency: pi.Currency, Status: pi.Status, Amount: pi.Amount, Held: pi.Capturable,
		Captured: pi.Received, Fees: money.Fee, Net: money.Amount - money.Fee,
	}
	if c := st.charges.byID[pi.Charge]; c != nil && c.Status == "succeeded" {
		l.Authorised = c.Amount
		l.addDisputes(st, c)
	}
	for _, r := range refunds {
		l.addRefund(r)
	}
	return l
}

func (l *LedgerLine) addRefund(r *refund) {
	switch {
	case r.Status == refundFailed:
		l.RefundsFailed += r.Amount
	case r.returned():
		l.Refunded += r.Amount
		if r.Status != refundSucceeded {
			l.RefundsPending += r.Amount
		}
	}
}

func (l *LedgerLine) addDisputes(st *state, c *charge) {
	for _, id := range c.Disputes {
		d := st.disputes.byID[id]
		l.Disputed += d.withdrawn()
		if d.Status == disputeLost {
			l.DisputesLost += d.Amount
		}
		l.DisputeStatus = d.Status
	}
}

func (st *state) refundsByCharge() map[string][]*refund {
	out := map[string][]*refund{}
	each(&st.refunds, func(r *refund) { out[r.Charge] = append(out[r.Charge], r) })
	return out
}

// feesByIntent sums the balance's lines of each payment.
func (st *state) feesByIntent() map[string]balanceLine {
	out := map[string]balanceLine{}
	each(&st.balance, func(l *balanceLine) {
		sum := out[l.Intent]
		sum.Amount += l.Amount
		sum.Fee += l.Fee
		out[l.Intent] = sum
	})
	return out
}

func (st *state) balanceSums() []BalanceSum {
	out := []BalanceSum{}
	at := map[string]int{}
	each(&st.balance, func(l *balanceLine) {
		i, known := at[l.Currency]
		if !known {
			i = len(out)
			at[l.Currency] = i
			out = append(out, BalanceSum{Currency: l.Currency})
		}
		out[i].Lines++
		out[i].Amount += l.Amount
		out[i].Fees += l.Fee
		out[i].Net += l.Amount - l.Fee
	})
	return out
}

func (b *Bank) showLedger(w http.ResponseWriter, _ *http.Request) {
	lines, sums := b.ledger()
	answerJSON(w, http.StatusOK, obj{"payments": lines, "balance": sums})
}
