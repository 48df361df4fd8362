package app

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/doctor"
	"forecourt/internal/document/pack"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

// disputeCase is a dispute from its first word to its end.
type disputeCase struct {
	card     string
	takes    bool   // the bank takes the money while it decides
	evidence string // what makes the test bank decide
	told     []string
	lost     bool
	fees     int64 // of the dispute itself, that stay
}

// TestADisputeFromItsFirstWordToItsEnd: the card bank, the night's look, and what buyer, dealer and office then
// see: a question that is closed, a dispute that is won and one that is lost.
func TestADisputeFromItsFirstWordToItsEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]disputeCase{
		"a question": {card: banktest.Inquiry, evidence: "winning_evidence", told: []string{"asked what this payment was", "question is closed"}},
		"won":        {card: banktest.Disputed, takes: true, evidence: "winning_evidence", told: []string{"payment was disputed", "decided for the shop"}},
		"lost":       {card: banktest.NotReceived, takes: true, evidence: "losing_evidence", told: []string{"payment was disputed", "decided for the card holder"}, lost: true, fees: 20_00},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			d := &disputed{house: h, t: t, c: c}
			d.buy()
			d.open()
			d.decide()
			d.after()
		})
	}
}

// disputed is one walk through a dispute.
type disputed struct {
	*house
	t      *testing.T
	c      disputeCase
	o      *ordering.Order
	buyer  string // the order's page
	intent string
	dealer *visitor
	office *visitor
}

func (d *disputed) buy() {
	d.Work()
	placed, page := d.Place(d.Draft())
	if _, err := banktest.Pay(d.t.Context(), nil, page, d.c.card); err != nil {
		d.t.Fatal(err)
	}
	must(d.t, d.NewCar.Settle(d.t.Context(), placed.Payment))
	d.o = d.Order(placed.Order)
	staff := sale.Staff{User: "0198a000-0000-7000-8000-000000000001", Dealer: testkit.Leeds}
	d.Tx(func(ctx context.Context, tx *db.Tx) error { return d.NewCar.AcceptTx(ctx, tx, staff, d.o.Number) })
	testkit.Eventually(d.t, "the deposit is taken", func() bool { return d.payment().State == payment.Captured })
	d.intent, d.buyer = d.payment().IntentID, "/dacia/gb/orders/"+d.link(d.o)
	for _, e := range []ordering.Event{ordering.Place, ordering.Build, ordering.Dispatch, ordering.Arrive, ordering.Prepare, ordering.Release} {
		d.Tx(func(ctx context.Context, tx *db.Tx) error {
			if e == ordering.Prepare {
				if err := d.NewCar.SetChecksTx(ctx, tx, staff, d.o.Number, ordering.PreparationItems); err != nil {
					return err
				}
			}
			return d.NewCar.AdvanceTx(ctx, tx, staff, d.o.Number, newcar.Progress{Event: e, VIN: "VF1RJA00X747K2M9X"})
		})
	}
	d.Tx(func(ctx context.Context, tx *db.Tx) error {
		return d.NewCar.RecordDeskTx(ctx, tx, staff, d.o.Number, payment.ByDeskTransfer, d.o.TotalMinor-d.o.DepositMinor, "REF 1")
	})
	d.dealer, d.office = d.staff("anna@northgate-leeds.example.com"), d.staff("harriet@gb-office.example.com")
}

func (d *disputed) payment() *payment.Payment {
	d.t.Helper()
	ps, err := payment.Of(d.DB.Read(d.t.Context()), d.o.ID)
	must(d.t, err)
	return ps[0]
}

// night takes in every event of the bank and every line of its balance, and waits until all is dealt with.
func (d *disputed) night() {
	d.t.Helper()
	must(d.t, d.NewCar.ReconcileNight(d.t.Context()))
	testkit.Eventually(d.t, "every event is dealt with", func() bool {
		var n int
		_, err := db.One(d.DB.Read(d.t.Context()), &n, `SELECT count(*) FROM provider_events WHERE processed_at IS NULL`)
		return err == nil && n == 0
	})
}

func (d *disputed) page(v *visitor, path string) string {
	d.t.Helper()
	a := v.get(path)
	if a.status != http.StatusOK {
		d.t.Fatalf("%s: %d", path, a.status)
	}
	return a.body
}

// badge tells whether each list of dealer and office marks the order.
func (d *disputed) badge(want bool) {
	d.t.Helper()
	for path, v := range map[string]*visitor{"/dealer": d.dealer, "/dealer/orders/" + d.o.Number: d.dealer, "/manager/orders": d.office} {
		if got := strings.Contains(d.page(v, path), "Payment disputed"); got != want {
			d.t.Errorf("%s: the badge is there: %t, want %t", path, got, want)
		}
	}
}

// tells checks that the story stands on the buyer's, the dealer's and the office's pages.
func (d *disputed) tells(words string) {
	d.t.Helper()
	for path, v := range map[string]*visitor{d.buyer: d.visitor(), "/dealer/orders/" + d.o.Number: d.dealer} {
		if !strings.Contains(d.page(v, path), words) {
			d.t.Errorf("%s does not tell that %q", path, words)
		}
	}
}

// sums are what the ledger has in some accounts.
func (d *disputed) sums() (out struct{ Card, Disputes, Fees, Paid int64 }) {
	d.t.Helper()
	_, err := db.One(d.DB.Read(d.t.Context()), &out, `SELECT coalesce(sum(amount_minor) FILTER (WHERE account = 'card_bank'), 0) AS card,
		coalesce(sum(amount_minor) FILTER (WHERE account = 'disputes'), 0) AS disputes, coalesce(sum(amount_minor) FILTER (WHERE account = 'fees'), 0) AS fees,
		(SELECT paid_minor FROM order_paid m WHERE m.order_id = ?) AS paid FROM ledger_lines WHERE order_id = ?`, d.o.ID, d.o.ID)
	must(d.t, err)
	return out
}

