package catalogue

import (
	"strings"
	"testing"

	"forecourt/internal/platform/filecheck"
)

// sound is the smallest range that is right; the tests below spoil it. Its lines are numbered by
// the tests, so a new line goes at the end.
const sound = `brand: acme
model: pony
name: Pony
body: hatch
seats: 5
order: 1
strapline: {en: Small, it: Piccola, fr: Petite}
tags: [new]
weeks_from: 6
weeks_to: 12
show_off: [white, steel-15]
versions:
  - {code: basic, name: Basic}
  - {code: plus, name: Plus}
engines:
  - code: t90
    name: T 90
    engine: {fuel: petrol, kw: 66, co2: 120, mass_kg: 1100, litres_100: 53, gearbox: manual, drive: fwd, towing_kg: 0}
colours:
  - {code: white, name: {en: White, it: Bianco, fr: Blanc}, hex: "#ffffff", finish: solid}
upholstery:
  - {code: cloth, name: {en: Cloth, it: Tessuto, fr: Tissu}, hex: "#333333"}
wheels:
  - {code: steel-15, name: Steel, design: steel, inches: 15}
options:
  - {code: radio, name: Radio}
  - {code: bars, name: Bars, draws: rails}
  - {code: pack, name: Pack, pack: true}
rules:
  - {kind: includes, if: pack, any: [radio]}
  - {kind: requires, if: bars, any: [plus], because: {en: A., it: B., fr: C.}}
  - {kind: standard, if: plus, any: [radio]}
prices:
  gb:
    - version: gb-1
      from: 2026-01-01
      amounts:
        {basic: 1000000, plus: 1100000, t90: 0, white: 0, cloth: 0, steel-15: 0,
        radio: 20000, bars: 10000, pack: 15000}
`

