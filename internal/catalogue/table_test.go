package catalogue

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

// soundTable stands in front of the other rules of the sound range, in line 30.
const soundTable = `  - {kind: only_with, of: [version, wheels, bars], rows: [[basic, "*", "-"], [[basic, plus], steel-15, bars]], because: {en: A., it: B., fr: C.}}` + "\n"

func withTable() string { return strings.Replace(sound, "rules:\n", "rules:\n"+soundTable, 1) }

func TestTablesAreRead(t *testing.T) {
	t.Parallel()
	r, problems := DecodeRange("acme/pony.yaml", []byte(withTable()))
	if len(problems) > 0 {
		t.Fatalf("%v", filecheck.Problems(problems))
	}
	want := []Row{{{"basic"}, nil, {Without}}, {{"basic", "plus"}, {"steel-15"}, {"bars"}}}
	if rule := r.Rules[0]; rule.Kind != OnlyWith || !reflect.DeepEqual(rule.Rows, want) || strings.Join(rule.Of, " ") != "version wheels bars" {
		t.Errorf("read %+v", rule)
	}
	for code, named := range map[id.Feature]bool{"basic": true, "bars": true, "steel-15": true, "radio": false, "white": false, Without: false, "": false} {
		if r.Rules[0].Names(code) != named {
			t.Errorf("the table names %q: %v", code, !named)
		}
	}
	if last := r.Rules[2]; !last.Names("bars") || !last.Names("plus") || last.Names("basic") {
		t.Errorf("%+v does not know its features", last)
	}
}

func TestTablesSurviveTheStore(t *testing.T) {
	t.Parallel()
	r, _ := DecodeRange("acme/pony.yaml", []byte(withTable()))
	stored, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if short := `"rows":[["basic","*","-"],[["basic","plus"],"steel-15","bars"]]`; !strings.Contains(string(stored), short) {
		t.Errorf("stored as %s", stored)
	}
	var back Range
	if err := json.Unmarshal(stored, &back); err != nil || !reflect.DeepEqual(back.Rules, r.Rules) {
		t.Errorf("came back as %+v, %v", back.Rules, err)
	}
	var cells Row
	if err := json.Unmarshal([]byte(`[null, "*", [], "a", ["a","b"]]`), &cells); err != nil || !cells[0].Fits("x") || !cells[1].Fits("x") ||
		!cells[2].Fits("x") || cells[3].Fits("x") || !cells[4].Fits("b") {
		t.Errorf("read %v, %v", cells, err)
	}
	if json.Unmarshal([]byte(`[7]`), &cells) == nil || json.Unmarshal([]byte(`[{"a":1}]`), &cells) == nil {
		t.Error("a number or a group is taken for a cell")
	}
}

