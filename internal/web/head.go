package web

import (
	"strings"
)

// Look is what a browser paints around a page: the colour of the head bar by day and by night, and the
// two colours of the house's mark on an icon. The style sheet has the same head colours (a test compares).
type Look struct {
	Light, Dark string // --head
	Ground      string // --bg by day: what an installed shop shows while it opens
	Mark, Rims  string
}

// looks are the brands' looks by theme, as the style sheet chooses them by the same name.
var looks = map[string]Look{
	"forecourt": {Light: "#13222e", Dark: "#0a1016", Ground: "#f3f5f6", Mark: "#8ec8f2", Rims: "#f3f6f8"},
	"dacia":     {Light: "#23251e", Dark: "#0f100c", Ground: "#f5f3ee", Mark: "#c3cf9f", Rims: "#f6f4ee"},
	"renault":   {Light: "#141416", Dark: "#08080a", Ground: "#f4f4f5", Mark: "#f2e11c", Rims: "#ffffff"},
}

// LookOf is the look of a theme. A brand without one of its own wears the house's.
func LookOf(theme string) Look {
	if l, ok := looks[theme]; ok {
		return l
	}
	return looks["forecourt"]
}

// Themes lists the looks there are.
func Themes() []string {
	var out []string
	for name := range looks {
		out = append(out, name)
	}
	return out
}

// Alternate is the same page for readers elsewhere; Lang is "x-default" for those whom no shop serves.
type Alternate struct{ Lang, Path string }

// Look is that of the page's theme.
func (b Base) Look() Look { return LookOf(b.Theme) }

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
