package dealer_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/sale"
)

// sound reads XML to its end; what no parser would take fails.
func sound(t *testing.T, body string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(body))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("no XML: %v\n%s", err, body)
		}
	}
}

type lead struct {
	Prospects []struct {
		ID      string `xml:"id"`
		Vehicle struct {
			Make  string `xml:"make"`
			VIN   string `xml:"vin"`
			Price string `xml:"price"`
		} `xml:"vehicle"`
		Contact struct {
			Name   string `xml:"name"`
			Email  string `xml:"email"`
			Street string `xml:"address>street"`
		} `xml:"customer>contact"`
		Vendor string `xml:"vendor>vendorname"`
	} `xml:"prospect"`
}

func TestOrdersAreExportedAsLeads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, other := b.staffOf(leeds), b.staffOf(london)
	waiting := b.offer(leeds)
	evil := buyer
	evil.Name, evil.Street = `</name><vendor>"Zoe' & <![CDATA[ ]]> &amp; <?x?>`, "1 <script>alert(1)</script> \uFFFE Road"
	taken := b.offerOf(newcar.Build{Shop: sale.Shop{Brand: "dacia", Market: "gb", Flow: id.FlowNew}, Model: "duster"}, evil, leeds)
	b.walk(taken, s, ordering.InTransit)
	get := func(who *staff, path string) (out lead) {
		t.Helper()
		a := who.get(path)
		if a.status != 200 || !strings.HasPrefix(a.body, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<?ADF VERSION="1.0"?>`+"\n<adf>") {
			t.Fatalf("%s: %d %.200s", path, a.status, a.body)
		}
		sound(t, a.body)
		if err := xml.Unmarshal([]byte(a.body), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	one := get(s, "/dealer/orders/"+taken.Number+"/lead.xml")
	if len(one.Prospects) != 1 {
		t.Fatalf("%+v", one)
	}
	p := one.Prospects[0]
	if p.Contact.Name != evil.Name || p.Contact.Email != evil.Email || p.Vehicle.VIN != taken.VIN || p.Vehicle.Make != "Dacia" || p.Vendor != "Northgate Motors Leeds" || !strings.Contains(p.Contact.Street, "<script>") || len(p.Vehicle.Price) < 4 {
		t.Errorf("after the accept: %+v", p)
	}
	before := s.get("/dealer/orders/" + waiting.Number + "/lead.xml").body
	for _, secret := range []string{buyer.Name, buyer.Email, buyer.Phone, buyer.Street, buyer.Town, buyer.Postcode} {
		if strings.Contains(before, secret) {
			t.Errorf("before the accept the lead holds %q", secret)
		}
	}
	if p := get(s, "/dealer/orders/"+waiting.Number+"/lead.xml").Prospects[0]; p.Contact.Name != "Order "+waiting.Number {
		t.Errorf("before the accept: %+v", p)
	}
	if a := other.get("/dealer/orders/" + taken.Number + "/lead.xml"); a.status != 404 {
		t.Errorf("another dealer: %d", a.status)
	}
	if n := len(get(s, "/dealer/leads.xml").Prospects); n != 2 {
		t.Errorf("%d leads of the last days", n)
	}
	for _, q := range []string{"?from=2020-01-01&to=2020-02-01", "?from=0000-01-01&to=0000-01-02", "?from=9999-12-31&to=9999-12-31", "?from=2999-01-01"} {
		if n := len(get(s, "/dealer/leads.xml"+q).Prospects); n != 0 {
			t.Errorf("%s: %d leads", q, n)
		}
	}
	if n := len(get(s, "/dealer/leads.xml?from=x&to=<y>").Prospects); n != 2 {
		t.Errorf("odd days: %d leads", n)
	}
	if n := len(get(other, "/dealer/leads.xml").Prospects); n != 0 {
		t.Errorf("another dealer has %d leads of ours", n)
	}
	if page := s.get("/dealer/orders/" + taken.Number).body; !strings.Contains(page, taken.Number+"/lead.xml") {
		t.Error("the order does not lead to its lead")
	}
}
