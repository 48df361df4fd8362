package newcar_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/document"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

var sixMarkets = []id.Market{"gb", "it", "fr", "de", "es", "ro"}

// buyDuster orders the cheapest Duster of a market and pays its deposit; it gives a dealer's staff too.
func buyDuster(k *testkit.Kit, m id.Market) (*ordering.Order, sale.Staff) {
	k.T.Helper()
	w := k.World.Now()
	shop, dealer := sale.Shop{Brand: "dacia", Market: m, Flow: id.FlowNew}, w.Dealers("dacia", m, id.FlowNew)[0].Code
	mk, _ := w.Market(m)
	model, err := w.Model("dacia", m, "duster", market.DateOf(k.Clock.Now().In(mk.Zone())))
	if err != nil {
		k.T.Fatal(err)
	}
	buyer := testkit.Buyer
	buyer.Market = m
	var placed sale.Placed
	k.Tx(func(ctx context.Context, tx *db.Tx) error {
		draft, err := k.NewCar.StartTx(ctx, tx, newcar.Build{Shop: shop, Model: "duster", Selection: configurator.Selection{}}, dealer, nil)
		if err != nil {
			return err
		}
		token := k.NewCar.Tokens.Draft(draft)
		if err := k.NewCar.GiveDetailsTx(tx, shop, token, buyer); err != nil {
			return err
		}
		placed, err = k.NewCar.PlaceTx(ctx, tx, shop, token, model.From().Total.Minor)
		return err
	})
	page, err := k.NewCar.CardPage(k.T.Context(), placed.Payment)
	if err != nil {
		k.T.Fatal(err)
	}
	if _, err := banktest.Pay(k.T.Context(), nil, page, testkit.Good); err != nil {
		k.T.Fatal(err)
	}
	if err := k.NewCar.Settle(k.T.Context(), placed.Payment); err != nil {
		k.T.Fatal(err)
	}
	return k.Order(placed.Order), sale.Staff{User: leedsStaff.User, Dealer: dealer}
}

func papers(k *testkit.Kit, o id.Order) map[document.Kind]*document.Document {
	k.T.Helper()
	docs, err := document.Of(k.DB.Read(k.T.Context()), o)
	if err != nil {
		k.T.Fatal(err)
	}
	out := map[document.Kind]*document.Document{}
	for _, d := range docs {
		out[d.Kind] = d
	}
	return out
}