func decodeSpoilt(t *testing.T, edits ...string) string {
	t.Helper()
	text := sound
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("the sound file has no %q", edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	r, problems := DecodeRange("acme/pony.yaml", []byte(text))
	if len(problems) > 0 && r != nil {
		t.Error("a broken file gave a range")
	}
	return strings.ReplaceAll(filecheck.Problems(problems).Error(), "acme/pony.yaml:", "")
}

func TestDecodeRangeReadsASoundFile(t *testing.T) {
	t.Parallel()
	r, problems := DecodeRange("acme/pony.yaml", []byte(sound))
	if len(problems) > 0 {
		t.Fatalf("%v", filecheck.Problems(problems))
	}
	f, ok := r.Feature("white")
	if !ok || f.Group != Colour || f.Name.In("it") != "Bianco" || len(r.Features) != 9 {
		t.Errorf("read %d features, white is %+v", len(r.Features), f)
	}
	if v, _ := r.Feature("basic"); v.Name.In("fr") != "Basic" || r.Prices["gb"][0].Amounts["plus"] != 1100000 {
		t.Errorf("names or prices lost: %+v", r)
	}
}

func TestDecodeRangeNamesEachMistake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edits []string
		want  string
	}{
		"unknown key":           {[]string{"seats: 5", "seats: 5\nwings: 2"}, `6: the file has no key "wings"`},
		"key twice":             {[]string{"seats: 5", "seats: 5\nseats: 6"}, `6: key "seats" is given twice, first in line 5`},
		"wrong kind of value":   {[]string{"seats: 5", "seats: five"}, `5: seats must be a whole number, not "five"`},
		"missing key":           {[]string{"name: Pony\n", ""}, `1: name is missing`},
		"another file's model":  {[]string{"model: pony", "model: horse"}, `2: the file of this model must be called acme/horse.yaml`},
		"unknown body":          {[]string{"body: hatch", "body: boat"}, `4: body must be one of city, supermini, hatch, stepway, hatch-ev, suv-small, suv, suv-long, suv-ev, suv-family, estate, saloon, coupe-suv, suv-large, van, van-glazed, not "boat"`},
		"too many seats":        {[]string{"seats: 5", "seats: 50"}, `5: seats must be 2 to 9, not 50`},
		"text without French":   {[]string{"it: Piccola, fr: Petite", "it: Piccola"}, `7: strapline lacks fr`},
		"text in one word":      {[]string{"{en: Small, it: Piccola, fr: Petite}", "Small"}, `7: strapline must be written in each of en, it, fr`},
		"text in Latin":         {[]string{"fr: Petite", "fr: Petite, la: Parva"}, `7: strapline has words in "la", which no market speaks`},
		"unknown tag":           {[]string{"[new]", "[old]"}, `8: tags must be one of new, electric, hybrid, lpg, awd, automatic, seven_seats, not "old"`},
		"weeks the wrong way":   {[]string{"weeks_to: 12", "weeks_to: 4"}, `10: weeks_to is 4, less than weeks_from`},
		"show off two colours":  {[]string{"[white, steel-15]", "[white, radio]"}, `11: show_off must name one colour and one set of wheels`},
		"show off the unknown":  {[]string{"[white, steel-15]", "[white, gold]"}, `11: there is no feature "gold" in this range`},
		"bad code":              {[]string{"code: radio, name", "code: Radio, name"}, "26: code \"Radio\" must be 2 to 24 small letters, digits and dashes\n30: there is no feature \"radio\" in this range\n32: there is no feature \"radio\" in this range\n39: there is no feature \"radio\" in this range"},
		"code twice":            {[]string{"code: plus, name", "code: basic, name"}, "14: code \"basic\" is used twice, first in line 13\n31: there is no feature \"plus\" in this range\n32: there is no feature \"plus\" in this range\n38: there is no feature \"plus\" in this range"},
		"name lacks languages":  {[]string{"it: Bianco, fr: Blanc", "fr: Blanc"}, `20: name lacks it`},
		"unknown fuel":          {[]string{"fuel: petrol", "fuel: coal"}, `18: fuel must be one of petrol, diesel, hybrid, plugin, electric, lpg, not "coal"`},
		"electric with litres":  {[]string{"fuel: petrol", "fuel: electric, kwh_100: 150, range_km: 300"}, `18: an electric engine has no co2 and no litres_100`},
		"engine without weight": {[]string{"mass_kg: 1100, ", ""}, `18: mass_kg is missing`},
		"co2 left out":          {[]string{"co2: 120, ", ""}, `18: co2 is missing`},
		"bad hex":               {[]string{"#ffffff", "#fff"}, `20: hex "#fff" must be a colour like #1a2b3c`},
		"unknown finish":        {[]string{"finish: solid", "finish: matt"}, `20: finish must be one of solid, metallic, pearl, not "matt"`},
		"unknown design":        {[]string{"design: steel", "design: wood"}, `24: design must be one of steel, multi, aero, y5, turbine, blade, not "wood"`},
		"hex on wheels":         {[]string{"inches: 15", "inches: 15, hex: \"#000000\""}, `24: hex has no meaning for wheels`},
		"unknown drawing":       {[]string{"draws: rails", "draws: wings"}, `27: draws must be one of rails, two_tone, not "wings"`},
		"empty pack":            {[]string{"  - {kind: includes, if: pack, any: [radio]}\n", ""}, `28: pack "pack" has no includes rule, so nothing comes with it`},
		"includes by no pack":   {[]string{"kind: standard, if: plus, any: [radio]", "kind: includes, if: bars, any: [radio]"}, `32: only a pack includes other options; "bars" is no pack`},
		"standard on no version": {[]string{"kind: standard, if: plus", "kind: standard, if: t90"},
			`32: only a version has standard equipment; "t90" is of engines`},
		"standard wheels":     {[]string{"kind: standard, if: plus, any: [radio]", "kind: standard, if: plus, any: [steel-15]"}, `32: standard may name options only; "steel-15" is of wheels`},
		"unknown rule":        {[]string{"kind: standard", "kind: likes"}, `32: kind must be one of requires, excludes, includes, standard, only_with, not "likes"`},
		"rule about nothing":  {[]string{"if: bars, any: [plus]", "if: bars, any: []"}, `31: any names no feature`},
		"rule with itself":    {[]string{"if: bars, any: [plus]", "if: bars, any: [plus, bars]"}, `31: "bars" can not have a rule with itself`},
		"no reason":           {[]string{", because: {en: A., it: B., fr: C.}", ""}, `31: because is missing`},
		"rule of no market":   {[]string{"if: bars, any: [plus],", "if: bars, any: [plus], markets: [es],"}, `31: market "es" has no prices here`},
		"rule ends too early": {[]string{"if: bars, any: [plus],", "if: bars, any: [plus], from: 2026-02-01, to: 2026-01-01,"}, `31: the rule ends on 2026-01-01, before it starts`},
		"contradiction":       {[]string{"rules:\n", "rules:\n  - {kind: excludes, if: plus, any: [bars], because: {en: A., it: B., fr: C.}}\n"}, `32: "bars" requires plus and excludes the same`},
		"pack contradicts":    {[]string{"rules:\n", "rules:\n  - {kind: excludes, if: pack, any: [radio], because: {en: A., it: B., fr: C.}}\n"}, `31: "pack" has "radio" by this rule and excludes it by another`},
		"price of nothing":    {[]string{"radio: 20000", "radio: 20000, tv: 1"}, `39: there is no feature "tv" in this range`},
		"price too high":      {[]string{"radio: 20000", "radio: 50000000"}, `39: price of "radio" must be 0 to 49999999, not 50000000`},
		"price below nothing": {[]string{"radio: 20000", "radio: -1"}, `39: price of "radio" must be 0 to 49999999, not -1`},
		"price with a point":  {[]string{"radio: 20000", "radio: 200.00"}, `39: radio must be a whole number, not "200.00"`},
		"no engine sold":      {[]string{"t90: 0, ", ""}, `37: none of the engines has a price, so no car can be built`},
		"part without price":  {[]string{"radio: 20000, ", ""}, "38: \"plus\" is sold here, but \"radio\", which comes with it, has no price\n39: \"pack\" is sold here, but \"radio\", which comes with it, has no price"},
		"no such day":         {[]string{"from: 2026-01-01", "from: 2026-02-30"}, `36: from "2026-02-30" is no calendar day like 2026-01-31`},
		"lists of one day":    {[]string{"  gb:\n", "  gb:\n    - {version: gb-0, from: 2026-01-01, amounts: {basic: 1, t90: 0, white: 0, cloth: 0, steel-15: 0}}\n"}, `37: two lists of a market start on "2026-01-01", the first in line 35`},
		"lists of one name":   {[]string{"  gb:\n", "  gb:\n    - {version: gb-1, from: 2025-01-01, amounts: {basic: 1, t90: 0, white: 0, cloth: 0, steel-15: 0}}\n"}, `36: two lists of a market are called "gb-1", the first in line 35`},
		"market in capitals":  {[]string{"  gb:\n", "  GB:\n"}, `34: market "GB" must be two small letters`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := decodeSpoilt(t, c.edits...); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestDecodeRangeNamesAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	got := decodeSpoilt(t,
		"body: hatch", "body: boat", "order: 1", "order: one", "fuel: petrol, kw: 66", "fuel: coal, kw: 6.6",
		"#ffffff", "white", "if: bars, any: [plus]", "if: bars, any: [gold]", "radio: 20000", "radio: -5")
	want := []string{"4: body must be", "6: order must be a whole number", "18: fuel must be one of", "18: kw must be a whole number",
		`20: hex "white" must be`, `31: there is no feature "gold"`, `39: price of "radio"`}
	lines := strings.Split(got, "\n")
	if len(lines) != len(want) {
		t.Fatalf("got %d mistakes, want %d:\n%s", len(lines), len(want), got)
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) {
			t.Errorf("mistake %d is %q, want %q", i, lines[i], want[i])
		}
	}
}

