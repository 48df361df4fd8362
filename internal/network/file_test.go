package network_test

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/filecheck"
)

var demoMarkets = []string{"gb", "it", "fr", "de", "es", "ro"}

// leastDealers are those a market must have, and how many of them each brand: the three it began with are dense, the later ones are not yet.
var leastDealers = map[string]struct{ dealers, taking int }{"gb": {15, 15}, "it": {15, 15}, "fr": {15, 15}, "de": {6, 5}, "ro": {6, 5}, "es": {6, 5}}

func readConfig(t *testing.T, path ...string) (string, []byte) {
	t.Helper()
	name := filepath.Join(append([]string{"..", "..", "config"}, path...)...)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return name, data
}

func demoMarket(t *testing.T, code string) *market.Market {
	t.Helper()
	name, data := readConfig(t, "markets", code+".yaml")
	m, problems := market.DecodeMarket(name, data)
	if len(problems) != 0 {
		t.Fatal(filecheck.Problems(problems))
	}
	return m
}

func demoDealers(t *testing.T, code string) []network.Dealer {
	t.Helper()
	name, data := readConfig(t, "dealers", code+".yaml")
	dealers, problems := network.DecodeDealers(name, data, "dacia", "renault")
	if len(problems) != 0 {
		t.Fatal(filecheck.Problems(problems))
	}
	return dealers
}

func demoPlaces(t *testing.T) network.Places {
	t.Helper()
	var all network.Places
	for _, code := range demoMarkets {
		name, data := readConfig(t, "places", code+".yaml")
		places, _, problems := network.DecodePlaces(name, data)
		if len(problems) != 0 {
			t.Fatal(filecheck.Problems(problems))
		}
		all = append(all, places...)
	}
	return all
}

func TestDemoDealers(t *testing.T) {
	t.Parallel()
	places, emails, codes := demoPlaces(t), map[string]bool{}, map[id.Dealer]bool{}
	for _, code := range demoMarkets {
		m, dealers := demoMarket(t, code), demoDealers(t, code)
		if len(dealers) < leastDealers[code].dealers {
			t.Errorf("%s has %d dealers", code, len(dealers))
		}
		postcode := regexp.MustCompile(m.PostcodePattern)
		taking := map[id.Brand]int{}
		for _, d := range dealers {
			if codes[d.Code] || !postcode.MatchString(d.Postcode) || d.Market != m.Code || d.TimeZone != m.TimeZone {
				t.Errorf("%s: code twice, or postcode %q, market %q, zone %q", d.Code, d.Postcode, d.Market, d.TimeZone)
			}
			codes[d.Code] = true
			near, ok := places.Find(m.Code, d.Postcode)
			if !ok || network.Metres(d.Lat, d.Lon, near.Lat, near.Lon) > 110_000 {
				t.Errorf("%s lies %d m from its postcode area %s", d.Code, network.Metres(d.Lat, d.Lon, near.Lat, near.Lon), near.Name)
			}
			if town, ok := places.Find(m.Code, d.Town); !ok || network.Metres(d.Lat, d.Lon, town.Lat, town.Lon) > 25_000 {
				t.Errorf("%s lies %d m from %s (found %v)", d.Code, network.Metres(d.Lat, d.Lon, town.Lat, town.Lon), d.Town, ok)
			}
			if len(d.Staff) == 0 {
				t.Errorf("%s has no demo staff", d.Code)
			}
			for _, s := range d.Staff {
				if emails[s.Email] || !strings.HasSuffix(s.Email, ".example.com") {
					t.Errorf("%s: e-mail %q", d.Code, s.Email)
				}
				emails[s.Email] = true
			}
			for _, b := range []id.Brand{"dacia", "renault"} {
				if d.TakesPart(b, id.FlowNew) {
					taking[b]++
				}
			}
			checkSkillsFitHours(t, d)
		}
		if least := leastDealers[code].taking; taking["dacia"] < least || taking["renault"] < least {
			t.Errorf("%s: taking part %v", code, taking)
		}
	}
}

func checkSkillsFitHours(t *testing.T, d network.Dealer) {
	t.Helper()
	if d.Has(network.SkillWeekend) && len(d.Hours["sat"])+len(d.Hours["sun"]) == 0 {
		t.Errorf("%s hands over at weekends but is shut then", d.Code)
	}
	late := false
	for _, spans := range d.Hours {
		for _, s := range spans {
			late = late || s.Closes >= "19:30"
		}
	}
	if d.Has(network.SkillEvening) && !late {
		t.Errorf("%s hands over in the evening but is shut then", d.Code)
	}
}