// What an invoice says is what was agreed, what the bank and the desk took and what the ledger passed on,
// in every market.
func TestAmountsOnPapersEqualTheLedger(t *testing.T) {
	t.Parallel()
	for _, m := range sixMarkets {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t)
			o, staff := buyDuster(k, m)
			if len(papers(k, o.ID)) > 0 {
				t.Fatal("papers before anybody agreed")
			}
			if err := accept(k, staff, o); err != nil {
				t.Fatal(err)
			}
			settleAll(k, o.ID)
			conf := papers(k, o.ID)[document.Confirmation]
			if conf == nil || conf.Content.Contract == "" || conf.Total != o.Total() || conf.Content.Deposit != o.Deposit() || conf.Content.Due != o.Total() {
				t.Fatalf("confirmation %+v", conf)
			}
			handOver(k, staff, k.Order(o.ID))
			o = k.Order(o.ID)
			healthy(k)
			all := papers(k, o.ID)
			inv, given := all[document.Invoice], all[document.Handover]
			if inv == nil || given == nil {
				t.Fatalf("papers %v", all)
			}
			mk, _ := k.World.Now().Market(m)
			rate, _ := mk.VATAt("2026-11-24")
			whole, err := sale.WholeOf(k.DB.Read(t.Context()), o.ID)
			if err != nil {
				t.Fatal(err)
			}
			c, paid, lines := inv.Content, money.Of(0, o.Currency), money.Of(0, o.Currency)
			for _, p := range c.Paid {
				paid = paid.Add(p.Amount)
			}
			for i, l := range c.Lines {
				lines = lines.Add(l.Amount)
				if q := o.Snapshot.Quote.Lines[i]; q.Amount != l.Amount || q.VAT != l.VAT || q.VATRateBP != l.VATRateBP {
					t.Errorf("line %+v of %+v", l, q)
				}
			}
			if inv.Total != o.Total() || lines != o.Total() || c.VAT != o.Snapshot.Quote.VAT || paid.Minor != whole.PaidMinor || !c.Due.IsZero() || len(c.Paid) != 2 || c.Taxes[0].RateBP != rate {
				t.Errorf("total %s lines %s VAT %s of %s paid %s of %d due %s", inv.Total, lines, c.VAT, o.Snapshot.Quote.VAT, paid, whole.PaidMinor, c.Due)
			}
			var sold struct{ Gross, Net, VAT int64 }
			_, err = db.One(k.DB.Read(t.Context()), &sold, `SELECT sum(amount_minor) FILTER (WHERE account = 'buyer') AS gross, -sum(amount_minor) FILTER (WHERE account = 'sales') AS net,
				-sum(amount_minor) FILTER (WHERE account = 'vat_payable') AS vat FROM ledger_lines l JOIN ledger_postings p ON p.id = l.posting_id WHERE l.order_id = ? AND p.kind = 'handover'`, o.ID)
			if err != nil || sold.Gross != inv.Total.Minor || sold.Net != c.Net.Minor || sold.VAT != c.VAT.Minor {
				t.Errorf("the ledger sold %+v, the invoice says %s, net %s, VAT %s, %v", sold, inv.Total, c.Net, c.VAT, err)
			}
			dealer, _ := k.World.Now().Dealer(o.Dealer)
			if c.Seller.Name != dealer.LegalName || c.Seller.VATID != dealer.VATID || c.Seller.VATID == "" || c.Buyer.Name != testkit.Buyer.Name || c.Car.VIN != o.VIN || len(c.Texts) < 3 {
				t.Errorf("parties %+v %+v, texts %v", c.Seller, c.Buyer, c.Texts)
			}
			if g := given.Content.Given; g == nil || g.OdometerKm != 4 || !given.Total.IsZero() || given.Content.Supplied != "2026-11-24" {
				t.Errorf("record %+v", given.Content)
			}
			for _, d := range all {
				if !strings.HasPrefix(d.Number, dealer.Series+"-") || !strings.HasSuffix(d.Number, "-2026-00001") {
					t.Errorf("number %s of series %s", d.Number, dealer.Series)
				}
			}
		})
	}
}

// The mode is a dated line of the market's data. An order keeps the one it was placed under.
func TestTheSellersModeSwitchesPartySeriesAndVATID(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	mk, _ := k.World.Now().Market("gb")
	first, staff := buyDuster(k, "gb")
	flows := mk.Flows[id.FlowNew]
	mode := func(seller string) {
		terms := flows[0]
		terms.Seller, terms.From = seller, "2026-11-24"
		mk.Flows = map[id.Flow][]market.FlowTerms{id.FlowNew: {flows[0], terms}}
	}
	mode(market.ByMaker)
	second, _ := buyDuster(k, "gb")
	mode(market.ByGroup)
	third, _ := buyDuster(k, "gb")
	maker, _ := mk.SellerAt(market.ByMaker, "dacia", "2026-11-24")
	group, _ := mk.SellerAt(market.ByGroup, "dacia", "2026-11-24")
	dealer, _ := k.World.Now().Dealer(first.Dealer)
	for i, c := range []struct {
		o                         *ordering.Order
		name, vat, number, accept string
	}{
		{first, dealer.LegalName, dealer.VATID, dealer.Series + "-I-2026-00001", "seller_dealer"},
		{second, maker.Name, maker.VATID, "GBDA-I-2026-00001", "seller_maker"},
		{third, group.Name, group.VATID, "GBGR-I-2026-00001", ""},
	} {
		if err := accept(k, staff, c.o); err != nil {
			t.Fatal(err)
		}
		settleAll(k, c.o.ID)
		handOverAs(k, staff, k.Order(c.o.ID), "VF1RJA00X747K2M9"+string(rune('1'+i))) // each is a car of its own
		inv := papers(k, c.o.ID)[document.Invoice]
		if inv == nil || inv.Content.Seller.Name != c.name || inv.Content.Seller.VATID != c.vat || inv.Number != c.number {
			t.Errorf("want %+v, got %+v", c, inv)
		}
		has := false
		for _, x := range inv.Content.Texts {
			has = has || x.Name == c.accept
		}
		if c.accept != "" && !has {
			t.Errorf("%s is not among %v", c.accept, inv.Content.Texts)
		}
	}
}

