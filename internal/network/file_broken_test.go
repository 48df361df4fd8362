package network_test

import (
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/platform/filecheck"
)

// smallDealers is the least that a dealers' file may hold; the numbers of its lines count in the tests.
const smallDealers = `market: gb
time_zone: Europe/London
bounds: {south: 49.8, north: 60.9, west: -8.7, east: 1.9}
dealers:
  - code: gb-leeds-a
    name: A
    legal_name: A Ltd
    vat_id: GB 1
    series: GB01
    street: 1 Lane
    town: Leeds
    postcode: LS10 9ZZ
    region: england
    lat: 53.783
    lon: -1.532
    phone: 01632 960110
    email: handover@a.example.com
    hours:
      mon: [{opens: "09:00", closes: "12:00"}, {opens: "13:00", closes: "17:30"}]
    skills: [electric]
    bays: 2
    takes:
      dacia: [new]
    staff:
      - {name: Anna, email: anna@a.example.com}
  - code: gb-leeds-b
    name: B
    legal_name: B Ltd
    vat_id: GB 2
    series: GB02
    street: 2 Lane
    town: Leeds
    postcode: LS10 9ZY
    region: england
    lat: 53.783
    lon: -1.532
    phone: 01632 960111
    email: handover@b.example.com
    hours:
      tue: [{opens: "09:00", closes: "17:30"}]
    skills: []
    bays: 1
    takes:
      dacia: [new]
    staff:
      - {name: Bert, email: bert@b.example.com}
`

func TestSmallestDealersFileIsAccepted(t *testing.T) {
	t.Parallel()
	dealers, problems := network.DecodeDealers("d.yaml", []byte(smallDealers), "dacia")
	if len(problems) != 0 {
		t.Fatal(filecheck.Problems(problems))
	}
	if dealers[1].Market != "gb" || dealers[1].TimeZone != "Europe/London" {
		t.Errorf("a dealer did not take over market and zone of its file: %+v", dealers[1])
	}
}

func TestBrokenDealersAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown key":         {"    bays: 2", "    bays: 2\n    rating: 5", `d.yaml:22: item of dealers has no key "rating"`},
		"key twice":           {"    bays: 2", "    bays: 2\n    bays: 3", `d.yaml:22: key "bays" is given twice, first in line 21`},
		"wrong type":          {"lat: 53.783", "lat: north", `d.yaml:14: lat must be a number, not "north"`},
		"market":              {"market: gb", "market: GBR", `d.yaml:1: market can not be "GBR"; write it like "gb"`},
		"zone":                {"Europe/London", "Europe/Leeds", `d.yaml:2: time_zone "Europe/Leeds" is not known`},
		"no bounds":           {"bounds: {south: 49.8, north: 60.9, west: -8.7, east: 1.9}\n", "", `d.yaml:1: bounds is missing`},
		"bounds upside down":  {"south: 49.8, north: 60.9", "south: 60.9, north: 49.8", `d.yaml:3: bounds must run from south to north and from west to east`},
		"half the bounds":     {", east: 1.9", "", `d.yaml:3: east is missing`},
		"code twice":          {"gb-leeds-b", "gb-leeds-a", `d.yaml:26: dealer gb-leeds-a is given twice`},
		"code of a stranger":  {"gb-leeds-b", "it-leeds-b", `d.yaml:26: code it-leeds-b must begin with its market, gb-`},
		"code with capitals":  {"gb-leeds-b", "gb-Leeds-b", `d.yaml:26: code can not be "gb-Leeds-b"; write it like "gb-leeds-northgate"`},
		"no legal name":       {"    legal_name: A Ltd\n", "", `d.yaml:5: legal_name is missing`},
		"no VAT id":           {"    vat_id: GB 1\n", "", `d.yaml:5: vat_id is missing`},
		"series":              {"series: GB02", "series: gb-2", `d.yaml:30: series can not be "gb-2"; write it like "GB01"`},
		"no region":           {"    region: england\n", "", `d.yaml:5: region is missing`},
		"swapped coordinates": {"    lat: 53.783\n    lon: -1.532", "    lat: -1.532\n    lon: 53.783", `d.yaml:14: the point -1.532, 53.783 lies outside the market`},
		"no latitude":         {"    lat: 53.783\n", "", `d.yaml:5: lat is missing`},
		"phone":               {"01632 960110", "1632-960110", `d.yaml:16: phone can not be "1632-960110"; write it like "01632 960110"`},
		"phone as a number":   {"01632 960110", "01632960110", `d.yaml:16: phone must be text; put 01632960110 in quotes`},
		"e-mail":              {"handover@a.example.com", "handover at a.example.com", `d.yaml:17: email can not be "handover at a.example.com"; write it like anna@example.com, in lower case`},
		"time":                {`opens: "09:00", closes: "12:00"`, `opens: "9:00", closes: "12:00"`, `d.yaml:19: hours on mon can not be "9:00" to "12:00"; write times like "09:00"`},
		"midnight":            {`closes: "17:30"}]`, `closes: "24:00"}]`, `d.yaml:19: hours on mon can not be "13:00" to "24:00"; write times like "09:00"`},
		"closes first":        {`opens: "13:00"`, `opens: "18:00"`, `d.yaml:19: on mon it closes at 17:30, not after it opens at 18:00`},
		"overlap":             {`opens: "13:00"`, `opens: "11:30"`, `d.yaml:19: on mon the span from 11:30 begins before the one to 12:00 is over`},
		"day":                 {"      mon:", "      monday:", `d.yaml:19: there is no day "monday"; write mon, tue, wed, thu, fri, sat, sun`},
		"never open":          {"    hours:\n      tue: [{opens: \"09:00\", closes: \"17:30\"}]\n", "    hours: {}\n", `d.yaml:39: hours is empty`},
		"skill":               {"[electric]", "[electrics]", `d.yaml:20: there is no skill "electrics"`},
		"skill twice":         {"[electric]", "[electric, electric]", `d.yaml:20: skill electric is given twice`},
		"bays":                {"bays: 2", "bays: 7", `d.yaml:21: bays must be from 1 to 6, not 7`},
		"no bays":             {"    bays: 2\n", "", `d.yaml:5: bays is missing`},
		"brand":               {"      dacia: [new]", "      dakia: [new]", `d.yaml:23: there is no brand "dakia"`},
		"flow":                {"dacia: [new]", "dacia: [newcar]", `d.yaml:23: there is no flow "newcar"; it is one of new, used, service`},
		"takes nothing":       {"dacia: [new]", "dacia: []", `d.yaml:23: dacia is empty`},
		"staff twice":         {"bert@b.example.com", "anna@a.example.com", `d.yaml:46: email anna@a.example.com is given twice`},
		"staff without name":  {"{name: Bert, ", "{", `d.yaml:46: name is missing`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := strings.Replace(smallDealers, c.old, c.new, 1)
			if broken == smallDealers {
				t.Fatalf("%q is not in the file", c.old)
			}
			_, problems := network.DecodeDealers("d.yaml", []byte(broken), "dacia")
			if !strings.Contains("\n"+filecheck.Problems(problems).Error()+"\n", "\n"+c.want+"\n") {
				t.Errorf("got\n%v\nwant\n%s", filecheck.Problems(problems), c.want)
			}
		})
	}
}

