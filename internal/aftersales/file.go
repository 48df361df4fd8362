package aftersales

import (
	"regexp"
	"slices"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/filecheck"
	"forecourt/internal/platform/i18n"
)

var (
	codeShape  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	modelShape = regexp.MustCompile(`^[a-z]+/[a-z0-9]+(-[a-z0-9]+)*$`)
	vinShape   = regexp.MustCompile(`^[A-HJ-NPR-Z0-9]{17}$`)
	sizeShape  = regexp.MustCompile(`^[1-3][0-9]5/[2-8][05] R1[0-9]$|^[1-3][0-9]5/[2-8][05] R2[0-4]$`)
	fuels      = []string{"petrol", "diesel", "hybrid", "plugin", "electric", "lpg"}
	languages  = []string{"de", "en", "es", "fr", "it", "ro"}
	skillNames = func() (out []string) {
		for _, s := range Skills {
			out = append(out, string(s))
		}
		return out
	}()
)

// mostMinutes bounds a piece of work, mostMinor a price: a larger one is a slip of the pen.
const (
	mostMinutes = 24 * 60
	mostMinor   = 50_000_00
)

// checker adds what the files of workshops share to the general checks.
type checker struct{ *filecheck.Checker }

func (c checker) date(d market.Date, path ...string) bool {
	if !c.Present(string(d), path...) {
		return false
	}
	if !d.Valid() {
		c.Say(path, "%s is not a day: %q", path[len(path)-1], string(d))
		return false
	}
	return true
}

// words demands them in every language that the shop speaks: a menu is read by everybody.
func (c checker) words(w i18n.Words, path ...string) {
	name := path[len(path)-1]
	if len(w) == 0 {
		c.Present("", path...)
		return
	}
	if w[""] != "" {
		return
	}
	for _, l := range languages {
		if w[l] == "" {
			c.Say(path, "%s is missing in the language %s", name, l)
		}
	}
	for l := range w {
		if !slices.Contains(languages, l) {
			c.Say(append(slices.Clone(path), l), "%s is given in a language without words: %q", name, l)
		}
	}
}

// code refuses one that is given twice among those seen.
func (c checker) code(code string, seen map[string]bool, path ...string) {
	c.Shape(code, codeShape, `"brake-fluid"`, path...)
	if code != "" && seen[code] {
		c.Say(path, "code %s is given twice", code)
	}
	seen[code] = true
}

func in(path []string, rest ...string) []string { return append(slices.Clone(path), rest...) }

func item(path []string, list string, i int, rest ...string) []string {
	return in(path, filecheck.At(list, i, rest...)...)
}

// fit refuses rules that no car can meet.
func (c checker) fit(f Fit, path ...string) {
	for i, m := range f.Models {
		c.Shape(m, modelShape, `"dacia/duster"`, item(path, "models", i)...)
	}
	for i, x := range f.Fuels {
		c.OneOf(x, fuels, item(path, "fuels", i)...)
	}
	if f.Since != "" && f.Until != "" && f.Since > f.Until {
		c.Say(in(path, "until"), "until lies before since")
	}
	for _, d := range []struct {
		name string
		day  market.Date
	}{{"since", f.Since}, {"until", f.Until}} {
		if d.day != "" {
			c.date(d.day, in(path, d.name)...)
		}
	}
	c.vins(f.VINs, path...)
}

func (c checker) vins(list []VINs, path ...string) {
	for i, v := range list {
		c.Shape(v.From, vinShape, `"VF1RJU00X24A22222"`, item(path, "vins", i, "from")...)
		if v.To == "" {
			continue
		}
		c.Shape(v.To, vinShape, `"VF1RJU00X24CZZZZZ"`, item(path, "vins", i, "to")...)
		if v.To < v.From {
			c.Say(item(path, "vins", i, "to"), "the numbers end before they begin")
		}
	}
}

// uses refuses a part that there is not.
func (c checker) uses(list []Uses, g *Goods, path ...string) {
	for i, u := range list {
		if !slices.ContainsFunc(g.Parts, func(p Part) bool { return p.Code == u.Part }) {
			c.Say(item(path, "parts", i, "part"), "there is no part %q", u.Part)
		}
		c.Between(int64(u.Quantity), 1, 50, item(path, "parts", i, "quantity")...)
	}
}

