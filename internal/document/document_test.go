package document_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"forecourt/internal/document"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/testkit"

	"pgregory.net/rapid"
)

var northgate = document.Entity{Code: "gb-leeds-northgate", Prefix: "GBLNG", Party: document.Party{Name: "Northgate Motors Ltd", VATID: "GB 000 0001 01"}}

func line(minor, rate int64) document.Line {
	m := money.Of(minor, "GBP")
	return document.Line{Kind: "car", Label: "Car", Amount: m, VATRateBP: rate, VAT: m.VATInGross(rate)}
}

func issue(o *ordering.Order, k document.Kind, edition int, day string) document.Issue {
	in := document.Issue{Order: o.ID, Market: o.Market, Brand: o.Brand, Kind: k, Edition: edition, Content: document.Content{Day: day, Seller: northgate, Order: o.Number, Total: money.Of(0, "GBP")}}
	if k != document.Handover {
		in.Content.Lines, in.Content.Total = []document.Line{line(12_000_00, 2000), line(55_00, 0)}, money.Of(12_055_00, "GBP")
	}
	return in
}

func order(k *testkit.Kit) *ordering.Order {
	p, _ := k.Place(k.Draft())
	return k.Order(p.Order)
}

var errAbort = errors.New("the till fell down")

// A thousand at once, a third of which fail after they have their number: by an error, by a cancelled
// request, by a killed connection. No number is missing and none is given twice.
func TestAThousandParallelIssuesLeaveNoHole(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := order(k)
	var wg sync.WaitGroup
	var mu sync.Mutex
	written, aborted, gate := map[string]int{}, 0, make(chan struct{}, 12)
	for n := 1; n <= 1000; n++ {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			rng := rand.New(rand.NewPCG(7, uint64(n)))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var number string
			err := k.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
				in := issue(o, document.Confirmation, n, "2026-11-24")
				if n%2 == 0 {
					in.Content.Seller.Code, in.Content.Seller.Prefix = "gb-group", "GBGRP"
				}
				d, err := document.IssueTx(tx, in)
				if err != nil {
					return err
				}
				number = d.Number
				switch rng.IntN(9) {
				case 0:
					return errAbort
				case 1:
					cancel()
				case 2:
					return tx.Exec(`SELECT pg_terminate_backend(pg_backend_pid())`).Error
				}
				return nil
			})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				written[number]++
			} else {
				aborted++
			}
		})
	}
	wg.Wait()
	if aborted < 150 || len(written) < 500 {
		t.Fatalf("%d aborted, %d written: the test does not test", aborted, len(written))
	}
	holes, err := document.Holes(k.DB.Read(t.Context()))
	if err != nil || len(holes) > 0 {
		t.Errorf("holes %+v %v", holes, err)
	}
	docs, err := document.Of(k.DB.Read(t.Context()), o.ID)
	if err != nil || len(docs) != len(written) {
		t.Fatalf("%d documents of %d written, %v", len(docs), len(written), err)
	}
	each := map[string]bool{}
	for _, d := range docs {
		if each[d.Number] || written[d.Number] != 1 || document.Hash(d.Raw) != d.SHA256 {
			t.Errorf("%s: twice %v, written %d", d.Number, each[d.Number], written[d.Number])
		}
		each[d.Number] = true
	}
	for _, prefix := range []string{"GBLNG", "GBGRP"} {
		n := 0
		for each[fmt.Sprintf("%s-A-2026-%05d", prefix, n+1)] {
			n++
		}
		if n < 200 {
			t.Errorf("%s runs to %d", prefix, n)
		}
	}
}

func TestEachEntityKindAndYearCountsFromOne(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := order(k)
	var got []string
	for i, c := range []struct {
		kind document.Kind
		day  string
	}{{document.Confirmation, "2026-11-24"}, {document.Confirmation, "2026-12-31"}, {document.Invoice, "2026-12-31"}, {document.Handover, "2026-12-31"}, {document.Confirmation, "2027-01-01"}} {
		k.Tx(func(_ context.Context, tx *db.Tx) error {
			d, err := document.IssueTx(tx, issue(o, c.kind, i+1, c.day))
			if err == nil {
				got = append(got, d.Number)
			}
			return err
		})
	}
	if fmt.Sprint(got) != "[GBLNG-A-2026-00001 GBLNG-A-2026-00002 GBLNG-I-2026-00001 GBLNG-H-2026-00001 GBLNG-A-2027-00001]" {
		t.Error(got)
	}
}