func TestDemoPlaces(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for _, p := range demoPlaces(t) {
		count[string(p.Market)+" "+p.Kind]++
	}
	for kind, least := range map[string]int{"gb area": 120, "gb town": 60, "it area": 60, "it town": 100, "fr area": 96, "fr town": 80, "de area": 90, "de town": 60, "ro area": 47, "ro town": 60, "es area": 48, "es town": 65} {
		if count[kind] < least {
			t.Errorf("%d of %s, want %d", count[kind], kind, least)
		}
	}
}

func TestFindPlace(t *testing.T) {
	t.Parallel()
	places := demoPlaces(t)
	for _, c := range []struct {
		market, query, want string
	}{
		{"gb", "Leeds", "Leeds"}, {"gb", "  lEEds ", "Leeds"}, {"gb", "LS3 1LH", "LS"}, {"gb", "ls31lh", "LS"}, {"gb", "L3 8EG", "L"},
		{"gb", "EC1A 1BB", "EC"}, {"gb", "E1 6AN", "E"}, {"gb", "LS", "LS"}, {"gb", "newcastle", "Newcastle upon Tyne"}, {"gb", "ST", "ST"},
		{"gb", "saint albans", "St Albans"}, {"gb", "Leeds, West Yorkshire", "Leeds"}, {"gb", "stoke on trent", "Stoke-on-Trent"},
		{"it", "20121", "20"}, {"it", "00155", "00"}, {"it", "20900", "209"}, {"it", "forli", "Forlì"}, {"it", "FORLÌ", "Forlì"},
		{"it", "l’aquila", "L'Aquila"}, {"it", "reggio emilia", "Reggio Emilia"}, {"it", "47921", "479"}, {"it", "20121 Milano", "20"},
		{"fr", "75011", "75"}, {"fr", "20090", "200"}, {"fr", "20200", "202"}, {"fr", "2a", "2A"}, {"fr", "saint etienne", "Saint-Étienne"},
		{"fr", "ST-ETIENNE", "Saint-Étienne"}, {"fr", "évreux", "Évreux"}, {"fr", "E\u0301VREUX", "Évreux"}, {"fr", "75011 Paris", "75"}, {"fr", "brive", "Brive-la-Gaillarde"},
		{"gb", "Luxembourg", ""}, {"gb", "", ""}, {"gb", " - ", ""}, {"gb", "London Bridge Is Falling", ""}, {"it", "reggio", ""}, {"it", "2", ""},
		{"de", "04109", "04"}, {"de", "koln", "Köln"}, {"de", "frankfurt", "Frankfurt am Main"}, {"de", "80331 München", "80"},
		{"es", "28013", "28"}, {"es", "malaga", "Málaga"}, {"es", "san sebastián", "San Sebastián"}, {"es", "35001", ""},
		{"ro", "400001", "40"}, {"ro", "bucuresti", "București"}, {"ro", "TÂRGU MUREȘ", "Târgu Mureș"}, {"ro", "400001 Cluj-Napoca", "40"},
		{"fr", "99999", ""}, {"fr", "Leeds", ""}, {"gb", "75011", ""}, {"gb", "'; DROP TABLE places", ""}, {"gb", "\xff\xfe", ""}, {"gb", "\u202eLeeds", "Leeds"},
		{"gb", strings.Repeat("Leeds ", 100), ""}, {"", "Leeds", ""},
	} {
		got, ok := places.Find(id.Market(c.market), c.query)
		if got.Name != c.want || ok != (c.want != "") {
			t.Errorf("Find(%q, %q) = %q %v, want %q", c.market, c.query, got.Name, ok, c.want)
		}
	}
}

// The flat map names the same town as the great circle does, for every place of the demo, or one not a kilometre further.
func TestTheNearestTown(t *testing.T) {
	t.Parallel()
	byMarket := map[id.Market]network.Places{}
	for _, p := range demoPlaces(t) {
		byMarket[p.Market] = append(byMarket[p.Market], p)
	}
	for m, all := range byMarket {
		for _, here := range all {
			town, ok := all.Town(here)
			least := int64(math.MaxInt64)
			for _, x := range all {
				if x.Kind == "town" {
					least = min(least, network.Metres(here.Lat, here.Lon, x.Lat, x.Lon))
				}
			}
			if got := network.Metres(here.Lat, here.Lon, town.Lat, town.Lon); ok != (least < math.MaxInt64) || ok && got > least+1000 {
				t.Errorf("%s: from %s the nearest town is %s, %d m away; one is %d m away", m, here.Name, town.Name, got, least)
			}
		}
	}
}
