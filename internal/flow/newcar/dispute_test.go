package newcar_test

import (
	"archive/zip"
	"bytes"
	"slices"
	"testing"

	"forecourt/internal/document/pack"
	"forecourt/internal/id"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
)

const disputedCard = "4000000000000259"

// night lets the reconciler take in every event that never came, and does its jobs.
func night(k *testkit.Kit) {
	k.T.Helper()
	if err := k.NewCar.ReconcileNight(k.T.Context()); err != nil {
		k.T.Fatal(err)
	}
	runJobs(k)
}

// runJobs does every job of money that waits, once.
func runJobs(k *testkit.Kit) {
	k.T.Helper()
	var jobs []struct {
		ID   int64
		Kind string
		Args []byte
	}
	if err := k.DB.Read(k.T.Context()).Raw(`SELECT id, kind, args FROM river_job WHERE finalized_at IS NULL AND kind <> 'sale.mail' ORDER BY id`).Scan(&jobs).Error; err != nil {
		k.T.Fatal(err)
	}
	for _, j := range jobs {
		if _, err := k.NewCar.RunJob(k.T.Context(), j.Kind, j.Args); err != nil {
			k.T.Fatalf("%s %s: %v", j.Kind, j.Args, err)
		}
		if _, err := k.DB.Pool.Exec(k.T.Context(), `UPDATE river_job SET state = 'completed', finalized_at = now() WHERE id = $1`, j.ID); err != nil {
			k.T.Fatal(err)
		}
	}
}

func TestADisputeIsWrittenDownAndItsEvidenceIsOneFile(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := buyBy(k, disputedCard)
	night(k) // no webhook came: the nightly look finds the events
	ds, err := payment.DisputesIn(k.DB.Read(t.Context()), office.Markets, 10)
	if err != nil || len(ds) != 1 || !ds[0].Open() || ds[0].AmountMinor != o.DepositMinor {
		t.Fatalf("%+v, %v", ds, err)
	}
	if !slices.Contains(told(k, o.ID), payment.SaidDisputed) {
		t.Fatalf("the story is %v", told(k, o.ID))
	}
	var held int64
	if _, err := db.One(k.DB.Read(t.Context()), &held, `SELECT coalesce(sum(amount_minor), 0) FROM ledger_lines WHERE order_id = ? AND account = 'disputes'`, o.ID); err != nil || held != o.DepositMinor {
		t.Fatalf("the ledger holds %d in dispute, %v", held, err)
	}
	night(k) // told again, nothing changes
	healthy(k)
	name, file, err := k.NewCar.DisputePack(t.Context(), office, ds[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	_, again, err := k.NewCar.DisputePack(t.Context(), office, ds[0].ID)
	if err != nil || !bytes.Equal(file, again) {
		t.Fatalf("%s is not the same twice, %v", name, err)
	}
	if r, err := pack.Check(file, nil); err != nil || !r.OK() {
		t.Fatalf("%+v, %v", r, err)
	}
	z, _ := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	for _, want := range []string{"dispute.json", "money.json", "history.json", "messages.json", "order.json"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing of %v", want, names)
		}
	}
	if _, _, err := k.NewCar.DisputePack(t.Context(), sale.Office{Markets: []id.Market{"it"}}, ds[0].ID); err == nil {
		t.Error("another market's office gets it")
	}
}

func TestTheNightFindsWhatOurBooksDoNotHave(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := accepted(k)
	night(k)
	findings := func() []payment.Finding {
		fs, err := payment.OpenFindings(k.DB.Read(t.Context()), office.Markets, 10)
		if err != nil {
			t.Fatal(err)
		}
		return fs
	}
	if fs := findings(); len(fs) != 0 {
		t.Fatalf("found without a difference: %+v", fs)
	}
	// Somebody gives a part back at the bank itself.
	p := payments(k, o.ID)[0]
	if _, err := k.NewCar.Gateway.Refund(t.Context(), p.IntentID, 1_00, "by hand", "by hand"); err != nil {
		t.Fatal(err)
	}
	night(k)
	fs := findings()
	if len(fs) != 1 || fs[0].Kind != "balance" || fs[0].Number != o.Number {
		t.Fatalf("%+v", fs)
	}
	night(k)
	if n := len(findings()); n != 1 {
		t.Fatalf("found again it is %d findings", n)
	}
}