func TestDecodeRangeSurvivesAnyShape(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "- a", "versions: 3", "versions: [3, {code: [x]}]", "prices: {gb: [1]}", "prices: {gb: }",
		"rules: [{any: {a: b}}, 7]", "show_off: {a: b}", "strapline: [1]", "\x00", "{", "engines: [{engine: 4}]", "prices: {gb: [{amounts: [1]}]}"} {
		if r, problems := DecodeRange("x.yaml", []byte(text)); r != nil || len(problems) == 0 {
			t.Errorf("%q was taken for a range", text)
		}
	}
}

func TestTagsInDropsWhatIsNotSold(t *testing.T) {
	t.Parallel()
	text := strings.Replace(sound, "tags: [new]", "tags: [new, lpg, automatic, seven_seats]", 1)
	text = strings.Replace(text, "engines:\n", "engines:\n  - {code: gas, name: Gas, engine: {fuel: lpg, kw: 66, co2: 110, mass_kg: 1150, litres_100: 70, gearbox: automatic, drive: fwd, towing_kg: 0}}\n", 1)
	r, problems := DecodeRange("acme/pony.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatalf("%v", filecheck.Problems(problems))
	}
	if got := strings.Join(r.TagsIn("gb", "2026-05-01"), " "); got != "new seven_seats" {
		t.Errorf("without the engine the tags are %q", got)
	}
	r.Prices["gb"][0].Amounts["gas"] = 0
	if got := strings.Join(r.TagsIn("gb", "2026-05-01"), " "); got != "new lpg automatic seven_seats" {
		t.Errorf("with the engine the tags are %q", got)
	}
	if r.TagsIn("it", "2026-05-01") != nil {
		t.Error("a market without prices has tags")
	}
}

func TestWordsOfLaterMarketsMayBeThere(t *testing.T) {
	t.Parallel()
	r, problems := DecodeRange("acme/pony.yaml", []byte(strings.Replace(sound, "fr: Petite", "fr: Petite, de: Klein", 1)))
	if len(problems) > 0 {
		t.Fatal(filecheck.Problems(problems))
	}
	if de, ro := r.Strapline.In("de"), r.Strapline.In("ro"); de != "Klein" || ro != "Small" {
		t.Errorf("German reads %q, Romanian %q", de, ro)
	}
}
