package web

import (
	"strings"

	"forecourt/internal/market"
)

// Look is what a browser paints around a page: the colour of the head bar by day and by night, and the
// two colours of the house's mark on an icon.
type Look struct {
	Light, Dark string // the head bar
	Ground      string // the page's by day: what an installed shop shows while it opens
	Mark, Rims  string
}

// LookOf takes the colours that a brand gives; the house's when it gives none that can be used.
func LookOf(b market.Brand) Look {
	p := b.Colours.OrHouse()
	return Look{Light: p.Light["head"], Dark: p.Dark["head"], Ground: p.Light["bg"], Mark: p.Dark["accent"], Rims: p.Light["on-head"]}
}

// Alternate is the same page for readers elsewhere; Lang is "x-default" for those whom no shop serves.
type Alternate struct{ Lang, Path string }

// Look is that of the page's shop.
func (b Base) Look() Look { return LookOf(b.Brand) }

// Public tells whether search engines and shared links may know the page. Deny by default: a page is
// public when it names its address and nothing forbids it, so a new page with secrets leaks nowhere.
func (b Base) Public() bool { return b.Canonical != "" && !b.NoIndex && !b.Preview }

// Abs makes an address of this site complete; one that is complete already stays.
func (b Base) Abs(path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	return b.origin + path
}

// SiteName is the shop's name on links that people share.
func (b Base) SiteName() string {
	if b.Market == nil {
		return "Forecourt"
	}
	return b.Brand.Name + " " + b.Market.Name
}

// ShareLocale is the page's locale as shared links write it.
func (b Base) ShareLocale() string { return strings.ReplaceAll(b.P.Locale(), "-", "_") }