func TestADocumentIsIssuedOnceAndNeverChanges(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := order(k)
	var first, again *document.Document
	k.Tx(func(_ context.Context, tx *db.Tx) (err error) {
		first, err = document.IssueTx(tx, issue(o, document.Invoice, 0, "2026-11-24"))
		return err
	})
	k.Tx(func(_ context.Context, tx *db.Tx) (err error) {
		in := issue(o, document.Invoice, 1, "2026-11-25")
		in.Content.Order = "another"
		again, err = document.IssueTx(tx, in)
		return err
	})
	if again.Number != first.Number || again.Raw != first.Raw {
		t.Errorf("issued twice: %s %s", first.Number, again.Number)
	}
	if c := first.Content; c.VAT.Minor != 200_000 || c.Net.Minor != 1_005_500 || len(c.Taxes) != 2 || c.Taxes[0].Gross.Minor != 12_000_00 || c.Taxes[1].RateBP != 0 || c.Due != c.Total {
		t.Errorf("%+v", c)
	}
	for _, change := range []string{`UPDATE documents SET total_minor = 1`, `DELETE FROM documents`, `UPDATE order_texts SET body = 'x'`} {
		if change == `UPDATE order_texts SET body = 'x'` {
			k.Tx(func(_ context.Context, tx *db.Tx) error {
				return document.AcceptTx(tx, o.ID, document.Text{Name: "other", Version: "1", Lang: "en", Title: "T", TitleLang: "en", Body: "B"})
			})
		}
		if _, err := k.DB.Pool.Exec(t.Context(), change); err == nil {
			t.Errorf("allowed: %s", change)
		}
	}
	if _, err := k.DB.Pool.Exec(t.Context(), `INSERT INTO documents SELECT gen_random_uuid(), order_id, market, brand, kind, 9, entity, series, year, 9, 'X', refers, currency, total_minor, replace(content, 'Car', 'Bus'), sha256, issued_at FROM documents`); err == nil {
		t.Error("a document whose hash is not that of its content was written")
	}
}

func TestCreditNoteTakesAnInvoiceBackOnce(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := order(k)
	credit := func(edition int, total int64, refers id.Document) error {
		return k.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
			in := issue(o, document.CreditNote, edition, "2026-12-01")
			in.Refers, in.Content.Lines, in.Content.Total = refers, []document.Line{line(total, 2000)}, money.Of(total, "GBP")
			d, err := document.IssueTx(tx, in)
			if err == nil && (d.Content.Refers == nil || d.Content.Refers.Number != "GBLNG-I-2026-00001") {
				t.Errorf("refers to %+v", d.Content.Refers)
			}
			return err
		})
	}
	var inv, conf *document.Document
	k.Tx(func(_ context.Context, tx *db.Tx) (err error) {
		if conf, err = document.IssueTx(tx, issue(o, document.Confirmation, 1, "2026-11-24")); err != nil {
			return err
		}
		inv, err = document.IssueTx(tx, issue(o, document.Invoice, 1, "2026-11-24"))
		return err
	})
	if err := credit(1, 1000, conf.ID); !errors.Is(err, document.ErrNone) {
		t.Errorf("a confirmation was credited: %v", err)
	}
	if err := credit(1, 12_055_01, inv.ID); !errors.Is(err, document.ErrCredited) {
		t.Errorf("more than the invoice: %v", err)
	}
	if err := credit(1, 12_000_00, inv.ID); err != nil {
		t.Error(err)
	}
	if err := credit(2, 55_00, inv.ID); !errors.Is(err, document.ErrCredited) {
		t.Errorf("a second time: %v", err)
	}
}

func TestIssueRefusesWhatDoesNotAddUp(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := order(k)
	for name, c := range map[string]struct {
		spoil func(*document.Content)
		want  error
	}{
		"total":    {func(c *document.Content) { c.Total.Minor++ }, document.ErrSums},
		"currency": {func(c *document.Content) { c.Lines[0].Amount.Currency = "EUR" }, document.ErrSums},
		"nobody":   {func(c *document.Content) { c.Seller = document.Entity{} }, document.ErrEntity},
	} {
		in := issue(o, document.Invoice, 1, "2026-11-24")
		c.spoil(&in.Content)
		if err := k.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error { _, err := document.IssueTx(tx, in); return err }); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if docs, err := document.Of(k.DB.Read(t.Context()), o.ID); err != nil || len(docs) > 0 {
		t.Errorf("written %d %v", len(docs), err)
	}
}

// Whatever the lines are, the taxes of a document sum to its VAT and its total.
func TestTaxesSumToTheTotal(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o := order(k)
	edition := 0
	rapid.Check(t, func(r *rapid.T) {
		edition++
		in := issue(o, document.Confirmation, edition, "2026-11-24")
		in.Content.Lines, in.Content.Total = nil, money.Of(0, "GBP")
		for range rapid.IntRange(1, 20).Draw(r, "lines") {
			l := line(rapid.Int64Range(0, 9_000_000).Draw(r, "amount"), rapid.SampledFrom([]int64{0, 500, 1900, 2100}).Draw(r, "rate"))
			l.Margin = l.VATRateBP == 0 && rapid.Bool().Draw(r, "margin")
			in.Content.Lines, in.Content.Total = append(in.Content.Lines, l), in.Content.Total.Add(l.Amount)
		}
		if in.Content.Total.IsZero() {
			return
		}
		var d *document.Document
		err := k.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) (err error) { d, err = document.IssueTx(tx, in); return err })
		if err != nil {
			r.Fatal(err)
		}
		net, vat, gross := int64(0), int64(0), int64(0)
		for _, x := range d.Content.Taxes {
			net, vat, gross = net+x.Net.Minor, vat+x.VAT.Minor, gross+x.Gross.Minor
		}
		if gross != d.Total.Minor || vat != d.Content.VAT.Minor || net != d.Content.Net.Minor || net+vat != gross {
			r.Fatalf("%+v", d.Content)
		}
	})
}
