package barrier_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"forecourt/internal/feedback"
	"forecourt/internal/flow/barrier"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/testkit"
)

func service(t *testing.T) (*testkit.Kit, *barrier.Service) {
	t.Helper()
	k := testkit.New(t)
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return k, &barrier.Service{DB: k.DB, World: k.World, Jobs: k.NewCar.Jobs, Words: words, Letters: k.NewCar.Letters, Sender: k.Mails}
}

// report keeps one and gives its key.
func report(t *testing.T, k *testkit.Kit, s *barrier.Service, r feedback.Report) id.Report {
	t.Helper()
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return s.ReportTx(ctx, tx, r) })
	var key id.Report
	if err := k.DB.Read(t.Context()).Raw(`SELECT id FROM barrier_reports ORDER BY created_at DESC, id DESC LIMIT 1`).Scan(&key).Error; err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAReportReachesItsMarketsDeskOnce(t *testing.T) {
	t.Parallel()
	k, s := service(t)
	key := report(t, k, s, feedback.Report{Brand: "dacia", Market: "it", Page: "/dacia/it/guide", Message: "Il modulo\nnon si legge.", Email: "luca@example.com"})
	for range 2 {
		if err := s.Send(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	sent := k.Mails.Sent()
	if len(sent) != 1 {
		t.Fatalf("%d mails", len(sent))
	}
	m := sent[0]
	if m.To != "accessibilita@example.com" || m.Lang != "it-IT" || m.Headers["Reply-To"] != "luca@example.com" || !strings.Contains(m.Text, "Il modulo\nnon si legge.") || !strings.Contains(m.Text, "/dacia/it/guide") {
		t.Errorf("the desk got %+v", m)
	}
	var args string
	if err := k.DB.Read(t.Context()).Raw(`SELECT args::text FROM river_job WHERE kind = 'barrier.mail'`).Scan(&args).Error; err != nil || !strings.Contains(args, string(key)) || strings.Contains(args, "luca") {
		t.Errorf("the job says %s, %v", args, err)
	}
}

func TestAMailThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	k, s := service(t)
	key := report(t, k, s, feedback.Report{Brand: "dacia", Market: "gb", Message: "The price table has no heading."})
	k.Mails.Fail = errors.New("no mail server")
	if err := s.Send(t.Context(), key); err == nil {
		t.Fatal("a mail that was not sent counts as sent")
	}
	k.Mails.Fail = nil
	if err := s.Send(t.Context(), key); err != nil || len(k.Mails.Sent()) != 1 {
		t.Errorf("%v, %d mails", err, len(k.Mails.Sent()))
	}
	if m := k.Mails.Sent()[0]; len(m.Headers) != 0 {
		t.Errorf("an answer goes to %v although nobody asked for one", m.Headers)
	}
}

// Who reports a barrier on the page of an order copies its address, and that opens the order.
func TestNoReportHandsOnASecretLink(t *testing.T) {
	t.Parallel()
	k, s := service(t)
	const secret = "q3t0Jw-l_8Kc5Zs2Vb9XrT1uYpGdHnEaMfQoLiWkSvA"
	key := report(t, k, s, feedback.Report{Brand: "dacia", Market: "gb", Page: "https://shop.example/dacia/gb/orders/" + secret + "/cancel?back=1",
		Message: "On https://shop.example/dacia/gb/checkout/" + secret + " the box has no name,\nand orders/past too."})
	if err := s.Send(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	var kept string
	if err := k.DB.Read(t.Context()).Raw(`SELECT page || message FROM barrier_reports WHERE id = ?`, key).Scan(&kept).Error; err != nil {
		t.Fatal(err)
	}
	text := k.Mails.Sent()[0].Text
	if strings.Contains(kept+text, secret) {
		t.Errorf("the order can be opened from %q and %q", kept, text)
	}
	for _, part := range []string{"https://shop.example/dacia/gb/orders/…/cancel?back=1", "checkout/… the box has no name,\nand orders/past too."} {
		if !strings.Contains(text, part) {
			t.Errorf("the desk does not read %q in %q", part, text)
		}
	}
}
