package intake

import (
	"strconv"
	"strings"
	"time"

	"forecourt/internal/market"
	"forecourt/internal/platform/i18n"
)

// units may stand around a number. Another word there may change what it says: "45k", "45 Tsd.".
var units = map[string]bool{"": true, "eur": true, "euro": true, "gbp": true, "ron": true, "lei": true, "km": true, "kms": true, "mi": true, "miles": true, "kw": true, "cv": true, "ps": true, "hp": true, "bhp": true, "ch": true, "cp": true,
	"g": true, "g km": true}

// bareNumber takes off what stands around a number, and blanks and apostrophes between its groups. neg tells a sign before it.
func bareNumber(text string) (bare string, neg, ok bool) {
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	first, last := strings.IndexFunc(text, digit), strings.LastIndexFunc(text, digit)
	if first < 0 {
		return "", false, false
	}
	before, after := text[:first], text[last+1:]
	neg = strings.ContainsAny(before, "-\u2212(")
	if (before+after != "") && !(units[Fold(before)] && units[Fold(after)]) {
		return "", neg, false
	}
	bare = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f', '\u2009', '\'', '\u2019':
			return ' '
		}
		return r
	}, text[first:last+1])
	for _, r := range bare {
		if !digit(r) && r != '.' && r != ',' && r != ' ' {
			return "", neg, false
		}
	}
	if !strings.Contains(bare, " ") {
		return bare, neg, true
	}
	decimals := ""
	if i := strings.LastIndexAny(bare, ".,"); i > strings.LastIndexByte(bare, ' ') {
		bare, decimals = bare[:i], bare[i:]
	}
	bare, ok = ungroup(bare, ' ')
	return bare + decimals, neg, ok
}

// parts reads a number as its whole part and its decimals. A sign with one or two digits behind it, the last of the number, parts the
// decimals everywhere; one with three digits behind it is what it is in the market. A number that can be read in two ways is none.
func parts(text string, group byte) (whole, decimals string, ok bool) {
	last := strings.LastIndexAny(text, ".,")
	if last < 0 {
		return text, "", text != ""
	}
	sign, behind := text[last], text[last+1:]
	switch {
	case len(behind) != 3 && strings.IndexByte(text, sign) == last && (len(behind) <= 2 || strings.Trim(behind[2:], "0") == ""):
		// decimals; a workbook may write more noughts
		other := byte('.')
		if sign == '.' {
			other = ','
		}
		whole, ok = ungroup(text[:last], other)
		return whole, (behind + "00")[:2], ok
	case sign == group || strings.IndexByte(text, sign) != last: // groups alone
		whole, ok = ungroup(text, sign)
		return whole, "", ok
	}
	return "", "", false
}

