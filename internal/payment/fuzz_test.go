package payment

import (
	"strings"
	"testing"
)

// FuzzReadStatement: a statement is read whole or refused with reasons; what is read is money above
// nothing, each line has a key of its own, and the same text gives the same lines again, or an import
// that is repeated would count twice.
func FuzzReadStatement(f *testing.F) {
	for _, s := range []string{
		"date,amount,currency,reference,payer\n2026-11-29,1234.56,GBP,FC-7K3M-29QX,A\n",
		"\ufeffdate;amount;currency;reference;payer;id\n2026-11-29;1;GBP;\"a;b\";B;1\n2026-11-29;1;GBP;x;B;1\n",
		"date,amount,currency,reference,payer\n2026-11-29,1.00,GBP,x,y\n2026-11-29,1.00,GBP,x,y\n",
		"date,amount,currency,reference,payer\n2026-02-30,1.00,GBP,x,y\n", "date,amount,currency,reference,payer\n2026-11-29,-1,GBP,x,y\n",
		"date,amount,currency,reference,payer\n2026-11-29,99999999999,GBP,x,y\n", "date,date,amount\n", "\"", "", "\x00", ";;;;\n", "date,amount,currency,reference,payer\n\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines, wrong := ReadStatement("gb", "GBP", text)
		if len(lines) == 0 && len(wrong) == 0 {
			t.Fatal("nothing is read and nothing is wrong")
		}
		for _, w := range wrong {
			if w.Line < 1 || !strings.HasPrefix(w.Key, "transfer.bad.") {
				t.Fatalf("%+v", w)
			}
		}
		if len(wrong) > 0 {
			return
		}
		again, _ := ReadStatement("gb", "GBP", text)
		seen := map[string]bool{}
		for i, l := range lines {
			if l.Amount.Minor <= 0 || l.Amount.Minor >= 1_000_000_000_000 || l.Amount.Currency != "GBP" || seen[l.Key] || again[i].Key != l.Key {
				t.Fatalf("line %d: %+v", i, l)
			}
			seen[l.Key] = true
			for _, n := range NumbersIn(l.Reference) {
				if len(n) != len("FC-7K3M-29QX") {
					t.Fatalf("the number %q", n)
				}
			}
		}
	})
}
