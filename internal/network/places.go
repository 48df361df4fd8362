package network

import (
	"math"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"forecourt/internal/id"
)

// Places is a list to search in.
type Places []Place

const (
	longestQuery    = 80 // bytes; no town and no postcode is longer
	longestPostcode = 7  // letters and digits of "SW1A 1AA"
)

// Find understands what a buyer types to say where he is: a town ("leeds", "saint etienne"), the
// beginning of a town's name ("newcastle"), a postcode area ("LS") or a postcode ("LS3 1LH",
// "75011"), which lies in the area with the longest matching beginning. Case, accents and
// hyphens do not matter.
func (ps Places) Find(market id.Market, query string) (Place, bool) {
	if len(query) > longestQuery || !utf8.ValidString(query) {
		return Place{}, false
	}
	beforeComma, _, _ := strings.Cut(query, ",")
	words := fold(query)
	first, _, _ := strings.Cut(words, " ")
	if p, ok := ps.town(market, townKey(query)); ok {
		return p, true
	}
	if p, ok := ps.town(market, townKey(beforeComma)); ok {
		return p, true
	}
	if p, ok := ps.area(market, words); ok {
		return p, true
	}
	if n := len(first); n == 5 || n == 6 { // "75011 Paris", "400001 Cluj-Napoca"
		if p, ok := ps.area(market, first); ok {
			return p, true
		}
	}
	return ps.onlyTownBeginning(market, townKey(query))
}

// Town is the town nearest to a place. A queue asks it for each row: within a country a flat map is near enough to tell
// which is nearest, and needs one cosine instead of five sines for every town.
func (ps Places) Town(near Place) (best Place, ok bool) {
	least, narrow := math.MaxFloat64, math.Cos(near.Lat*math.Pi/180)
	for _, x := range ps {
		up, across := x.Lat-near.Lat, (x.Lon-near.Lon)*narrow
		if d := up*up + across*across; x.Kind == "town" && d < least {
			best, least, ok = x, d, true
		}
	}
	return best, ok
}

// folded keeps the search key of each town's name: names come from files, so there are few.
var folded sync.Map

func townKeyKept(name string) string {
	if v, ok := folded.Load(name); ok {
		return v.(string)
	}
	k := townKey(name)
	folded.Store(name, k)
	return k
}

func (ps Places) town(market id.Market, key string) (Place, bool) {
	for _, p := range ps {
		if p.Kind == "town" && p.Market == market && townKeyKept(p.Name) == key {
			return p, true
		}
	}
	return Place{}, false
}

// onlyTownBeginning finds no town when two begin alike: to guess would sort by the wrong distance.
func (ps Places) onlyTownBeginning(market id.Market, key string) (Place, bool) {
	var begins []Place
	for _, p := range ps {
		if p.Market == market && p.Kind == "town" && key != "" && strings.HasPrefix(townKeyKept(p.Name), key+" ") {
			begins = append(begins, p)
		}
	}
	if len(begins) != 1 {
		return Place{}, false
	}
	return begins[0], true
}

func (ps Places) area(market id.Market, words string) (Place, bool) {
	code := strings.ToUpper(strings.ReplaceAll(words, " ", ""))
	if len(code) > longestPostcode {
		return Place{}, false
	}
	best, ok := Place{}, false
	for _, p := range ps {
		if p.Market != market || p.Kind != "area" || len(p.Name) <= len(best.Name) {
			continue
		}
		if rest, found := strings.CutPrefix(code, p.Name); found && continues(rest) {
			best, ok = p, true
		}
	}
	return best, ok
}

// continues tells whether what follows an area's letters goes on as postcodes do, with a digit: so
// "LUXEMBOURG" is not in Luton and "LS3" not in Liverpool.
func continues(rest string) bool {
	return rest == "" || rest[0] >= '0' && rest[0] <= '9'
}

// townKey is fold with the short forms of saints written out, on both sides of a comparison.
func townKey(s string) string {
	words := strings.Fields(fold(s))
	for i, w := range words {
		switch w {
		case "st":
			words[i] = "saint"
		case "ste":
			words[i] = "sainte"
		}
	}
	return strings.Join(words, " ")
}

// fold makes names comparable: lower case, no accents, one space between words.
func fold(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(unicode.ToLower(r))
		default:
			space = true
		}
	}
	return b.String()
}