// ungroup takes the signs between groups of three out.
func ungroup(text string, sign byte) (string, bool) {
	groups := strings.Split(text, string(sign))
	for i, g := range groups {
		if g == "" || strings.ContainsAny(g, ".,") || i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && len(g) > 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// amount reads money in minor units of two decimals.
func amount(text string, group byte) (int64, Why) {
	bare, neg, ok := bareNumber(text)
	if !ok || bare == "" {
		return 0, WhyAmount
	}
	whole, decimals, ok := parts(bare, group)
	if !ok || len(whole) > 12 {
		return 0, WhyAmount
	}
	n, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	switch {
	case err != nil:
		return 0, WhyAmount
	case neg:
		return 0, WhyNegative
	}
	return n, ""
}

// count reads a whole number.
func count(text string, group byte) (int, Why) {
	bare, neg, ok := bareNumber(text)
	if !ok || bare == "" {
		return 0, WhyNumber
	}
	whole, decimals, ok := parts(bare, group)
	if !ok || strings.Trim(decimals, "0") != "" || len(whole) > 9 {
		return 0, WhyNumber
	}
	n, err := strconv.Atoi(whole)
	switch {
	case err != nil:
		return 0, WhyNumber
	case neg && n > 0:
		return 0, WhyNegative
	}
	return n, ""
}

// The days of workbooks are counted from the end of 1899; these are those of 1950 and of 2099.
const firstDay, lastDay = 18264, 73050

// day reads a day: as ISO 8601 writes it, day first as all markets do, a month alone as its first, or the number of a workbook.
func day(text string) (market.Date, bool) {
	text, _, _ = strings.Cut(text, "T")
	text, _, _ = strings.Cut(text, " ")
	if n, err := strconv.ParseFloat(text, 64); err == nil && n >= firstDay && n <= lastDay && len(strings.SplitN(text, ".", 2)[0]) == 5 {
		return market.DateOf(time.Date(1899, 12, 30+int(n), 0, 0, 0, 0, time.UTC)), true
	}
	text = strings.NewReplacer("/", ".", "-", ".").Replace(text)
	for _, form := range []string{"2006.01.02", "2006.1.2", "2.1.2006", "2.1.06", "1.2006"} {
		if t, err := time.Parse(form, text); err == nil && t.Year() >= 1950 && t.Year() < 2100 {
			return market.DateOf(t), true
		}
	}
	return "", false
}

// Lexicon knows the words for what a car can be said to be: those of the catalogues in every language, and others that
// dealers' programs write.
type Lexicon struct {
	words map[Field]map[string]string
}

// other words, by field and code, without accents.
var others = map[Field]map[string]string{
	Fuel: {"petrol": "benzin|benzina|essence|gasolina|gasoline|unleaded|super|sp95|sp98", "diesel": "gasolio|gazole|gasoil|gasoleo|motorina", "hybrid": "hev|mhev|mild hybrid|full hybrid|ibrida|ibrido|hybride|hibrido|hibrid|benzin hybrid|ibrida benzina|petrol hybrid|essence hybride",
		"plugin": "phev|plug in|plug in hybrid|ibrida plug in|hybride rechargeable|hibrido enchufable|hibrid plug in", "electric": "ev|bev|elektro|elektrisch|elettrica|elettrico|electrique|electrico|electrica|strom", "lpg": "gpl|autogas|glp|benzina gpl|essence gpl"},
	Gearbox: {"manual": "schaltgetriebe|handschaltung|manuale|manuelle|manuell|manuala|mecanique", "automatic": "automatik|automatikgetriebe|automatico|automatique|automatica|automata|automat|auto|dsg|cvt|edc"},
	Body: {"city": "kleinwagen|citycar|utilitaria|citadine|urbano", "hatch": "hatchback|compacte|compacto|compacta|kompakt|kompaktwagen|schragheck|2 volumi", "saloon": "sedan|limousine|berlina|berline", "estate": "kombi|station wagon|sw|break|familiar|touring|wagon",
		"suv": "crossover|4x4|gelandewagen|fuoristrada|tout terrain|todoterreno|suv 4x4", "coupe": "coupe sportivo|sportwagen", "van": "mpv|monovolume|monospace|monovolumen|minivan|kastenwagen|furgone|transporter|utilitaire|furgoneta|duba"},
	Colour:   {"grey": "gray|anthracite|anthrazit|antracite|antracita|antracit", "silver": "argento|argent|plata|silber", "brown": "bronze|marrone|braun"},
	Emission: {"euro4": "4|euro iv", "euro5": "5|5a|5b|euro v|euro 5a|euro 5b", "euro6": "6|6b|6c|euro vi|euro 6b|euro 6c|euro6b|euro6c", "euro6d": "6d|6e|euro 6d|euro 6d temp|euro6d temp|6d temp|euro 6e|euro6e|6d isc fcm", "none": "zero|electric|0|bev"},
	VAT: {"margin": "margin scheme|margine|regime del margine|marge|tva sur la marge|sur marge|rebu|differenzbesteuert|differenzbesteuerung|25a|marja|regimul marjei|non vat qualifying|vat not shown",
		"qualifying": "vat qualifying|vat q|iva esposta|iva deducibile|tva recuperable|iva deducible|mwst ausweisbar|regelbesteuert|tva deductibil|tva deductibila"},
}

// NewLexicon gathers the words.
func NewLexicon(c *i18n.Catalogue) *Lexicon {
	l := &Lexicon{map[Field]map[string]string{}}
	keys := map[Field]string{Body: "used.body.", Fuel: "used.fuel.", Gearbox: "used.gearbox.", Colour: "used.colour.", Emission: "used.emission.", Equipment: "used.equipment.", VAT: "used.stock.vat."}
	for f, codes := range choices {
		l.words[f] = map[string]string{}
		for _, code := range codes {
			for w := range strings.SplitSeq(others[f][code], "|") {
				l.words[f][w] = code
			}
			for _, language := range c.Languages() {
				l.words[f][Fold(c.Printer(language).T(keys[f]+code))] = code
			}
		}
		for _, code := range codes { // last: what the API and a stock taken home say is never another's word
			l.words[f][Fold(code)] = code
		}
		delete(l.words[f], "")
	}
	return l
}

// Choice finds the value that a word means: the word itself, or the one value that is named in it ("Grigio metallizzato").
func (l *Lexicon) Choice(f Field, text string) (string, bool) {
	w := Fold(text)
	if code, ok := l.words[f][w]; ok {
		return code, true
	}
	found := ""
	for part := range strings.FieldsSeq(w) {
		code, ok := l.words[f][part]
		if ok && len(part) > 1 && found != "" && found != code {
			return "", false
		}
		if ok && len(part) > 1 {
			found = code
		}
	}
	return found, found != ""
}

// pieces reads a list of equipment; what no list of ours has is left out.
func (l *Lexicon) pieces(text string) []string {
	var out []string
	have := map[string]bool{}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;|/+\u2022", r) }) {
		if code, ok := l.words[Equipment][Fold(part)]; ok {
			have[code] = true
		}
	}
	for _, code := range choices[Equipment] {
		if have[code] {
			out = append(out, code)
		}
	}
	return out
}
