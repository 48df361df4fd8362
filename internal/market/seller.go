package market

import (
	"forecourt/internal/id"
	"forecourt/internal/platform/filecheck"
	"regexp"
	"slices"
)

// Who may sell and invoice a car.
const (
	ByDealer = "dealer" // the dealer who hands it over; its names stand with the dealer
	ByMaker  = "maker"  // the national company of the brand
	ByGroup  = "group"  // a retail group that owns dealers
)

// Sellers lists them.
var Sellers = []string{ByDealer, ByMaker, ByGroup}

// Entity is a legal person that sells here beside the dealers, from a day on. Code is the same for ever and
// keeps its series of documents together; name, address and VAT id change with a new dated entry.
type Entity struct {
	From     Date     `yaml:"from" json:"from"`
	As       string   `yaml:"as" json:"as"`                 // maker or group
	Brand    id.Brand `yaml:"brand" json:"brand,omitempty"` // every brand when empty
	Code     string   `yaml:"code" json:"code"`
	Prefix   string   `yaml:"prefix" json:"prefix"` // of its documents' numbers
	Name     string   `yaml:"name" json:"name"`
	VATID    string   `yaml:"vat_id" json:"vat_id"`
	Street   string   `yaml:"street" json:"street"`
	Postcode string   `yaml:"postcode" json:"postcode"`
	Town     string   `yaml:"town" json:"town"`
	Email    string   `yaml:"email" json:"email"`
}

// SellerAt is the legal person that sells a brand as maker or group on a day; an entry for the brand goes
// before one for all. False when there is none, and for dealers.
func (m *Market) SellerAt(as string, b id.Brand, d Date) (Entity, bool) {
	best, ok := Entity{}, false
	for _, e := range m.Sellers {
		if e.As != as || e.From > d || (e.Brand != "" && e.Brand != b) {
			continue
		}
		if closer := e.Brand != "" && best.Brand == ""; !ok || closer || (e.Brand == best.Brand && e.From > best.From) {
			best, ok = e, true
		}
	}
	return best, ok
}

// PrefixShape is what a series of documents begins with.
var PrefixShape = regexp.MustCompile(`^[A-Z0-9]{2,8}$`)

var entityShape = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// sellers demands all that an invoice has to name.
func (c checker) sellers(m *Market) {
	for i, e := range m.Sellers {
		in := func(key string) []string { return filecheck.At("sellers", i, key) }
		c.date(e.From, in("from")...)
		c.OneOf(e.As, []string{ByMaker, ByGroup}, in("as")...)
		c.Shape(e.Code, entityShape, `"gb-dacia"`, in("code")...)
		c.Shape(e.Prefix, PrefixShape, `"GBDA"`, in("prefix")...)
		c.Shape(e.Email, mailShape, `"accounts@example.com"`, in("email")...)
		for key, value := range map[string]string{"name": e.Name, "vat_id": e.VATID, "street": e.Street, "postcode": e.Postcode, "town": e.Town} {
			c.Present(value, in(key)...)
		}
		for _, other := range m.Sellers[:i] {
			if other.As == e.As && other.Brand == e.Brand && other.From == e.From && e.From != "" {
				c.Say(in("from"), "a second %s for the same brand begins on %s", e.As, e.From)
			}
		}
	}
	for flow, terms := range m.Flows {
		for i, t := range terms {
			known := slices.ContainsFunc(m.Sellers, func(e Entity) bool { return e.As == t.Seller && e.From <= t.From })
			if !known && (t.Seller == ByMaker || t.Seller == ByGroup) {
				c.Say(append([]string{"flows"}, filecheck.At(string(flow), i, "seller")...), "the %s sells from %s, but no entry of sellers says who that is", t.Seller, t.From)
			}
		}
	}
}
