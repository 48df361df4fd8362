package market_test

import (
	"strings"
	"testing"

	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
)

const allocationRule = `{version: a, from: 2026-01-01, source: s, strategy: nearest, any_dealer: true, reach_km: 9, remind_hours: 3, site_hours: 5, country_hours: 7, ask_hours: 24}`

// smallMarket is the least that a market file may hold; the numbers of its lines count in the tests.
const smallMarket = `code: gb
name: United Kingdom
country: GB
currency: GBP
locale: en-GB
time_zone: Europe/London
distance: mi
consumption: mpg
order: 1
vat:
  - {from: 2010-01-01, rate_bp: 1750}
  - {from: 2011-01-04, rate_bp: 2000}
fees:
  - code: delivery
    label: Delivery
    kind: fixed
    from: 2025-01-01
    to: 2025-12-31
    amount_minor: 100
    source: demo
  - code: tax
    label: Tax
    kind: co2
    from: 2025-01-01
    source: demo
    exempt: [electric]
    steps:
      - {above: -1, amount_minor: 100}
      - {above: 50, amount_minor: 200}
flows:
  new:
    - {from: 2025-01-01, deposit_minor: 10000, capture: accept, full_payment: false, seller: dealer, holds_money: maker, contract: online, offer_hours: 8}
withdrawal_days: 14
withdrawal_button: false
refund_days: 14
holidays:
  - {date: 2026-12-25, name: Christmas Day}
  - {date: 2026-11-30, name: St Andrew's Day, regions: [scotland]}
postcode_pattern: '^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$'
postcode_example: LS3 1LH
phone_example: 07700 900123
plate_pattern: '^[A-Z]{2}\d{2}[A-Z]{3}$'
plate_example: AB12CDE
papers: [Licence]
texts:
  terms: [{version: "1", from: 2026-01-01, title: T, body: B}]
  privacy: [{version: "1", from: 2026-01-01, title: T, body: B}]
  withdrawal: [{version: "1", from: 2026-01-01, title: T, body: B}]
  seller_dealer: [{version: "1", from: 2026-01-01, title: T, body: B}]
  seller_maker: [{version: "1", from: 2026-01-01, title: T, body: B}]
  help: [{version: "1", from: 2026-01-01, title: T, body: B}]
  accessibility: [{version: "1", from: 2026-01-01, title: T, body: B}]
accessibility: {mail: a@example.com, law: Law, bodies: [{name: Body, url: "https://body.example/"}]}
`

func TestSmallestMarketIsAccepted(t *testing.T) {
	t.Parallel()
	if _, problems := market.DecodeMarket("m.yaml", []byte(smallMarket)); len(problems) != 0 {
		t.Fatal(filecheck.Problems(problems))
	}
}

// A market of two languages gives its words plain, in both, or in one more than it speaks.
func TestMarketOfTwoLanguagesIsAccepted(t *testing.T) {
	t.Parallel()
	file := strings.NewReplacer("locale: en-GB", "locale: en-GB\nalso: [fr-FR]", "label: Delivery", "label: {en: Delivery, fr: Livraison}", "papers: [Licence]", "papers: [Licence, {en: Card, it: Carta}]").Replace(smallMarket)
	m, problems := market.DecodeMarket("m.yaml", []byte(file))
	if len(problems) != 0 {
		t.Fatal(filecheck.Problems(problems))
	}
	if got := m.Say(m.Fees[0].Label, "fr"); got.Text != "Livraison" || len(m.Locales()) != 2 {
		t.Errorf("read as %+v, %v", got, m.Locales())
	}
}

func TestBrokenMarketsAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"nobody is the group":   {"seller: dealer", "seller: group", `m.yaml:32: the group sells from 2025-01-01, but no entry of sellers says who that is`},
		"maker comes late":      {"seller: dealer, holds_money: maker, contract: online, offer_hours: 8}", "seller: maker, holds_money: maker, contract: online, offer_hours: 8}\nsellers: [{from: 2026-01-01, as: maker, code: gb-a, prefix: GBA, name: A, vat_id: V, street: S, postcode: P, town: T, email: a@example.com}]", `m.yaml:32: the maker sells from 2025-01-01, but no entry of sellers says who that is`},
		"seller without VAT":    {"papers: [Licence]", "sellers: [{from: 2025-01-01, as: maker, code: gb-a, prefix: GBA, name: A, street: S, postcode: P, town: T, email: a@example.com}]\npapers: [Licence]", `m.yaml:44: vat_id is missing`},
		"seller twice":          {"papers: [Licence]", "sellers: [{from: 2025-01-01, as: group, code: gb-a, prefix: GBA, name: A, vat_id: V, street: S, postcode: P, town: T, email: a@example.com}, {from: 2025-01-01, as: group, code: gb-b, prefix: GBB, name: A, vat_id: V, street: S, postcode: P, town: T, email: a@example.com}]\npapers: [Licence]", `m.yaml:44: a second group for the same brand begins on 2025-01-01`},
		"share falls":           {"    kind: co2\n    from: 2025-01-01\n    source: demo\n    exempt: [electric]\n    steps:\n      - {above: -1, amount_minor: 100}\n      - {above: 50, amount_minor: 200}", "    kind: co2_net\n    from: 2025-01-01\n    source: demo\n    vat_free: true\n    steps:\n      - {above: -1, rate_bp: 400}\n      - {above: 50, rate_bp: 300}", `m.yaml:29: the step above 50 does not rise over the one before`},
		"share with amount":     {"    kind: co2\n    from: 2025-01-01\n    source: demo\n    exempt: [electric]", "    kind: co2_net\n    from: 2025-01-01\n    source: demo\n    vat_free: true", `m.yaml:28: the step above -1 needs a rate_bp from 1 to 10000 and nothing else`},
		"share under VAT":       {"    kind: co2\n    from: 2025-01-01\n    source: demo\n    exempt: [electric]", "    kind: co2_net\n    from: 2025-01-01\n    source: demo", `m.yaml:21: fee tax is a share of the net price and must be vat_free`},
		"label falls":           {"papers: [Licence]", "energy_label: [{from: 2024-01-01, source: demo, classes: [{class: A, up_to: 9}, {class: B, up_to: 9}, {class: C}]}]\npapers: [Licence]", `m.yaml:44: class B does not rise over the one before`},
		"label closed":          {"papers: [Licence]", "energy_label: [{from: 2024-01-01, source: demo, classes: [{class: A, up_to: 9}, {class: B, up_to: 20}]}]\npapers: [Licence]", `m.yaml:44: the last class is open and has no up_to`},
		"unknown key":           {"order: 1", "order: 1\nflag: red", `m.yaml:10: the file has no key "flag"`},
		"key twice":             {"order: 1", "order: 1\norder: 2", `m.yaml:10: key "order" is given twice, first in line 9`},
		"wrong type":            {"order: 1", "order: first", `m.yaml:9: order must be a whole number, not "first"`},
		"missing name":          {"name: United Kingdom\n", "", `m.yaml:1: name is missing`},
		"code and country":      {"country: GB", "country: FR", `m.yaml:3: country FR does not go with code gb`},
		"currency":              {"currency: GBP", "currency: USD", `m.yaml:4: currency can not be "USD"; it is one of GBP, EUR, RON`},
		"locale":                {"locale: en-GB", "locale: en", `m.yaml:5: locale can not be "en"; it is one of en-GB, it-IT, fr-FR, de-DE, es-ES, ro-RO`},
		"locale beside":         {"locale: en-GB", "locale: en-GB\nalso: [nl-BE]", `m.yaml:6: also can not be "nl-BE"; it is one of en-GB, it-IT, fr-FR, de-DE, es-ES, ro-RO`},
		"locale no text":        {"locale: en-GB", "locale: en-GB\nalso: [3]", `m.yaml:6: item of also must be text; put 3 in quotes`},
		"first locale again":    {"locale: en-GB", "locale: en-GB\nalso: [en-GB]", `m.yaml:6: language en is given twice`},
		"locale twice":          {"locale: en-GB", "locale: en-GB\nalso: [fr-FR, it-IT, fr-FR]", `m.yaml:6: language fr is given twice`},
		"currency not written":  {"locale: en-GB", "locale: en-GB\nalso: [es-ES]", `m.yaml:6: how es-ES writes GBP is not known`},
		"words of no language":  {"label: Delivery", "label: {en: Delivery, dee: Lieferung}", `m.yaml:15: label is given in a language without words: "dee"`},
		"words without first":   {"title: T, body: B}]\n  privacy", "title: {fr: T}, body: B}]\n  privacy", `m.yaml:46: title is missing in the market's first language, en`},
		"papers without first":  {"papers: [Licence]", "papers: [{de: Ausweis}]", `m.yaml:44: item of papers is missing in the market's first language, en`},
		"time zone":             {"Europe/London", "Europe/Leeds", `m.yaml:6: time_zone "Europe/Leeds" is not known`},
		"local time zone":       {"Europe/London", "Local", `m.yaml:6: time_zone "Local" is not known`},
		"distance":              {"distance: mi", "distance: miles", `m.yaml:7: distance can not be "miles"; it is one of mi, km`},
		"no rate":               {"vat:\n  - {from: 2010-01-01, rate_bp: 1750}\n  - {from: 2011-01-04, rate_bp: 2000}\n", "vat: []\n", `m.yaml:10: vat is empty`},
		"rate twice":            {"from: 2011-01-04", "from: 2010-01-01", `m.yaml:12: a second rate begins on 2010-01-01`},
		"rate in per cent":      {"rate_bp: 2000", "rate_bp: 0", `m.yaml:12: rate_bp must be from 1 to 5000, not 0`},
		"day of no month":       {"from: 2011-01-04", "from: 2011-02-30", `m.yaml:12: from is not a day: "2011-02-30"`},
		"fee before VAT":        {"    from: 2025-01-01\n    to:", "    from: 2009-01-01\n    to:", `m.yaml:17: fee delivery begins on 2009-01-01, but the first VAT rate on 2010-01-01`},
		"flow before VAT":       {"{from: 2025-01-01, deposit", "{from: 2009-01-01, deposit", `m.yaml:32: the terms begin on 2009-01-01, but the first VAT rate on 2010-01-01`},
		"fee without label":     {"    label: Delivery\n", "", `m.yaml:14: label is missing`},
		"fee without source":    {"    amount_minor: 100\n    source: demo\n", "    amount_minor: 100\n", `m.yaml:14: source is missing`},
		"fee without amount":    {"    amount_minor: 100\n    source", "    source", `m.yaml:14: amount_minor is missing`},
		"fee ends early":        {"to: 2025-12-31", "to: 2024-12-31", `m.yaml:18: fee delivery ends before it begins`},
		"fee kind":              {"kind: fixed", "kind: percent", `m.yaml:16: kind can not be "percent"; it is one of fixed, co2, mass, power`},
		"fee twice":             {"code: tax", "code: delivery", `m.yaml:24: fee delivery is in force twice on the same days (see line 14)`},
		"figure never used":     {"kind: co2", "kind: co2\n    surcharge_bp: 3000", `m.yaml:24: a fee of kind co2 does not use surcharge_bp`},
		"fuel":                  {"[electric]", "[electricity]", `m.yaml:26: exempt can not be "electricity"; it is one of petrol, diesel, hybrid, plugin, electric, lpg`},
		"steps fall":            {"{above: 50,", "{above: -2,", `m.yaml:29: the step above -2 does not rise over the one before`},
		"step without amount":   {"{above: 50, amount_minor: 200}", "{above: 50}", `m.yaml:29: the step above 50 needs an amount or a price for each unit`},
		"no deposit":            {"deposit_minor: 10000", "deposit_minor: 0", `m.yaml:32: deposit_minor must be from 1 to 10000000, not 0`},
		"seller":                {"seller: dealer", "seller: bank", `m.yaml:32: seller can not be "bank"; it is one of dealer, maker, group`},
		"capture":               {"capture: accept", "capture: later", `m.yaml:32: capture can not be "later"; it is one of accept, now`},
		"capture not said":      {"capture: accept, ", "", `m.yaml:32: capture is missing`},
		"offer hours":           {", offer_hours: 8", "", `m.yaml:32: offer_hours is missing`},
		"strategy":              {"withdrawal_days: 14", "allocation: {new: [" + strings.Replace(allocationRule, "nearest", "closest", 1) + "]}\nwithdrawal_days: 14", `m.yaml:33: strategy can not be "closest"; it is one of nearest, capacity, round_robin, balance, record`},
		"commission of nothing": {"withdrawal_days: 14", "commission: {new: [{version: a, from: 2026-01-01, source: s, fixed_minor: 0, net_bp: 0}]}\nwithdrawal_days: 14", "m.yaml:33: rule a pays nothing"},
		"commission twice":      {"withdrawal_days: 14", "commission: {new: [{version: a, from: 2026-01-01, source: s, fixed_minor: 1}, {version: b, from: 2026-01-01, source: s, fixed_minor: 1}]}\nwithdrawal_days: 14", "m.yaml:33: a second rule begins on 2026-01-01"},
		"commission too high":   {"withdrawal_days: 14", "commission: {new: [{version: a, from: 2026-01-01, source: s, net_bp: 3001}]}\nwithdrawal_days: 14", "m.yaml:33: net_bp must be from 0 to 3000, not 3001"},
		"rule of no flow":       {"withdrawal_days: 14", "allocation: {used: [" + allocationRule + "]}\nwithdrawal_days: 14", `m.yaml:33: flow "used" is not sold here`},
		"rule twice":            {"withdrawal_days: 14", "allocation: {new: [" + allocationRule + ", " + allocationRule + "]}\nwithdrawal_days: 14", `m.yaml:33: a second rule begins on 2026-01-01`},
		"ladder falls":          {"withdrawal_days: 14", "allocation: {new: [" + strings.Replace(allocationRule, "site_hours: 5", "site_hours: 3", 1) + "]}\nwithdrawal_days: 14", `m.yaml:33: site_hours must be later than the step before it`},
		"flow":                  {"  new:\n", "  newcar:\n", `m.yaml:31: there is no flow "newcar"; it is one of new, used, service`},
		"button not said":       {"withdrawal_button: false\n", "", `m.yaml:1: withdrawal_button is missing`},
		"holiday of no day":     {"date: 2026-12-25", "date: 2026-13-25", `m.yaml:37: date is not a day: "2026-13-25"`},
		"holiday twice":         {"date: 2026-11-30, name: St Andrew's Day, regions: [scotland]", "date: 2026-12-25, name: Again", `m.yaml:38: 2026-12-25 is given twice`},
		"pattern":               {`'^[A-Z]{2}\d{2}[A-Z]{3}$'`, `'^[A-Z{2}$'`, "m.yaml:42: plate_pattern can not be used: error parsing regexp: missing closing ]: `[A-Z{2}$`"},
		"pattern without ends":  {`'^[A-Z]{2}\d{2}[A-Z]{3}$'`, `'[A-Z]{2}\d{2}[A-Z]{3}'`, `m.yaml:42: plate_pattern must begin with ^ and end with $`},
		"example":               {"LS3 1LH", "10115", `m.yaml:40: postcode_example must be text; put 10115 in quotes`},
		"example does not fit":  {"LS3 1LH", `"10115"`, `m.yaml:40: postcode_example "10115" does not fit the pattern`},
		"desk":                  {"mail: a@example.com", "mail: the desk", `m.yaml:53: mail can not be "the desk"; write it like "accessibility@example.com"`},
		"no law":                {"law: Law, ", "", `m.yaml:53: law is missing`},
		"body without a site":   {"https://body.example/", "javascript:alert(1)", `m.yaml:53: url can not be "javascript:alert(1)"; write it like "https://www.example.org/"`},
		"phone":                 {"07700 900123", "call us", `m.yaml:41: phone_example can not be "call us"; write it like "07700 900123"`},
		"credit, no months":     {"papers:", "finance: [{from: 2026-01-01, source: s, product: loan, lender: L, rate_bp: 0, deposit_bp: 0, notices: [N]}]\npapers:", `m.yaml:44: months is missing`},
		"loan with a balloon":   {"papers:", "finance: [{from: 2026-01-01, source: s, product: loan, lender: L, months: 12, rate_bp: 0, deposit_bp: 0, final_bp: 10, notices: [N]}]\npapers:", `m.yaml:44: a loan has no final payment`},
		"balloon without one":   {"papers:", "finance: [{from: 2026-01-01, source: s, product: pcp, lender: L, months: 12, rate_bp: 0, deposit_bp: 0, notices: [N]}]\npapers:", `m.yaml:44: final_bp is missing`},
		"credit fee of two":     {"papers:", "finance: [{from: 2026-01-01, source: s, product: loan, lender: L, months: 12, rate_bp: 0, deposit_bp: 0, notices: [N], fees: [{label: F, when: end, amount_minor: 5, rate_bp: 5}]}]\npapers:", `m.yaml:44: a fee is an amount or a share of the credit, not both`},
		"each credit fee":       {"papers:", "finance: [{from: 2026-01-01, source: s, product: loan, lender: L, months: 12, rate_bp: 0, deposit_bp: 0, notices: [N], fees: [{label: F, when: each, amount_minor: 35000}]}]\npapers:", `m.yaml:44: amount_minor must be from 1 to 20000, not 35000`},
		"each credit share":     {"papers:", "finance: [{from: 2026-01-01, source: s, product: loan, lender: L, months: 12, rate_bp: 0, deposit_bp: 0, notices: [N], fees: [{label: F, when: each, rate_bp: 250}]}]\npapers:", `m.yaml:44: rate_bp must be from 1 to 100, not 250`},
		"credit fee's day":      {"papers:", "finance: [{from: 2026-01-01, source: s, product: loan, lender: L, months: 12, rate_bp: 0, deposit_bp: 0, notices: [N], fees: [{label: F, when: later, amount_minor: 5}]}]\npapers:", `m.yaml:44: when can not be "later"; it is one of start, each, end`},
		"text missing":          {"  help: [{version: \"1\", from: 2026-01-01, title: T, body: B}]\n", "", `m.yaml:45: text help is missing`},
		"text without a body":   {"title: T, body: B}]\n  help", "title: T}]\n  help", `m.yaml:50: body is missing`},
		"unknown text":          {"  help:", "  helping:", `m.yaml:51: there is no text "helping"; it is one of terms`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := strings.Replace(smallMarket, c.old, c.new, 1)
			if broken == smallMarket {
				t.Fatalf("%q is not in the file", c.old)
			}
			_, problems := market.DecodeMarket("m.yaml", []byte(broken))
			if !strings.Contains("\n"+filecheck.Problems(problems).Error(), "\n"+c.want) {
				t.Errorf("got\n%v\nwant\n%s", filecheck.Problems(problems), c.want)
			}
		})
	}
}