func (c checker) head(from market.Date, source string) {
	c.date(from, "from")
	c.Present(source, "source")
}

// DecodeGoods reads config/service/parts.yaml. With any problem nothing of it must be used.
func DecodeGoods(name string, data []byte) (Goods, []filecheck.Problem) {
	var f Goods
	c := checker{filecheck.Check(name, data, &f)}
	if c.Empty() {
		return f, c.Done()
	}
	c.head(f.From, f.Source)
	c.Some(len(f.Parts), "parts")
	seen := map[string]bool{}
	for i := range f.Parts {
		c.part(&f.Parts[i], seen, filecheck.At("parts", i))
	}
	sized := map[string]bool{}
	for i, s := range f.Sizes {
		c.Shape(s.Model, modelShape, `"dacia/duster"`, filecheck.At("sizes", i, "model")...)
		if sized[s.Model] {
			c.Say(filecheck.At("sizes", i, "model"), "model %s is given twice", s.Model)
		}
		sized[s.Model] = true
		c.Some(len(s.Tyres), filecheck.At("sizes", i, "tyres")...)
		for k, t := range s.Tyres {
			c.Shape(t, sizeShape, `"215/60 R17"`, item(filecheck.At("sizes", i), "tyres", k)...)
		}
	}
	return f, c.Done()
}

func (c checker) part(p *Part, seen map[string]bool, path []string) {
	c.code(p.Code, seen, in(path, "code")...)
	c.OneOf(p.Kind, PartKinds, in(path, "kind")...)
	c.words(p.Name, in(path, "name")...)
	c.fit(p.For, in(path, "for")...)
	c.Between(int64(p.LeadDays), 0, 180, in(path, "lead_days")...)
	if p.Kind != PartOfWork {
		c.Between(int64(p.Minutes), 0, mostMinutes, in(path, "minutes")...)
		if p.Minutes > 0 {
			c.OneOf(string(p.Skill), skillNames, in(path, "skill")...)
		}
	}
	if p.Kind == PartTyre {
		c.tyre(p, path)
	} else if p.Size != "" || p.Label != nil || p.Season != "" {
		c.Say(in(path, "kind"), "only a tyre has a size, a season and a label")
	}
}

// tyre demands what the law wants shown beside the price of a tyre.
func (c checker) tyre(p *Part, path []string) {
	c.Shape(p.Size, sizeShape, `"215/60 R17"`, in(path, "size")...)
	c.OneOf(p.Season, Seasons, in(path, "season")...)
	if p.Label == nil {
		c.Present("", in(path, "label")...)
		return
	}
	at := in(path, "label")
	c.OneOf(p.Label.Fuel, strings.Split("ABCDE", ""), in(at, "fuel")...)
	c.OneOf(p.Label.WetGrip, strings.Split("ABCDE", ""), in(at, "wet_grip")...)
	c.Between(int64(p.Label.NoiseDB), 60, 80, in(at, "noise_db")...)
	c.OneOf(p.Label.NoiseClass, strings.Split("ABC", ""), in(at, "noise_class")...)
}

// DecodeMenu reads config/service/menu.yaml, after the parts that it names.
func DecodeMenu(name string, data []byte, g *Goods) (Menu, []filecheck.Problem) {
	var f Menu
	c := checker{filecheck.Check(name, data, &f)}
	if c.Empty() {
		return f, c.Done()
	}
	c.head(f.From, f.Source)
	c.Some(len(f.Items), "items")
	seen := map[string]bool{InspectionItem: true}
	for _, p := range g.Parts {
		seen[p.Code] = true // a pick names one thing
	}
	for i := range f.Items {
		c.item(&f.Items[i], g, seen, filecheck.At("items", i))
	}
	c.Some(len(f.Plans), "plans")
	for i := range f.Plans {
		c.plan(&f, i)
	}
	return f, c.Done()
}

