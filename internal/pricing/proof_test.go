package pricing_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/pricing"

	"pgregory.net/rapid"
)

var signer = pricing.NewSigner([]byte("a secret of the tests of 32 bytes"))

func TestACodeProvesItsPriceAndNoOther(t *testing.T) {
	t.Parallel()
	m := real(t, "fr")
	r := testRange("fr", catalogue.EngineFacts{CO2: 128, MassKg: 1600, KW: 96}, plainAmounts())
	q, err := pricing.OnTheRoad(m, r, car, func(f id.Feature) bool { return f == "rails" }, "2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	f := pricing.FactsOf(q)
	code := signer.Code(f)
	if !regexp.MustCompile(`^([2-9A-HJKMNP-Z]{4}-){3}[2-9A-HJKMNP-Z]{4}$`).MatchString(code) || code != signer.Code(pricing.FactsOf(q)) {
		t.Fatalf("code %s", code)
	}
	back, err := pricing.ParseFacts("dacia", m, url.Values(f.Query()))
	if err != nil || signer.Code(back) != code {
		t.Fatalf("%+v %v", back, err)
	}
	again, err := back.Again(m, r)
	if err != nil || again.Total != q.Total || again.VAT != q.VAT || len(again.Lines) != len(q.Lines) {
		t.Fatalf("computed again: %s of %s, %v", again.Total, q.Total, err)
	}
	for _, typed := range []string{code, strings.ToLower(code), strings.ReplaceAll(code, "-", ""), strings.ReplaceAll(code, "-", " ")} {
		if !signer.Proves(typed, f) {
			t.Errorf("%q does not prove it", typed)
		}
	}
	for name, spoil := range map[string]func(*pricing.Facts){
		"brand": func(f *pricing.Facts) { f.Brand = "renault" }, "market": func(f *pricing.Facts) { f.Market = "de" }, "model": func(f *pricing.Facts) { f.Model = "x" },
		"day": func(f *pricing.Facts) { f.Day = "2026-11-25" }, "list": func(f *pricing.Facts) { f.List = "two" }, "total": func(f *pricing.Facts) { f.Total.Minor-- },
		"currency": func(f *pricing.Facts) { f.Total.Currency = "GBP" }, "less": func(f *pricing.Facts) { f.Paid = f.Paid[1:] },
		"moved": func(f *pricing.Facts) { f.Paid, f.Included = append(f.Paid, f.Included...), nil },
	} {
		other := pricing.FactsOf(q)
		spoil(&other)
		if signer.Proves(code, other) {
			t.Errorf("the code proves another %s", name)
		}
	}
	if pricing.NewSigner([]byte("another secret of 32 bytes or more")).Proves(code, f) || signer.Proves("", f) || signer.Proves(code[:18], f) {
		t.Error("a code of another secret, none or half of one proves it")
	}
}

// A new price list or rule of a later day changes nothing for the old day.
func TestALaterListLeavesAnOldPriceAsItWas(t *testing.T) {
	t.Parallel()
	m := real(t, "ro")
	r := testRange("ro", catalogue.EngineFacts{}, map[id.Feature]int64{"base": 11_900_00, "engine": 0})
	q, err := pricing.OnTheRoad(m, r, []id.Feature{"base", "engine"}, nil, "2025-07-31")
	if err != nil {
		t.Fatal(err)
	}
	r.Prices["ro"] = append(r.Prices["ro"], catalogue.PriceList{Version: "two", From: "2025-08-01", Amounts: map[id.Feature]int64{"base": 12_500_00, "engine": 0}})
	again, err := pricing.FactsOf(q).Again(m, r)
	if err != nil || again.Total != q.Total || again.VATRateBP != 1900 || again.PriceVersion != q.PriceVersion {
		t.Errorf("%s by %s at %d, %v", again.Total, again.PriceVersion, again.VATRateBP, err)
	}
	r.Prices["ro"][0].Amounts["base"] = 11_900_01
	if changed, err := pricing.FactsOf(q).Again(m, r); err != nil || changed.Total == q.Total {
		t.Error("a changed old list is not seen")
	}
}

func TestAnyAddressIsReadOrRefused(t *testing.T) {
	t.Parallel()
	m := real(t, "gb")
	rapid.Check(t, func(r *rapid.T) {
		q := url.Values{}
		for _, k := range []string{"model", "day", "list", "s", "i", "total"} {
			q.Set(k, rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"duster", "2026-11-24", "a.b", "-1", "9223372036854775808", "100"})).Draw(r, k))
		}
		f, err := pricing.ParseFacts("dacia", m, q)
		if err == nil && (f.Total.Minor <= 0 || !f.Day.Valid()) {
			r.Fatalf("%+v", f)
		}
	})
}