func TestEveryMistakeOfAMarketIsToldAtOnce(t *testing.T) {
	t.Parallel()
	broken := strings.NewReplacer("order: 1", "order: one", "mpg", "gallons", "2026-12-25", "2026-02-29", "time_zone: Europe/London\n", "").Replace(smallMarket)
	_, problems := market.DecodeMarket("m.yaml", []byte(broken))
	want := `m.yaml:1: time_zone is missing
m.yaml:7: consumption can not be "gallons"; it is one of mpg, l100
m.yaml:8: order must be a whole number, not "one"
m.yaml:36: date is not a day: "2026-02-29"`
	if got := filecheck.Problems(problems).Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if m, problems := market.DecodeMarket("m.yaml", nil); m != nil || len(problems) != 1 {
		t.Errorf("an empty file gives %v, %v", m, problems)
	}
}

func TestBrokenBrandsAndManagersAreRefused(t *testing.T) {
	t.Parallel()
	_, brands := market.DecodeBrands("b.yaml", []byte("brands:\n  - {code: dacia, name: Dacia, order: 1}\n  - {code: dacia, order: 1}\n  - {code: Big Car, name: B, order: 0}\n"))
	want := `b.yaml:2: colours is missing
b.yaml:3: brand dacia is given twice
b.yaml:3: colours is missing
b.yaml:3: name is missing
b.yaml:3: order 1 is given twice
b.yaml:4: code can not be "Big Car"; write it like "dacia"
b.yaml:4: colours is missing
b.yaml:4: order must be from 1 to 999, not 0`
	if got := filecheck.Problems(brands).Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	_, people := market.DecodeManagers("s.yaml", []byte("staff:\n  - {name: A, email: a@x.example.com, role: boss, markets: [gb]}\n  - {name: B, email: a@x.example.com, role: hq, markets: []}\n  - {email: Anna <a@b.c>, role: manager, markets: [gbr]}\n"))
	want = `s.yaml:2: role can not be "boss"; it is one of manager, hq, agent
s.yaml:3: email a@x.example.com is given twice
s.yaml:3: markets is empty
s.yaml:4: email can not be "Anna <a@b.c>"; write it like anna@example.com, in lower case
s.yaml:4: markets can not be "gbr"; write it like "gb"
s.yaml:4: name is missing`
	if got := filecheck.Problems(people).Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
