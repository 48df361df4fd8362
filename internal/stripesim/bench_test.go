package stripesim_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/money"
	"forecourt/internal/stripesim"
	"forecourt/internal/stripesim/banktest"
)

// BenchmarkJourney opens a session, pays on the page, reads it back and captures, with the journal
// on disk and every event delivered over HTTP.
func BenchmarkJourney(b *testing.B) {
	shopSide := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer shopSide.Close()
	bank, err := stripesim.New(stripesim.Options{
		SecretKey: testKey, Dir: b.TempDir(), WebhookURLs: []string{shopSide.URL}, WebhookSecret: testSecret,
	})
	if err != nil {
		b.Fatal(err)
	}
	bank.Start(context.Background())
	defer bank.Close()
	srv := httptest.NewServer(bank.Handler())
	defer srv.Close()
	gw, err := stripegw.New(stripegw.Config{SecretKey: testKey, URL: srv.URL})
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var n atomic.Int64
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := journey(gw, client, strconv.FormatInt(n.Add(1), 10)); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "journeys/s")
}

func journey(gw *stripegw.Gateway, client *http.Client, key string) error {
	ctx := context.Background()
	c, err := gw.OpenCheckout(ctx, payment.CheckoutRequest{
		Key: key, OrderID: key, PaymentID: key, OrderNumber: "FC-7K3M-29", Amount: money.Of(10_000, "GBP"), Manual: true,
		Email: "buyer@example.com", SuccessURL: shop, CancelURL: shop, ExpiresAt: time.Now().Add(time.Hour),
	})
	if err != nil {
		return err
	}
	if _, err = banktest.Pay(ctx, client, c.URL, banktest.Visa); err != nil {
		return err
	}
	if c, err = gw.Checkout(ctx, c.ID); err != nil {
		return err
	}
	_, err = gw.Capture(ctx, c.Intent.ID, 10_000, key+":capture")
	return err
}
