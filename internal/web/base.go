package web

import (
	"html/template"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/platform/carart"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/forms"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/money"

	"github.com/labstack/echo/v4"
)

// Base is what every page has: the reader's language, the shop or portal around it, who is signed
// in. Words and formats are methods, so that no template function is bound to a request.
type Base struct {
	P         *i18n.Printer
	Theme     string         // data-brand: a brand's code, "forecourt" outside shops
	Brand     market.Brand   // zero outside shops
	Market    *market.Market // nil outside shops
	Title     string
	Canonical string // path, for public pages
	NoIndex   bool
	// Description, SocialImage and Alternates are for search engines and shared links, on public pages only.
	Description string
	SocialImage *SocialImage // none when nil
	Alternates  []Alternate
	Nav         []NavItem
	Languages   []LanguageLink // the same page in the market's other languages
	User        identity.User  // zero on public pages
	Preview     bool           // staff look at a shop that the public does not see
	Closed      bool           // the shop takes no orders now
	Demo        bool
	Ahead       time.Duration // how far a demo's clock is ahead of the reader's
	Flash       string        // a sentence about what was just done
	Zone        *time.Location
	SessionLeft int    // seconds until a session ends in which nobody does anything; zero on public pages
	SessionLast bool   // and no act keeps it longer: its day is over
	Place       string // a portal's place, beside the house's name: the dealer's site
	place       string // "storefront", "dealer", "manager"
	origin      string // of the site, without a slash at its end
}

// SocialImage is a picture for social networks and chats, which want its size; URL is its path.
type SocialImage struct {
	URL, Alt      string
	Width, Height int
}

// NavItem is a link of the head bar.
type NavItem struct {
	URL     string
	Label   string
	Current bool
}

// T is the text of a key, with pairs of placeholder and value.
func (b Base) T(key string, args ...any) string { return b.P.T(key, args...) }

// N is the plural text of a key.
func (b Base) N(key string, n int, args ...any) string { return b.P.N(key, n, args...) }

// Label is a name with the colon that leads to its value, as the language sets it.
func (b Base) Label(name string) string { return b.P.Label(name) }

// Pair is a name and its value in one text.
func (b Base) Pair(name, value string) string { return b.P.Pair(name, value) }

// Money writes an amount with its decimals.
func (b Base) Money(m money.Money) string { return b.P.Money(m) }

// MoneyShort writes an amount without decimals when they are zero.
func (b Base) MoneyShort(m money.Money) string { return b.P.MoneyShort(m) }

// Delta writes a price difference with its sign.
func (b Base) Delta(m money.Money) string { return b.P.MoneyDelta(m) }

// Date, DateShort, Time and DateTime write an instant in the page's zone.
func (b Base) Date(t time.Time) string { return b.P.Date(t.In(b.zone())) }

// DateShort writes an instant's day, short.
func (b Base) DateShort(t time.Time) string { return b.P.DateShort(t.In(b.zone())) }

// Time writes an instant's time of day.
func (b Base) Time(t time.Time) string { return b.P.Time(t.In(b.zone())) }

// DateTime writes an instant's day and time.
func (b Base) DateTime(t time.Time) string { return b.P.DateTime(t.In(b.zone())) }

func (b Base) zone() *time.Location {
	if b.Zone != nil {
		return b.Zone
	}
	return time.UTC
}

// Stretch writes a length of time in days and hours; what is shorter is an hour.
func (b Base) Stretch(d time.Duration) string {
	hours := max(1, int(d.Hours()))
	days, hours := hours/24, hours%24
	switch {
	case days == 0:
		return b.N("shared.hours", hours)
	case hours == 0:
		return b.N("shared.days", days)
	}
	return b.P.List([]string{b.N("shared.days", days), b.N("shared.hours", hours)})
}

// Distance writes metres in the market's unit.
func (b Base) Distance(metres int64) string {
	unit := i18n.Kilometres
	if b.Market != nil {
		unit = b.Market.Unit()
	}
	return b.P.Distance(metres, unit)
}