func TestACreditNoteTakesTheInvoiceBack(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o, staff := buyDuster(k, "fr")
	credit := func(cr sale.Credit) (d *document.Document, err error) {
		return d, k.DB.InTx(t.Context(), func(_ context.Context, tx *db.Tx) (err error) {
			locked, err := ordering.LockTx(tx, o.ID)
			if err == nil {
				d, err = k.NewCar.CreditTx(tx, locked, cr)
			}
			return err
		})
	}
	if d, err := credit(sale.Credit{Reason: "withdrawal"}); d != nil || err != nil {
		t.Errorf("credit without an invoice: %v %v", d, err)
	}
	if err := accept(k, staff, o); err != nil {
		t.Fatal(err)
	}
	settleAll(k, o.ID)
	handOver(k, staff, k.Order(o.ID))
	for _, bad := range []int64{-1, o.TotalMinor + 1} {
		if _, err := credit(sale.Credit{Reason: "withdrawal", Deduction: bad}); !errors.Is(err, document.ErrCredited) {
			t.Errorf("deduction %d: %v", bad, err)
		}
	}
	if d, err := credit(sale.Credit{Reason: "withdrawal", Deduction: o.TotalMinor}); d != nil || err != nil {
		t.Errorf("everything is kept: %v %v", d, err)
	}
	d, err := credit(sale.Credit{Reason: "withdrawal", Deduction: 120_00})
	if err != nil || d == nil {
		t.Fatal(err)
	}
	inv := papers(k, o.ID)[document.Invoice]
	if d.Total.Minor != inv.Total.Minor-120_00 || d.Content.VAT.Minor != inv.Content.VAT.Minor-20_00 || d.Content.Refers.Number != inv.Number || d.Refers != inv.ID || d.Content.Seller != inv.Content.Seller {
		t.Errorf("%+v", d.Content)
	}
	if again, err := credit(sale.Credit{Reason: "withdrawal", Deduction: 120_00}); err != nil || again.Number != d.Number {
		t.Errorf("again %v %v", again, err)
	}
	healthy(k)
}

// The words an order was placed under stay, whatever the market's file says tomorrow.
func TestAcceptedTextsKeepTheirWords(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o, _ := buyDuster(k, "de")
	mk, _ := k.World.Now().Market("de")
	before := mk.Texts["terms"]
	defer func() { mk.Texts["terms"] = before }()
	words := mk.Say(mk.TextAt("terms", "2026-11-24").Body, "de").Text
	mk.Texts["terms"] = []market.Text{{Version: before[0].Version, From: "2026-01-01", Title: market.Plain("Neu"), Body: market.Plain("Alles anders.")}}
	texts, err := document.TextsOf(k.DB.Read(t.Context()), o.ID)
	if err != nil || len(texts) != 4 || texts[0].Name != "terms" {
		t.Fatalf("%d texts %v", len(texts), err)
	}
	if x := texts[0]; x.Body != words || x.Version != o.TermsVersion || x.SHA256 != document.Hash(x.Words()) || x.Lang != "de" || strings.Contains(x.Body, "Alles anders") {
		t.Errorf("%.80s %s", x.Body, x.Version)
	}
}

// A transaction that fails after the papers were written leaves none, and no hole.
func TestAFailedHandoverLeavesNoPapers(t *testing.T) {
	t.Parallel()
	k := testkit.New(t)
	o, staff := buyDuster(k, "it")
	boom := errors.New("boom")
	for range 3 {
		err := k.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := k.NewCar.AcceptTx(ctx, tx, staff, o.Number); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
	}
	if len(papers(k, o.ID)) > 0 {
		t.Error("papers of nothing")
	}
	if err := accept(k, staff, o); err != nil {
		t.Fatal(err)
	}
	if d := papers(k, o.ID)[document.Confirmation]; d == nil || !strings.HasSuffix(d.Number, "-00001") {
		t.Errorf("%+v", d)
	}
}
