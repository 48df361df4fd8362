package rangegen

import (
	"math/rand/v2"
	"path"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
)

// Brand is the maker of the ranges that Generate makes.
const Brand id.Brand = "acme"

// File is a range file, named as the range reader expects it.
type File struct {
	Name string
	Data []byte
}

// MaxScale keeps a model within what one range file may hold.
const MaxScale = 16

// Generate makes the range files of some models. Scale 1 is a model of about 65 features and 80 rules,
// scale 2 has twice as many of both, up to MaxScale. The same seed gives the same bytes, and a model
// does not change when more models are asked for.
func Generate(seed int64, models int, scale int) []File {
	return For(Brand, seed, models, scale)
}

// For is Generate for a brand.
func For(brand id.Brand, seed int64, models int, scale int) []File {
	scale = min(max(scale, 1), MaxScale)
	files := make([]File, 0, max(models, 0))
	for i := range models {
		r := newModel(brand, seed, i, scale).r
		files = append(files, File{Name: path.Join(string(brand), string(r.Model)+".yaml"), Data: write(r)})
	}
	return files
}

// newModel plans a model; its name rests on its number alone.
func newModel(brand id.Brand, seed int64, number, scale int) *plan {
	p := &plan{dice: rand.New(rand.NewPCG(uint64(seed), uint64(number))), scale: scale, r: &catalogue.Range{}, place: map[id.Feature]int{}}
	p.head(brand, number)
	p.fill()
	return p
}

// fill takes the steps in the order in which later ones rest on earlier ones.
func (p *plan) fill() {
	p.choices()
	p.options()
	p.packs()
	p.standard()
	p.cars()
	p.writeRules()
	p.prices()
}
