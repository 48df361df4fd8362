package stripesim

import "time"

// refundTakes is how long a refund of the slow test cards stays as it begins.
const refundTakes = time.Hour

// refund sends captured money back. The caller has checked that there is enough of it.
func (t *tx) refund(r *refund) {
	c := *t.st.charges.byID[r.Charge]
	switch c.Card.Test {
	case "refund_pending":
		r.Status = refundPending
		r.Turns, r.TurnsTo = t.now.Add(refundTakes).Unix(), refundSucceeded
	case "refund_fails":
		r.Turns, r.TurnsTo = t.now.Add(refundTakes).Unix(), refundFailed
	}
	c.Refunded += r.Amount
	t.bookRefund(r)
	t.put(change{Refund: r})
	t.put(change{Charge: &c})
	t.tell(tellRefundCreated, event{Refund: r})
	t.tell(tellChargeRefunded, event{Charge: &c})
	if c.Refunded >= c.Captured {
		t.closeInquiries(&c)
		t.closeReview(c.Review, reviewAfter(r))
	}
}

func reviewAfter(r *refund) string {
	if r.Reason == "fraudulent" {
		return "refunded_as_fraud"
	}
	return "refunded"
}

// turnRefund moves a refund to another status. One that fails after it had succeeded, or is called
// off, puts the money back: into the balance, and into what can be refunded again.
func (t *tx) turnRefund(old *refund, status string) *refund {
	r := *old
	r.Status, r.Turns, r.TurnsTo = status, 0, ""
	if status == refundFailed {
		r.Why = "lost_or_stolen_card"
	}
	if !r.returned() {
		t.takeBack(&r)
	}
	t.put(change{Refund: &r})
	t.tell(tellChargeRefundUpdated, event{Refund: &r})
	t.tell(tellRefundUpdated, event{Refund: &r})
	if status == refundFailed {
		t.tell(tellRefundFailed, event{Refund: &r})
	}
	return &r
}

func (t *tx) takeBack(r *refund) {
	c := *t.st.charges.byID[r.Charge]
	c.Refunded -= r.Amount
	t.bookFailedRefund(r)
	t.put(change{Charge: &c})
}

// returned tells whether the money of the refund is away from the merchant: on its way or there.
func (r *refund) returned() bool { return r.Status != refundFailed && r.Status != refundCanceled }

// turnable tells which statuses a refund can still get; one that came to nothing stays so.
func (r *refund) turnable(status string) bool {
	switch status {
	case refundSucceeded:
		return r.Status == refundPending || r.Status == refundNeedsYou
	case refundNeedsYou:
		return r.Status == refundPending
	case refundFailed:
		return r.returned()
	case refundCanceled:
		return r.Status == refundPending || r.Status == refundNeedsYou
	}
	return false
}
