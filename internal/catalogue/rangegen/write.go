package rangegen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

// groupKeys are the lists of a range file in their order.
var groupKeys = []struct {
	group catalogue.Group
	key   string
}{
	{catalogue.Version, "versions"}, {catalogue.Engine, "engines"}, {catalogue.Colour, "colours"},
	{catalogue.Upholstery, "upholstery"}, {catalogue.Wheels, "wheels"}, {catalogue.Options, "options"},
}

// write gives the file of a range, the same bytes for the same range.
func write(r *catalogue.Range) []byte {
	w := &bytes.Buffer{}
	fmt.Fprintf(w, "# A generated range for benchmarks and demos. No such car exists.\nbrand: %s\nmodel: %s\nname: %s\nbody: %s\n", r.Brand, r.Model, quoted(r.Name), r.Body)
	fmt.Fprintf(w, "seats: %d\norder: %d\nstrapline: %s\ntags: [%s]\nweeks_from: %d\nweeks_to: %d\nshow_off: %s\n",
		r.Seats, r.Order, wordsOf(r.Strapline), strings.Join(r.Tags, ", "), r.WeeksFrom, r.WeeksTo, listOf(r.ShowOff))
	for _, g := range groupKeys {
		fmt.Fprintf(w, "\n%s:\n", g.key)
		for i := range r.Features {
			if f := &r.Features[i]; f.Group == g.group {
				fmt.Fprintf(w, "  - {%s}\n", featureOf(f))
			}
		}
	}
	fmt.Fprint(w, "\nrules:\n")
	for i := range r.Rules {
		writeRule(w, &r.Rules[i])
	}
	fmt.Fprint(w, "\nprices:\n")
	for _, m := range slices.Sorted(maps.Keys(r.Prices)) {
		fmt.Fprintf(w, "  %s:\n", m)
		for _, l := range r.Prices[m] {
			writePrices(w, r, &l)
		}
	}
	return w.Bytes()
}

func featureOf(f *catalogue.Feature) string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "code: %s, name: %s", f.Code, wordsOf(f.Name))
	if e := f.Engine; e != nil {
		fmt.Fprintf(b, ", engine: {fuel: %s, kw: %d, co2: %d, mass_kg: %d, litres_100: %d, ", e.Fuel, e.KW, e.CO2, e.MassKg, e.Litres100)
		if e.KWh100 > 0 {
			fmt.Fprintf(b, "kwh_100: %d, range_km: %d, ", e.KWh100, e.RangeKm)
		}
		fmt.Fprintf(b, "gearbox: %s, drive: %s, towing_kg: %d}", e.Gearbox, e.Drive, e.TowingKg)
	}
	for _, pair := range [][2]string{{"hex", f.Hex}, {"finish", f.Finish}, {"design", f.Design}, {"draws", f.Draws}} {
		if pair[1] != "" {
			fmt.Fprintf(b, ", %s: %s", pair[0], quoted(pair[1]))
		}
	}
	if f.Inches > 0 {
		fmt.Fprintf(b, ", inches: %d", f.Inches)
	}
	if f.Pack {
		b.WriteString(", pack: true")
	}
	return b.String()
}

func writeRule(w *bytes.Buffer, r *catalogue.Rule) {
	fmt.Fprintf(w, "  - {kind: %s", r.Kind)
	if r.Kind == catalogue.OnlyWith {
		fmt.Fprintf(w, ", of: %s, rows: [", listOf(r.Of))
		for _, row := range r.Rows {
			cells := make([]string, len(row))
			for i, c := range row {
				cells[i] = cellOf(c)
			}
			fmt.Fprintf(w, "\n      [%s],", strings.Join(cells, ", "))
		}
		fmt.Fprint(w, "]")
	} else {
		fmt.Fprintf(w, ", if: %s, any: %s", r.If, listOf(r.Any))
	}
	for _, pair := range [][2]string{{"from", string(r.From)}, {"to", string(r.To)}} {
		if pair[1] != "" {
			fmt.Fprintf(w, ", %s: %s", pair[0], pair[1])
		}
	}
	if len(r.Markets) > 0 {
		fmt.Fprintf(w, ", markets: %s", listOf(r.Markets))
	}
	if len(r.Because) > 0 {
		fmt.Fprintf(w, ",\n      because: %s", wordsOf(r.Because))
	}
	fmt.Fprint(w, "}\n")
}

func writePrices(w *bytes.Buffer, r *catalogue.Range, l *catalogue.PriceList) {
	fmt.Fprintf(w, "    - version: %s\n      from: %s\n      amounts: {", l.Version, l.From)
	n := 0
	for i := range r.Features {
		minor, sold := l.Amounts[r.Features[i].Code]
		if !sold {
			continue
		}
		if n%6 == 0 {
			fmt.Fprint(w, "\n        ")
		}
		fmt.Fprintf(w, "%s: %d, ", r.Features[i].Code, minor)
		n++
	}
	fmt.Fprint(w, "\n      }\n")
}

// cellOf quotes what YAML would take for something else.
func cellOf(c catalogue.Cell) string {
	switch {
	case len(c) == 0:
		return `"*"`
	case len(c) == 1 && c[0] == catalogue.Without:
		return `"-"`
	case len(c) == 1:
		return string(c[0])
	default:
		return listOf([]id.Feature(c))
	}
}

func listOf[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, x := range words {
		out[i] = string(x)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func wordsOf(w catalogue.Words) string {
	if one, ok := w[""]; ok {
		return quoted(one)
	}
	var out []string
	for _, lang := range catalogue.Languages() {
		if text, ok := w[lang]; ok {
			out = append(out, lang+": "+quoted(text))
		}
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// quoted is a text in double quotes; what JSON reads, YAML reads too.
func quoted(s string) string {
	out, err := json.Marshal(s)
	if err != nil {
		return `""` // a string is always written
	}
	return string(out)
}
