package storefront_test

import (
	"context"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/document"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
	"forecourt/internal/stripesim/banktest"
	"forecourt/internal/testkit"
)

var proofLink = regexp.MustCompile(`href="(/[a-z]+/[a-z]+/price\?[^"]+)"`)

// proven follows the price codes of a page: each is right, and all are of one total, in minor units.
func (s *shop) proven(path string) int64 {
	s.T.Helper()
	links := proofLink.FindAllStringSubmatch(s.page(path).body, -1)
	if len(links) == 0 {
		s.T.Fatalf("no price code on %s", path)
	}
	total := int64(0)
	for _, l := range links {
		at := html.UnescapeString(l[1])
		u, err := url.Parse(at)
		must(s.T, err)
		var n int64
		_, err = fmt.Sscan(u.Query().Get("total"), &n)
		must(s.T, err)
		if a := s.page(at); !strings.Contains(a.body, `class="note good stack"`) {
			s.T.Errorf("%s: the price of %s is not proven: %s", path, at, a.text())
		}
		if total != 0 && n != total {
			s.T.Errorf("%s shows %d and %d", path, total, n)
		}
		total = n
	}
	return total
}

// The same car costs the same to the cent wherever it is priced: in the list, on its page, in the
// configurator, as a saved build, on the check page, at the card bank, on the order, on the invoice and in
// the ledger, in every market.
func TestAPriceIsOnePriceFromTheListToTheInvoice(t *testing.T) {
	t.Parallel()
	for _, m := range []id.Market{"gb", "it", "fr", "de", "es", "ro"} {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			s := open(t)
			rng := rand.New(rand.NewPCG(uint64(m[0]), uint64(m[1])))
			w := s.World.Now()
			list := s.page("/dacia/" + string(m)).body
			for _, code := range []id.Model{"duster", "sandero"} {
				model, err := w.Model("dacia", m, code, "2026-11-24")
				must(t, err)
				base := fmt.Sprintf("/dacia/%s/new/%s", m, code)
				from := s.proven(base)
				mk, _ := w.Market(m)
				if said := s.web.Catalogue.Printer(mk.Locale).MoneyShort(mk.Amount(from)); from != model.From().Total.Minor || !strings.Contains(html.UnescapeString(list), said) {
					t.Errorf("%s: from %d on its page, %s in the list", code, from, model.From().Total)
				}
				s.oneCar(m, code, base, picks(t, model, w, code, rng))
			}
		})
	}
}

// picks draws a car: some options that go together.
func picks(t *testing.T, model *configurator.Model, w interface {
	Range(id.Brand, id.Model) (*catalogue.Range, bool)
}, code id.Model, rng *rand.Rand) configurator.Selection {
	t.Helper()
	r, _ := w.Range("dacia", code)
	var out configurator.Selection
	for range 6 {
		f := r.Features[rng.IntN(len(r.Features))]
		if b, err := model.Complete(append(out, f.Code)); err == nil && len(b.Selection) > 0 {
			out = append(out, f.Code)
		}
	}
	return out
}

