package payment_test

import (
	"slices"
	"strings"
	"testing"

	"forecourt/internal/payment"
)

func TestStatementsAreReadLineByLine(t *testing.T) {
	t.Parallel()
	const head = "date;amount;currency;reference;payer;id\n"
	lines, wrong := payment.ReadStatement("gb", "GBP", head+"2026-11-29;1234.56;GBP;\"Order FC-7K3M-29QX; thanks\";P Raman;B1\n2026-11-29;20;GBP;car;X;\n2026-11-29;20;GBP;car;X;\n")
	if len(wrong) > 0 || len(lines) != 3 || lines[0].Amount.Minor != 1234_56 || lines[0].Reference != "Order FC-7K3M-29QX; thanks" {
		t.Fatalf("%v %+v", wrong, lines)
	}
	if lines[1].Key == lines[2].Key {
		t.Error("two equal lines of one statement are one transfer")
	}
	again, _ := payment.ReadStatement("gb", "GBP", "payer,reference,currency,amount,date\nX,car,GBP,20.00,2026-11-29\nX,car,GBP,20,2026-11-29\n")
	if len(again) != 2 || again[0].Key != lines[1].Key || again[1].Key != lines[2].Key {
		t.Error("the same lines in another order of columns are other transfers")
	}
	for bad, key := range map[string]string{
		"2026-13-29;1;GBP;r;p;": "transfer.bad.date", "2026-11-29;1;EUR;r;p;": "transfer.bad.currency", "2026-11-29;-1;GBP;r;p;": "transfer.bad.amount",
		"2026-11-29;0.00;GBP;r;p;": "transfer.bad.amount", "2026-11-29;1,50;GBP;r;p;": "transfer.bad.amount", "2026-11-29;99999999999;GBP;r;p;": "transfer.bad.amount",
		"2026-11-29;1e5;GBP;r;p;": "transfer.bad.amount", "2026-11-29;1;GBP;" + strings.Repeat("x", 141) + ";p;": "transfer.bad.text", "2026-11-29;1;GBP;\"r;p;": "transfer.bad.line",
	} {
		_, wrong := payment.ReadStatement("gb", "GBP", head+"2026-11-29;1;GBP;fine;p;\n"+bad+"\n")
		if len(wrong) == 0 || wrong[0] != (payment.LineError{Line: 3, Key: key}) {
			t.Errorf("%q: %v", bad, wrong)
		}
	}
	if _, wrong := payment.ReadStatement("gb", "GBP", head+"2026-11-29;1;GBP;r;p;B\n2026-11-30;1;GBP;r;p;B\n"); len(wrong) != 1 {
		t.Errorf("one id twice: %v", wrong)
	}
}

func TestOrderNumbersAreFoundAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Duster fc 7k3m 29qx thank you": {"FC-7K3M-29QX"}, "FC7K3M29QX": {"FC-7K3M-29QX"}, "FC-7K3M-29QX/FC-7K3M-29QX": {"FC-7K3M-29QX"},
		"FC-7K3M-29QX and FC-8K3M-29QX": {"FC-7K3M-29QX", "FC-8K3M-29QX"}, "FC-7K3M-29Q": nil, "AFC-7K3M-29QX": nil, "": nil, "FC-7K3M-29QXX": nil,
	} {
		if got := payment.NumbersIn(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v", text, got)
		}
	}
}
