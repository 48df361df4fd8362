package aftersales_test

import (
	"testing"

	"forecourt/config"
	"forecourt/internal/aftersales"
	"forecourt/internal/id"
	"forecourt/internal/platform/filecheck"
)

// demoBook is the book of the files in the binary.
func demoBook(t testing.TB) *aftersales.Book {
	t.Helper()
	b := &aftersales.Book{Markets: map[id.Market]*aftersales.MarketBook{}}
	must := func(ps []filecheck.Problem) {
		t.Helper()
		if len(ps) > 0 {
			t.Fatalf("%v", ps)
		}
	}
	read := func(name string) (string, []byte) {
		data, err := config.World.ReadFile("service/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return name, data
	}
	var ps []filecheck.Problem
	name, data := read("parts.yaml")
	b.Goods, ps = aftersales.DecodeGoods(name, data)
	must(ps)
	name, data = read("menu.yaml")
	b.Menu, ps = aftersales.DecodeMenu(name, data, &b.Goods)
	must(ps)
	name, data = read("recalls.yaml")
	b.Recalls, ps = aftersales.DecodeRecalls(name, data, &b.Goods)
	must(ps)
	name, data = read("contracts.yaml")
	b.Contracts, ps = aftersales.DecodeContracts(name, data, &b.Menu)
	must(ps)
	for _, m := range []string{"de", "es", "fr", "gb", "it", "ro", "zz"} {
		name, data = read("markets/" + m + ".yaml")
		mb, ps := aftersales.DecodeMarket(name, data, b)
		must(ps)
		b.Markets[id.Market(m)] = mb
	}
	return b
}

// Every item of the menu has a price in each of its variants in every market, and everything that is sold one too.
func TestTheDemoBookIsWhole(t *testing.T) {
	t.Parallel()
	b := demoBook(t)
	for code, m := range b.Markets {
		p := m.PricesAt("2026-11-24")
		for _, it := range b.Items {
			for _, v := range it.Variants {
				if p.Items[it.Code][v.Code] == 0 {
					t.Errorf("%s: %s %s has no price", code, it.Code, v.Code)
				}
			}
		}
		for _, x := range b.Parts {
			if (x.Kind != aftersales.PartOfWork) != (p.Parts[x.Code] > 0) {
				t.Errorf("%s: price of %s: %d", code, x.Code, p.Parts[x.Code])
			}
		}
		for _, x := range b.Contracts {
			if p.Contracts[x.Code] == 0 {
				t.Errorf("%s: %s has no price", code, x.Code)
			}
		}
	}
	for _, code := range []string{"annual-service", "brake-fluid", "tyres", "battery-check"} {
		if _, ok := b.Item(code); !ok {
			t.Errorf("warnings name %s, which is not on the menu", code)
		}
	}
}
