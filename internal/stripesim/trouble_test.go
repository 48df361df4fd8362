package stripesim_test

import (
	"fmt"
	"testing"

	"forecourt/internal/stripesim"
)

// TestABankThatFailsFromTheStart: a part of the writing calls, by seed; reading never fails, and clearing ends it.
func TestABankThatFailsFromTheStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *stripesim.Options) { o.Fail, o.Seed = 0.5, 7 })
	failed := 0
	for n := range 100 {
		switch status, body, _ := w.call("POST", "/v1/payment_intents/pi_none/cancel", fmt.Sprint(n), ""); status {
		case 500:
			failed++
		case 404:
		default:
			t.Fatalf("%d %s", status, body)
		}
		if status, _, _ := w.call("GET", "/v1/events", "", ""); status != 200 {
			t.Fatal("reading failed")
		}
	}
	if failed < 25 || failed > 75 {
		t.Errorf("%d of 100 failed at a rate of 0.5", failed)
	}
	w.sandbox("fault", "clear=1")
	for range 20 {
		if status, _, _ := w.call("POST", "/v1/payment_intents/pi_none/cancel", "", ""); status != 404 {
			t.Fatal("it fails after it was cleared")
		}
	}
	for _, wrong := range []float64{-0.1, 1.1} {
		if b, err := stripesim.New(stripesim.Options{SecretKey: "sk_test_x", Drop: wrong}); err == nil {
			_ = b.Close()
			t.Errorf("a bank that drops %v of its notices", wrong)
		}
	}
}
