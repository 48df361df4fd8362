package manager_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
)

func TestADifferenceIsClosedWithAReason(t *testing.T) {
	t.Parallel()
	h := house(t)
	if err := h.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		_, err := payment.FindTx(tx, payment.Finding{Account: "cardbank", Kind: "stranger", Object: "pi_1", Detail: "100 0"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	m := h.Manager("money@example.com", "gb")
	a := page(t, h, m, "/manager/reconciliation")
	if !strings.Contains(a.Body, "pi_1 100 0") || !strings.Contains(a.Body, "that we do not know") {
		t.Fatal("the finding is not told")
	}
	_, rest, _ := strings.Cut(a.Body, `action="/manager/reconciliation/findings/`)
	at := "/manager/reconciliation/findings/" + rest[:strings.Index(rest, `"`)]
	if a := m.Post(at, url.Values{"form_key": {a.Hidden("form_key")}, "reason": {"x"}}); a.Status != 422 || !strings.Contains(a.Body, `id="reason-error"`) {
		t.Fatalf("closed without a reason: %d", a.Status)
	}
	if a := m.Post(at, url.Values{"form_key": {a.Hidden("form_key")}, "reason": {"another shop's payment under our key"}}); a.Status != 303 {
		t.Fatalf("%d", a.Status)
	}
	if a := page(t, h, m, "/manager/reconciliation"); strings.Contains(a.Body, "pi_1") || !strings.Contains(a.Body, "are equal") {
		t.Error("it is still there")
	}
	if a := page(t, h, m, "/manager/audit"); !strings.Contains(a.Body, "Difference closed") {
		t.Error("the audit does not tell")
	}
}