func (s *shop) oneCar(m id.Market, code id.Model, base string, picked configurator.Selection) {
	s.T.Helper()
	w, shop := s.World.Now(), sale.Shop{Brand: "dacia", Market: m, Flow: id.FlowNew}
	total := s.proven(base + "/configure?s=" + configurator.Encode(picked))
	dealer := w.Dealers("dacia", m, id.FlowNew)[0].Code
	buyer := testkit.Buyer
	buyer.Market = m
	var token string
	var saved *ordering.Configuration
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		build := newcar.Build{Shop: shop, Model: code, Selection: picked}
		draft, err := s.NewCar.StartTx(ctx, tx, build, dealer, nil)
		if err != nil {
			return err
		}
		token = s.NewCar.Tokens.Draft(draft)
		if saved, err = s.NewCar.SaveTx(tx, build); err != nil {
			return err
		}
		return s.NewCar.GiveDetailsTx(tx, shop, token, buyer)
	})
	check := fmt.Sprintf("/dacia/%s/checkout/%s", m, token)
	for _, page := range []string{check + "/check", fmt.Sprintf("/dacia/%s/build/%s", m, ordering.Pretty(saved.Code))} {
		if n := s.proven(page); n != total {
			s.T.Errorf("%s %v: %d in the configurator, %d on %s", code, picked, total, n, page)
		}
	}
	a := s.post(check+"/pay", with(s.page(check+"/check").form(s.T, check+"/pay"), "terms", "yes"))
	if a.status != 303 {
		s.T.Fatalf("pay: %d %s", a.status, a.text())
	}
	back, err := banktest.Pay(s.T.Context(), nil, a.to(), testkit.Good)
	must(s.T, err)
	order, _, _ := strings.Cut(s.get(back).to(), "?")
	o, err := ordering.OrderByToken(s.DB.Read(s.T.Context()), "dacia", m, order[strings.LastIndex(order, "/")+1:], s.Clock.Now())
	must(s.T, err)
	ps, err := payment.Of(s.DB.Read(s.T.Context()), o.ID)
	must(s.T, err)
	asked, err := s.NewCar.Gateway.Intent(s.T.Context(), ps[0].IntentID)
	must(s.T, err)
	if o.TotalMinor != total || s.proven(order) != total || asked.Capturable+asked.Received != o.DepositMinor || ps[0].Amount != o.Deposit() {
		s.T.Errorf("%s %v: %d shown, ordered for %d, the bank has %d of %d", code, picked, total, o.TotalMinor, asked.Capturable+asked.Received, o.DepositMinor)
	}
	o = s.Deliver(o)
	inv, err := document.Latest(s.DB.Read(s.T.Context()), o.ID, document.Invoice)
	must(s.T, err)
	paid, err := payment.PaidMinor(s.DB.Read(s.T.Context()), o.ID)
	must(s.T, err)
	if inv.Total.Minor != total || inv.Content.VAT != o.Snapshot.Quote.VAT || paid != total || !inv.Content.Due.IsZero() {
		s.T.Errorf("%s %v: %d shown, invoice over %s, paid %d", code, picked, total, inv.Total, paid)
	}
	s.Tx(func(_ context.Context, tx *db.Tx) error { // the next car needs the number
		return tx.Exec(`UPDATE orders SET vin = 'VF1RJA00X747K2M' || lpad((SELECT count(*)::text FROM orders), 2, '0') WHERE id = ?`, o.ID).Error
	})
}

func TestAChangedPriceIsNotProven(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.page(cheapDuster)
	link := html.UnescapeString(proofLink.FindStringSubmatch(page.body)[1])
	u, err := url.Parse(link)
	must(t, err)
	for name, change := range map[string]func(q url.Values){
		"a pound less":     func(q url.Values) { q.Set("total", "100") },
		"another day":      func(q url.Values) { q.Set("day", "2026-11-23") },
		"another car":      func(q url.Values) { q.Set("model", "sandero") },
		"another code":     func(q url.Values) { q.Set("code", "2222-2222-2222-2222") },
		"no facts":         func(q url.Values) { q.Del("total") },
		"letters as total": func(q url.Values) { q.Set("total", "x") },
	} {
		q := u.Query()
		change(q)
		if a := s.page(u.Path + "?" + q.Encode()); !strings.Contains(a.body, `class="note bad stack"`) || !strings.Contains(a.text(), "does not belong to this price") {
			t.Errorf("%s: %s", name, a.text())
		}
	}
	q := u.Query()
	q.Set("code", strings.ToLower(strings.ReplaceAll(q.Get("code"), "-", " ")))
	if a := s.page(u.Path + "?" + q.Encode()); !strings.Contains(a.body, `class="note good stack"`) || !strings.Contains(a.text(), "Equal to the cent") {
		t.Errorf("a code as people type it: %s", a.text())
	}
	if a := s.page("/dacia/gb/price"); !strings.Contains(a.text(), "Open the code beside a price") {
		t.Errorf("without anything: %s", a.text())
	}
	r, _ := s.World.Now().Range("dacia", "duster")
	for _, l := range r.Prices["gb"] {
		for f := range l.Amounts {
			l.Amounts[f]++ // somebody changes an old list
		}
	}
	if a := s.page(link); !strings.Contains(a.text(), "Not equal") {
		t.Errorf("a changed list is not seen: %s", a.text())
	}
}