func TestEveryMistakeOfDealersIsToldAtOnce(t *testing.T) {
	t.Parallel()
	broken := strings.NewReplacer("bays: 2", "bays: two", "tue:", "tues:", "    town: Leeds\n    postcode: LS10 9ZY\n", "", "[electric]", "[magic]").Replace(smallDealers)
	_, problems := network.DecodeDealers("d.yaml", []byte(broken))
	want := `d.yaml:20: there is no skill "magic"
d.yaml:21: bays must be a whole number, not "two"
d.yaml:26: postcode is missing
d.yaml:26: town is missing
d.yaml:38: there is no day "tues"; write mon, tue, wed, thu, fri, sat, sun`
	if got := filecheck.Problems(problems).Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBrokenPlacesAreRefused(t *testing.T) {
	t.Parallel()
	const file = `market: gb
bounds: {south: 49.8, north: 60.9, west: -8.7, east: 1.9}
places:
  - {kind: town, name: Leeds, lat: 53.797, lon: -1.548}
  - {kind: city, name: York, lat: 53.959, lon: -1.082}
  - {kind: town, name: LEEDS, lat: 53.797, lon: -1.548}
  - {kind: area, name: Leeds, lat: 53.797, lon: 15.48}
  - {kind: town, lat: 53.797}
  - {kind: area, name: 20, lat: 53.797, lon: -1.5}
outline:
  - [[55.1, -2.5], [53.2]]
  - [[55.1, -2.5], [53.2, -2.6], [53.2, 26.0]]
`
	_, _, problems := network.DecodePlaces("p.yaml", []byte(file))
	want := `p.yaml:5: kind can not be "city"; it is one of town, area
p.yaml:6: town LEEDS is given twice
p.yaml:7: the point 53.797, 15.48 lies outside the market
p.yaml:8: lon is missing
p.yaml:8: name is missing
p.yaml:9: name must be text; put 20 in quotes
p.yaml:11: a point of the outline is a latitude and a longitude
p.yaml:11: a ring of the outline has at least three points
p.yaml:12: the point 53.2, 26 of the outline lies outside the market`
	if got := filecheck.Problems(problems).Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for name, data := range map[string]string{"empty": "", "no list": "market: gb\nbounds: {south: 1, north: 2, west: 1, east: 2}\n"} {
		if places, _, problems := network.DecodePlaces("p.yaml", []byte(data)); len(problems) == 0 || len(places) != 0 {
			t.Errorf("%s: %v %v", name, places, problems)
		}
	}
}

func TestFindKeepsMarketsApart(t *testing.T) {
	t.Parallel()
	places := network.Places{
		{Market: "it", Kind: "area", Name: "20", Lat: 45.46, Lon: 9.19},
		{Market: "fr", Kind: "area", Name: "20", Lat: 42.1, Lon: 9.0},
	}
	for _, m := range []id.Market{"it", "fr"} {
		if p, ok := places.Find(m, "20121"); !ok || p.Market != m {
			t.Errorf("asked in %s, found in %s", m, p.Market)
		}
	}
}
