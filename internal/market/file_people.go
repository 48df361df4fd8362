package market

import (
	"forecourt/internal/id"
	"forecourt/internal/platform/filecheck"
	"forecourt/internal/platform/palette"
)

// DecodeBrands reads config/brands.yaml.
func DecodeBrands(name string, data []byte) ([]Brand, []filecheck.Problem) {
	var f struct {
		Brands []Brand `yaml:"brands"`
	}
	c := checker{Checker: filecheck.Check(name, data, &f)}
	if c.Empty() {
		return nil, c.Done()
	}
	c.Some(len(f.Brands), "brands")
	codes, orders := map[id.Brand]bool{}, map[int]bool{}
	for i, b := range f.Brands {
		c.Shape(string(b.Code), codeShape, `"dacia"`, filecheck.At("brands", i, "code")...)
		c.Present(b.Name, filecheck.At("brands", i, "name")...)
		c.Between(int64(b.Order), 1, 999, filecheck.At("brands", i, "order")...)
		if b.Code != "" && codes[b.Code] {
			c.Say(filecheck.At("brands", i, "code"), "brand %s is given twice", b.Code)
		}
		if b.Order != 0 && orders[b.Order] {
			c.Say(filecheck.At("brands", i, "order"), "order %d is given twice", b.Order)
		}
		codes[b.Code], orders[b.Order] = true, true
		c.look(i, b)
	}
	return f.Brands, c.Done()
}

// look refuses a brand that nobody could read, or that takes the house's own name.
func (c checker) look(i int, b Brand) {
	if b.Code == palette.HouseCode {
		c.Say(filecheck.At("brands", i, "code"), "code %s is the house's own", b.Code)
	}
	if path := filecheck.At("brands", i, "colours"); !c.Given(path) {
		c.Say(path, "colours is missing")
		return
	}
	for _, flaw := range b.Colours.Check() {
		c.Say(filecheck.At("brands", i, "colours", flaw.Scheme, flaw.Token), "%s, %s: %s", b.Name, flaw.Scheme, flaw.Reason)
	}
}

// Manager is a demo login outside the dealers: a country manager, or a person of the head office.
type Manager struct {
	Name    string      `yaml:"name" json:"name"`
	Email   string      `yaml:"email" json:"email"`
	Role    string      `yaml:"role" json:"role"` // "manager" or "hq"
	Markets []id.Market `yaml:"markets" json:"markets"`
}

// DecodeManagers reads config/staff.yaml.
func DecodeManagers(name string, data []byte) ([]Manager, []filecheck.Problem) {
	var f struct {
		Staff []Manager `yaml:"staff"`
	}
	c := checker{Checker: filecheck.Check(name, data, &f)}
	if c.Empty() {
		return nil, c.Done()
	}
	c.Some(len(f.Staff), "staff")
	seen := map[string]bool{}
	for i, p := range f.Staff {
		c.Present(p.Name, filecheck.At("staff", i, "name")...)
		c.OneOf(p.Role, []string{"manager", "hq", "agent"}, filecheck.At("staff", i, "role")...)
		c.Email(p.Email, seen, filecheck.At("staff", i, "email")...)
		c.Some(len(p.Markets), filecheck.At("staff", i, "markets")...)
		for _, m := range p.Markets {
			c.Shape(string(m), marketShape, `"gb"`, filecheck.At("staff", i, "markets")...)
		}
	}
	return f.Staff, c.Done()
}