func (c checker) item(it *Item, g *Goods, seen map[string]bool, path []string) {
	c.code(it.Code, seen, in(path, "code")...)
	c.words(it.Name, in(path, "name")...)
	c.Some(len(it.Variants), in(path, "variants")...)
	variants := map[string]bool{}
	for k, v := range it.Variants {
		at := item(path, "variants", k)
		c.code(v.Code, variants, in(at, "code")...)
		c.fit(v.For, in(at, "for")...)
		c.Between(int64(v.Minutes), 5, mostMinutes, in(at, "minutes")...)
		c.OneOf(string(v.Skill), skillNames, in(at, "skill")...)
		c.uses(v.Parts, g, at...)
	}
}

func (c checker) plan(f *Menu, i int) {
	p, path := &f.Plans[i], filecheck.At("plans", i)
	c.Shape(p.Code, codeShape, `"petrol"`, in(path, "code")...)
	c.fit(p.For, in(path, "for")...)
	c.Between(int64(p.SoonDays), 0, 180, in(path, "soon_days")...)
	c.Between(int64(p.SoonKm), 0, 10_000, in(path, "soon_km")...)
	c.Some(len(p.Rows), in(path, "rows")...)
	for k, r := range p.Rows {
		at := item(path, "rows", k)
		if !slices.ContainsFunc(f.Items, func(x Item) bool { return x.Code == r.Item }) {
			c.Say(in(at, "item"), "there is no item %q on the menu", r.Item)
		}
		c.words(r.Text, in(at, "why")...)
		if r.Months < 0 || r.Km < 0 || r.Months+r.Km == 0 || r.FirstMonths < 0 || r.FirstKm < 0 {
			c.Say(at, "%s needs months or kilometres after which it comes again", r.Item)
		}
	}
}

// DecodeRecalls reads config/service/recalls.yaml.
func DecodeRecalls(name string, data []byte, g *Goods, brands ...id.Brand) ([]Recall, []filecheck.Problem) {
	var f struct {
		Recalls []Recall `yaml:"recalls"`
	}
	c := checker{filecheck.Check(name, data, &f)}
	if c.Empty() {
		return nil, c.Done()
	}
	seen := map[string]bool{}
	for i, r := range f.Recalls {
		path := filecheck.At("recalls", i)
		c.code(r.Code, seen, in(path, "code")...)
		if c.Present(string(r.Brand), in(path, "brand")...) && len(brands) > 0 && !slices.Contains(brands, r.Brand) {
			c.Say(in(path, "brand"), "there is no brand %q", r.Brand)
		}
		c.date(r.From, in(path, "from")...)
		c.Present(r.Source, in(path, "source")...)
		c.words(r.Name, in(path, "name")...)
		c.words(r.Text, in(path, "text")...)
		c.Between(int64(r.Minutes), 5, mostMinutes, in(path, "minutes")...)
		c.OneOf(string(r.Skill), skillNames, in(path, "skill")...)
		c.Some(len(r.VINs), in(path, "vins")...)
		c.vins(r.VINs, path...)
		c.uses(r.Parts, g, path...)
	}
	return f.Recalls, c.Done()
}

// DecodeContracts reads config/service/contracts.yaml.
func DecodeContracts(name string, data []byte, m *Menu) ([]Contract, []filecheck.Problem) {
	var f struct {
		Contracts []Contract `yaml:"contracts"`
	}
	c := checker{filecheck.Check(name, data, &f)}
	if c.Empty() {
		return nil, c.Done()
	}
	seen := map[string]bool{InspectionItem: true}
	for _, x := range m.Items {
		seen[x.Code] = true
	}
	for i, x := range f.Contracts {
		path := filecheck.At("contracts", i)
		c.code(x.Code, seen, in(path, "code")...)
		c.words(x.Name, in(path, "name")...)
		c.words(x.Text, in(path, "text")...)
		c.fit(x.For, in(path, "for")...)
		c.Between(int64(x.Months), 1, 120, in(path, "months")...)
		c.Between(int64(x.Visits), 1, 50, in(path, "visits")...)
		c.Some(len(x.Covers), in(path, "covers")...)
		for k, code := range x.Covers {
			if code != InspectionItem && !slices.ContainsFunc(m.Items, func(x Item) bool { return x.Code == code }) {
				c.Say(item(path, "covers", k), "there is no item %q on the menu", code)
			}
		}
	}
	return f.Contracts, c.Done()
}
