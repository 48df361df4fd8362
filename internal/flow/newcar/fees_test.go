package newcar_test

import (
	"testing"

	"forecourt/internal/payment"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

func TestWhatTheBankChargesIsBookedOnceByNight(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	var want int64
	for _, l := range k.Bank.Ledger() {
		want += l.Fees
	}
	if want <= 0 {
		t.Fatal("the bank charges nothing: there is nothing to see")
	}
	for range 2 {
		night(k)
		all, err := payment.Postings(k.DB.Read(t.Context()), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		var fees int64
		for _, p := range all {
			for _, l := range p.Lines {
				if l.Account == payment.Fees {
					fees += l.Minor
					if l.Party != sale.SellerOf(o) || p.Reference == "" {
						t.Errorf("borne by %q, of line %q", l.Party, p.Reference)
					}
				}
			}
		}
		if fees != want {
			t.Fatalf("%d are booked, the bank charged %d", fees, want)
		}
	}
	if paid, err := payment.PaidMinor(k.DB.Read(t.Context()), o.ID); err != nil || paid != o.DepositMinor {
		t.Errorf("the fee changed what the buyer paid: %d, %v", paid, err)
	}
	healthy(k)
}