// clean asks the doctor, and compares with the bank's own ledger, fees too.
func (d *disputed) clean() {
	d.t.Helper()
	r, err := doctor.Examine(d.t.Context(), d.DB)
	must(d.t, err)
	var lines []doctor.BankLine
	raw, err := json.Marshal(d.Bank.Ledger())
	must(d.t, err)
	must(d.t, json.Unmarshal(raw, &lines))
	b, err := doctor.CompareBank(d.t.Context(), d.DB, lines)
	must(d.t, err)
	if broken := append(r.Broken(), b.Broken()...); len(broken) > 0 {
		d.t.Errorf("the doctor finds %v", broken)
	}
	fs, err := payment.OpenFindings(d.DB.Read(d.t.Context()), []id.Market{"gb"}, 10)
	must(d.t, err)
	if len(fs) > 0 {
		d.t.Errorf("the night finds %+v", fs)
	}
	l := d.Bank.Ledger()[0]
	if s := d.sums(); s.Fees != l.Fees || s.Card != l.Net {
		d.t.Errorf("the ledger has %d at the bank and %d for fees, the bank says %d and %d", s.Card, s.Fees, l.Net, l.Fees)
	}
}

func (d *disputed) open() {
	d.t.Helper()
	d.badge(false)
	d.night()
	d.badge(true)
	d.tells(d.c.told[0])
	inDispute := int64(0)
	if d.c.takes {
		inDispute = d.o.DepositMinor
	}
	if s := d.sums(); s.Disputes != inDispute || s.Paid != d.o.TotalMinor {
		d.t.Errorf("%d in dispute, %d paid", s.Disputes, s.Paid)
	}
	d.clean()
	d.handOver()
	d.pack()
}

// handOver is refused without the dealer's word that he knows; the page asks for it.
func (d *disputed) handOver() {
	d.t.Helper()
	at := "/dealer/orders/" + d.o.Number + "/handover"
	if body := d.page(d.dealer, at); !strings.Contains(body, `name="disputed"`) || !strings.Contains(body, "may take the money back") {
		d.t.Error("the handover page does not warn")
	}
	typed := form("code", d.o.PickupCode, "odometer", "5")
	typed["checks"] = ordering.HandoverItems
	a := d.dealer.post(at, typed)
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="disputed-error"`) || d.Order(d.o.ID).State != ordering.Ready {
		d.t.Fatalf("handed over without a word: %d, %s", a.status, d.Order(d.o.ID).State)
	}
}

// pack is one file that proves itself and holds what the bank must read.
func (d *disputed) pack() {
	d.t.Helper()
	body := d.page(d.office, "/manager/reconciliation")
	_, rest, ok := strings.Cut(body, "/manager/reconciliation/disputes/")
	if !ok {
		d.t.Fatal("the office does not see the dispute")
	}
	a := d.office.get("/manager/reconciliation/disputes/" + rest[:strings.Index(rest, `"`)])
	if a.status != http.StatusOK || a.head.Get("Content-Type") != "application/zip" {
		d.t.Fatalf("the pack: %d %s", a.status, a.head.Get("Content-Type"))
	}
	if r, err := pack.Check([]byte(a.body), nil); err != nil || !r.OK() {
		d.t.Fatalf("the pack does not verify: %+v, %v", r, err)
	}
	z, err := zip.NewReader(bytes.NewReader([]byte(a.body)), int64(len(a.body)))
	must(d.t, err)
	names := map[string]bool{}
	for _, f := range z.File {
		folder, _, _ := strings.Cut(f.Name, "/")
		names[folder] = true
	}
	for _, want := range []string{"dispute.json", "money.json", "order.json", "history.json", "messages.json", "payments.json", "ledger.json", "texts", "papers"} {
		if !names[want] {
			d.t.Errorf("%s is missing of %v", want, names)
		}
	}
}

// decide answers the bank with what makes it decide.
func (d *disputed) decide() {
	d.t.Helper()
	ds, err := d.NewCar.Gateway.DisputesOf(d.t.Context(), d.intent)
	must(d.t, err)
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.BankURL+"/v1/disputes/"+ds[0].ID, strings.NewReader(url.Values{"evidence[uncategorized_text]": {d.c.evidence}}.Encode()))
	must(d.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer sk_test_tests")
	res, err := http.DefaultClient.Do(req)
	must(d.t, err)
	defer res.Body.Close()
	if raw, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		d.t.Fatalf("the bank: %d %s", res.StatusCode, raw)
	}
	d.night()
}

func (d *disputed) after() {
	d.t.Helper()
	d.badge(false)
	d.tells(d.c.told[1])
	paid := d.o.TotalMinor
	if d.c.lost {
		paid -= d.o.DepositMinor
	}
	if s := d.sums(); s.Disputes != 0 || s.Paid != paid {
		d.t.Errorf("%d in dispute, %d paid, not %d", s.Disputes, s.Paid, paid)
	}
	d.clean()
	at := "/dealer/orders/" + d.o.Number + "/handover"
	typed := form("code", d.o.PickupCode, "odometer", "5")
	typed["checks"] = ordering.HandoverItems
	switch a := d.dealer.post(at, typed); {
	case d.c.lost && (a.status != http.StatusConflict || d.Order(d.o.ID).State != ordering.Ready):
		d.t.Errorf("handed over with the deposit gone: %d", a.status)
	case !d.c.lost && (a.status != http.StatusSeeOther || d.Order(d.o.ID).State != ordering.HandedOver):
		d.t.Errorf("not handed over: %d %s", a.status, a.body)
	}
	d.clean()
}
