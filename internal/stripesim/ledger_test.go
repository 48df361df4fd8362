package stripesim_test

import (
	"encoding/json"
	"testing"
	"time"

	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"
)

// netOf checks that the ledger of a payment adds up and that its net is what the lines of the
// balance say.
func (w *world) netOf(intentID string) stripesim.LedgerLine {
	w.t.Helper()
	l := w.ledgerOf(intentID)
	if l.Net != l.Captured-l.Refunded-l.Disputed-l.Fees {
		w.t.Errorf("the ledger does not add up: %+v", l)
	}
	var net int64
	for _, b := range w.must("GET", "balance_transactions?limit=100&expand[]=data.source").list("data") {
		source := b.inner("source")
		if source.text("payment_intent") == intentID {
			net += b.number("net")
		}
		if b.number("net") != b.number("amount")-b.number("fee") {
			w.t.Errorf("line %v", b)
		}
	}
	if net != l.Net {
		w.t.Errorf("the balance has %d of %s, the ledger says %d", net, intentID, l.Net)
	}
	return l
}

// TestLedgerSums: the sums per currency are those of the payments.
func TestLedgerSums(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.captured("one")
	i := w.bought(banktest.Disputed)
	w.sandbox("clock/advance", "seconds=60")
	var net, fees int64
	for _, l := range w.bank.Ledger() {
		net, fees = net+l.Net, fees+l.Fees
	}
	_, body, _ := w.get("/_sandbox/ledger")
	var o thing
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		t.Fatal(err)
	}
	sums := o.list("balance")
	if len(sums) != 1 || sums[0].text("currency") != "gbp" || sums[0].number("net") != net || sums[0].number("fees") != fees || sums[0].number("lines") != 3 {
		t.Errorf("sums %v, want net %d, fees %d", sums, net, fees)
	}
	b := w.must("GET", "balance_transactions?type=charge&limit=1").list("data")[0]
	if b.text("status") != "pending" || b.number("fee") != 170 || len(b.list("fee_details")) != 1 {
		t.Errorf("line: %v", b)
	}
	w.bank.Advance(8 * 24 * time.Hour)
	if b = w.must("GET", "balance_transactions/"+b.text("id")); b.text("status") != "available" {
		t.Errorf("line a week later: %v", b)
	}
	if c := w.must("GET", "charges/"+i.ChargeID+"?expand[]=balance_transaction"); c.inner("balance_transaction").number("amount") != 10_000 {
		t.Errorf("charge: %v", c)
	}
}