// FormKey makes the key of one form; each call a new one.
func (b Base) FormKey() string { return forms.NewKey() }

// Shop is the path of the shop around the page: "/dacia/gb".
func (b Base) Shop() string {
	if b.Market == nil {
		return ""
	}
	return "/" + string(b.Brand.Code) + "/" + string(b.Market.Code)
}

// HomeURL is where "start" leads.
func (b Base) HomeURL() string {
	switch {
	case b.Market != nil:
		return b.Shop()
	case b.place == "dealer":
		return "/dealer"
	case b.place == "manager":
		return "/manager"
	}
	return "/"
}

// FlowName is what people call a flow; its code where nobody has given it a name yet.
func (b Base) FlowName(f id.Flow) string {
	if key := "shared.flow." + string(f); b.P.Has(key) {
		return b.T(key)
	}
	return string(f)
}

// SignedIn tells whether the page belongs to somebody.
func (b Base) SignedIn() bool { return b.User.ID != "" }

// Car draws a car; ids in the drawing are made of key, which must be unique in the page.
func (b Base) Car(s carart.Spec) template.HTML { return carart.HTML(s) }

// BaseFor makes the base of a request: language and theme of the shop in the path, else of the
// signed-in user's market, else English.
func (k *Kit) BaseFor(c echo.Context) Base {
	b := Base{Theme: "forecourt", Demo: k.Demo, Ahead: clock.AheadOf(k.DB.Clock), origin: k.BaseURL}
	w := k.World.Now()
	locale := "en-GB"
	parts := strings.SplitN(strings.Trim(c.Request().URL.Path, "/"), "/", 3)
	if len(parts) >= 2 {
		brand, okB := w.Brand(id.Brand(parts[0]))
		mk, okM := w.Market(id.Market(parts[1]))
		if okB && okM {
			locale = k.Locale(c, mk)
			b.Brand, b.Market, b.Theme, b.Zone, b.place = brand, mk, string(brand.Code), mk.Zone(), "storefront"
			b.Languages = k.languages(c, mk, locale)
		} else if okM {
			locale = mk.Locale
		}
	}
	if u, ok := User(c); ok && b.Market == nil {
		b.User = u
		b.SessionLeft, b.SessionLast = k.secondsLeft(c)
		if loc, zone, ok := k.staffPlace(u); ok {
			locale, b.Zone = loc, zone
		}
	}
	if len(parts) > 0 && (parts[0] == "dealer" || parts[0] == "manager") {
		b.place = parts[0]
		if d, ok := w.Dealer(b.User.Dealer); ok {
			b.Place = d.Name
		}
	}
	if b.place == "" && b.User.ID != "" {
		if b.place = "manager"; b.User.Role == identity.RoleDealer {
			b.place = "dealer"
		}
	}
	b.P = k.Catalogue.Printer(locale)
	return b
}

// secondsLeft is how long the reader stays signed in without doing anything, and whether that is the end.
func (k *Kit) secondsLeft(c echo.Context) (seconds int, last bool) {
	still, latest, ok := k.Sessions.Ends(c.Request().Context())
	if !ok {
		return 0, false
	}
	if left := time.Until(latest); left < still {
		return max(1, int(left.Seconds())), true
	}
	return int(still.Seconds()), false
}

// staffPlace is the locale and zone in which a member of staff works: those of the dealer's site or
// of the first of the manager's markets.
func (k *Kit) staffPlace(u identity.User) (string, *time.Location, bool) {
	w := k.World.Now()
	if d, ok := w.Dealer(u.Dealer); ok {
		if mk, ok := w.Market(d.Market); ok {
			return mk.Locale, d.Zone(), true
		}
	}
	if len(u.Markets) == 1 {
		if mk, ok := w.Market(u.Markets[0]); ok {
			return mk.Locale, mk.Zone(), true
		}
	}
	return "", nil, false
}
