package doctor_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"forecourt/internal/doctor"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

func atBank(t *testing.T, k *testkit.Kit) (out []doctor.BankLine) {
	t.Helper()
	b, err := json.Marshal(k.Bank.Ledger()) // as /_sandbox/ledger tells it
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheBanksLedgerIsComparedToTheCent(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	reserved, taken, left := k.Buy(), k.Buy(), k.Buy()
	staff := sale.Staff{User: "0198a000-0000-7000-8000-000000000001", Dealer: testkit.Leeds}
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.AcceptTx(ctx, tx, staff, taken.Number) })
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.NewCar.CancelTx(ctx, tx, left.ID) })
	for _, key := range append(paymentKeys(t, k, taken), paymentKeys(t, k, left)...) {
		if err := k.NewCar.Settle(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	truth := atBank(t, k)
	if len(truth) != 3 {
		t.Fatalf("%d lines at the bank", len(truth))
	}
	at := func(o string) int {
		return slices.IndexFunc(truth, func(l doctor.BankLine) bool { return l.OrderID == o })
	}
	for what, c := range map[string]struct {
		spoil func([]doctor.BankLine) []doctor.BankLine
		want  []string
	}{
		"nothing":             {func(l []doctor.BankLine) []doctor.BankLine { return l }, nil},
		"a cent more":         {func(l []doctor.BankLine) []doctor.BankLine { l[at(string(taken.ID))].Captured++; return l }, []string{"bank_agrees"}},
		"a refund we lack":    {func(l []doctor.BankLine) []doctor.BankLine { l[at(string(taken.ID))].Refunded = 5; return l }, []string{"bank_agrees"}},
		"a dispute we lack":   {func(l []doctor.BankLine) []doctor.BankLine { l[at(string(taken.ID))].DisputesLost = 5; return l }, []string{"bank_agrees"}},
		"another currency":    {func(l []doctor.BankLine) []doctor.BankLine { l[at(string(taken.ID))].Currency = "eur"; return l }, []string{"bank_agrees"}},
		"a forgotten hold":    {func(l []doctor.BankLine) []doctor.BankLine { l[at(string(left.ID))].Held = 5; return l }, []string{"bank_holds_as_noted"}},
		"a hold that is gone": {func(l []doctor.BankLine) []doctor.BankLine { l[at(string(reserved.ID))].Held = 0; return l }, []string{"bank_holds_as_noted"}},
		"a payment we lack": {func(l []doctor.BankLine) []doctor.BankLine {
			return append(l, doctor.BankLine{PaymentID: "x", OrderID: "y"})
		}, []string{"bank_knows"}},
		"a payment it lacks": {func(l []doctor.BankLine) []doctor.BankLine {
			return slices.Delete(l, at(string(taken.ID)), at(string(taken.ID))+1)
		}, []string{"bank_knows"}},
		"another order":       {func(l []doctor.BankLine) []doctor.BankLine { l[at(string(taken.ID))].OrderID = "y"; return l }, []string{"bank_knows"}},
		"taken twice":         {func(l []doctor.BankLine) []doctor.BankLine { return append(l, l[at(string(taken.ID))]) }, []string{"bank_agrees", "one_charge"}},
		"more than it costs":  {func(l []doctor.BankLine) []doctor.BankLine { l[at(string(taken.ID))].Captured = 99_999_999; return l }, []string{"bank_agrees", "one_charge"}},
		"nothing at the bank": {func([]doctor.BankLine) []doctor.BankLine { return []doctor.BankLine{} }, []string{"bank_knows"}},
		"capture we know not of": {func(l []doctor.BankLine) []doctor.BankLine {
			i := at(string(reserved.ID))
			l[i].Captured, l[i].Held = l[i].Held, 0
			return l
		}, []string{"bank_agrees", "bank_holds_as_noted"}},
	} {
		r, err := doctor.CompareBank(t.Context(), k.DB, c.spoil(slices.Clone(truth)))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := r.Broken(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}