func TestTablesNameEachMistake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, to, want string }{
		"unknown column":        {"wheels, bars]", "doors, bars]", `30: a column is version, engine, colour, upholstery, wheels or the code of an option, not "doors"`},
		"all options":           {"wheels, bars]", "options, bars]", `30: a column is version, engine, colour, upholstery, wheels or the code of an option, not "options"`},
		"colour as a column":    {"wheels, bars]", "white, bars]", `30: a column is version, engine, colour, upholstery, wheels or the code of an option, not "white"`},
		"column twice":          {"wheels, bars]", "version, bars]", `30: column "version" is named twice`},
		"no column":             {"of: [version, wheels, bars]", "of: []", `30: of names no column`},
		"columns left out":      {"of: [version, wheels, bars], ", "", `30: of is missing`},
		"nine columns":          {"of: [version,", "of: [a1, a2, a3, a4, a5, a6, version,", `30: a table has at most 8 columns, not 9`},
		"rows left out":         {`rows: [[basic, "*", "-"], [[basic, plus], steel-15, bars]], `, "", `30: rows is missing`},
		"no rows":               {`[[basic, "*", "-"], [[basic, plus], steel-15, bars]]`, "[]", `30: rows is empty, so the table forbids every car`},
		"short row":             {`[basic, "*", "-"]`, `[basic, "*"]`, `30: a row has a cell for each of version, wheels, bars, not 2 cells`},
		"row that is a word":    {`[basic, "*", "-"]`, `basic`, `30: item of rows must be a list, not the value "basic"`},
		"cell of another group": {`[basic, "*", "-"]`, `[t90, "*", "-"]`, `30: "t90" is of engines and can not stand under version`},
		"cell of nothing":       {`[basic, "*", "-"]`, `[gold, "*", "-"]`, `30: there is no feature "gold" in this range`},
		"cell of other option":  {`[basic, "*", "-"]`, `[basic, "*", radio]`, `30: under option "bars" stands "bars" or "-", not "radio"`},
		"without a version":     {`[basic, "*", "-"]`, `["-", "*", bars]`, `30: there is no feature "-" in this range`},
		"twice in a cell":       {`[[basic, plus],`, `[[basic, basic],`, `30: "basic" is named twice`},
		"empty cell":            {`[basic, "*", "-"]`, `[basic, [], "-"]`, `30: the cell is empty; write "*" for anything`},
		"row of everything":     {`[basic, "*", "-"]`, `["*", "*", "*"]`, `30: this row fits every car, so the table forbids nothing`},
		"star in a list":        {`[[basic, plus],`, `[[basic, "*"],`, `30: there is no feature "*" in this range`},
		"number in a cell":      {`[basic, "*", "-"]`, `[basic, 16, "-"]`, `30: item of item of rows must be text; put 16 in quotes`},
		"star without quotes":   {`[basic, "*", "-"]`, `[basic, *, "-"]`, `30: not readable as YAML: did not find expected alphabetic or numeric character`},
		"with an if":            {"only_with, of", "only_with, if: bars, of", `30: if has no meaning for only_with; its table names the features`},
		"with an any":           {"only_with, of", "only_with, any: [bars], of", `30: any has no meaning for only_with; its table names the features`},
		"no reason":             {", because: {en: A., it: B., fr: C.}}\n  - {kind: inc", "}\n  - {kind: inc", `30: because is missing`},
		"a table elsewhere":     {"{kind: standard,", "{kind: standard, of: [version], rows: [[basic]],", "33: of has a meaning for only_with alone\n33: rows has a meaning for only_with alone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(withTable(), c.from, c.to, 1)
			if text == withTable() {
				t.Fatalf("the file has no %q", c.from)
			}
			_, problems := DecodeRange("acme/pony.yaml", []byte(text))
			if got := strings.ReplaceAll(filecheck.Problems(problems).Error(), "acme/pony.yaml:", ""); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestEdgesAreTheDaysOfChange(t *testing.T) {
	t.Parallel()
	r := Range{
		Rules: []Rule{
			{Kind: Excludes, From: "2026-03-01", To: "2026-05-31"},
			{Kind: Excludes, From: "2026-03-01", Markets: []id.Market{"gb"}},
			{Kind: Excludes, From: "2026-04-01", To: "2026-12-31", Markets: []id.Market{"it"}},
			{Kind: OnlyWith, To: "2028-02-28"},
			{Kind: Requires},
		},
		Prices: map[id.Market][]PriceList{"gb": {{From: "2026-10-01"}, {From: "2026-01-01"}}, "it": {{From: "2026-06-01"}}},
	}
	for _, c := range []struct {
		m     id.Market
		after market.Date
		want  string
	}{
		{"gb", "2025-01-01", "2026-01-01 2026-03-01 2026-06-01 2026-10-01 2028-02-29"},
		{"gb", "2026-03-01", "2026-06-01 2026-10-01 2028-02-29"},
		{"it", "2026-01-15", "2026-03-01 2026-04-01 2026-06-01 2027-01-01 2028-02-29"},
		{"fr", "2026-06-01", "2028-02-29"},
		{"gb", "2028-02-29", ""},
	} {
		var got []string
		for _, d := range r.Edges(c.m, c.after) {
			got = append(got, string(d))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s after %s: %v, want %s", c.m, c.after, got, c.want)
		}
	}
}

// TestNothingChangesBetweenEdges walks the demo ranges day by day.
func TestNothingChangesBetweenEdges(t *testing.T) {
	t.Parallel()
	for _, r := range demoRanges(t) {
		for m := range r.Prices {
			edges := map[market.Date]bool{}
			for _, d := range r.Edges(m, "2025-12-01") {
				edges[d] = true
			}
			before := inForce(r, m, "2025-12-01")
			for d := dayAfter("2025-12-01"); d < "2028-01-01"; d = dayAfter(d) {
				now := inForce(r, m, d)
				if changed := now != before; changed && !edges[d] {
					t.Errorf("%s in %s changes on %s, which is no edge", r.Model, m, d)
				}
				before = now
			}
		}
	}
}

// inForce writes down the rules and the list of a day.
func inForce(r *Range, m id.Market, d market.Date) string {
	var b strings.Builder
	if l, ok := r.PricesAt(m, d); ok {
		b.WriteString(l.Version)
	}
	for i := range r.Rules {
		if r.Rules[i].AppliesAt(m, d) {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}
