package document

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// Faults of this package.
var (
	ErrNone     = fault.New(fault.NotFound, "fault.not_found", "document")
	ErrEntity   = fault.New(fault.Internal, "fault.internal", "document.Issue")
	ErrSums     = fault.New(fault.Internal, "fault.internal", "document.Issue") // the lines are not the total
	ErrCredited = fault.New(fault.Conflict, "fault.conflict", "document.Issue")
)

// Kind is what a document is.
type Kind string

// The kinds, in the order in which one transaction issues them: the counters are locked in this order, so
// that two transactions can not wait for one another.
const (
	Confirmation Kind = "confirmation" // the contract is made
	Invoice      Kind = "invoice"      // the car is handed over
	Handover     Kind = "handover"     // who handed over what, when
	CreditNote   Kind = "credit_note"  // an invoice is taken back, whole or in part
)

// Kinds lists them.
var Kinds = []Kind{Confirmation, Invoice, Handover, CreditNote}

// letters mark a kind's series in its numbers, the same in every language.
var letters = map[Kind]string{Confirmation: "A", Invoice: "I", CreditNote: "C", Handover: "H"}

// Entity is who issues: a legal person with its own series. Code never changes; Prefix begins its numbers
// and should not change within a year (the year's first stays).
type Entity struct {
	Code   string `json:"code"`
	Prefix string `json:"prefix"`
	Party
}

// Party is a legal person as a document names it.
type Party struct {
	Name     string `json:"name"`
	VATID    string `json:"vat_id,omitempty"`
	Street   string `json:"street"`
	Postcode string `json:"postcode"`
	Town     string `json:"town"`
	Country  string `json:"country,omitempty"` // ISO 3166: "GB"
	Email    string `json:"email,omitempty"`
	Phone    string `json:"phone,omitempty"`
}

// Car is what is sold. Words are in the language the buyer agreed in.
type Car struct {
	Model   string `json:"model"`
	Version string `json:"version"`
	Engine  string `json:"engine"`
	Colour  string `json:"colour"`
	VIN     string `json:"vin,omitempty"`
	Plate   string `json:"plate,omitempty"`
}

// Line is a line of a price, VAT-inclusive, with the VAT contained in it.
type Line struct {
	Kind      string      `json:"kind"` // car, feature, fee, deduction
	Label     string      `json:"label"`
	Amount    money.Money `json:"amount"`
	VATRateBP int64       `json:"vat_rate_bp"` // 0 for duties outside VAT
	VAT       money.Money `json:"vat"`
	Included  bool        `json:"included,omitempty"`
	Margin    bool        `json:"margin,omitempty"` // sold by the margin scheme: no VAT is shown (Directive 2006/112/EC, 226 (14))
}

// Tax is the sum of all lines of one rate, or of those by the margin scheme.
type Tax struct {
	RateBP int64       `json:"rate_bp"`
	Margin bool        `json:"margin,omitempty"`
	Net    money.Money `json:"net"`
	VAT    money.Money `json:"vat"`
	Gross  money.Money `json:"gross"`
}

// Paid is money that the buyer gave, or got back (negative).
type Paid struct {
	Purpose string      `json:"purpose"` // deposit, balance
	Means   string      `json:"means"`   // card, desk_card ...
	Amount  money.Money `json:"amount"`
	On      string      `json:"on"` // day: "2026-11-24"
}

// TextRef names an accepted text by its version and the hash of its words.
type TextRef struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

// Ref names another document.
type Ref struct {
	Number string `json:"number"`
	Day    string `json:"day"`
	SHA256 string `json:"sha256"`
}

// Given is what a handover record attests.
type Given struct {
	At         time.Time  `json:"at"`
	Checks     []string   `json:"checks"`
	OdometerKm int        `json:"odometer_km"`
	Keys       int        `json:"keys,omitempty"` // 0: not counted
	Papers     []string   `json:"papers,omitempty"`
	Faults     []string   `json:"faults,omitempty"`
	Photos     []string   `json:"photos,omitempty"` // SHA-256 of each
	Dealer     *Confirmed `json:"dealer,omitempty"` // absent in records of before
	Buyer      *Confirmed `json:"buyer,omitempty"`  // nil while the buyer has not confirmed
	Undone     *time.Time `json:"undone,omitempty"` // this record takes the one it refers to back
	Clocks     *Clocks    `json:"clocks,omitempty"`
}

// Confirmed is how a side confirmed a handover: the dealer by the buyer's "pickup_code", the buyer by the dealer's
// "code" or on "paper".
type Confirmed struct {
	How string    `json:"how"`
	At  time.Time `json:"at"`
}

// Clocks are the days that a handover sets: "2026-12-08"; empty where a market has none.
type Clocks struct {
	Withdraw string `json:"withdraw,omitempty"` // last day of the right to withdraw
	Legal    string `json:"legal,omitempty"`    // last day of the legal guarantee
	Maker    string `json:"maker,omitempty"`    // last day of the maker's warranty
	MakerKm  int    `json:"maker_km,omitempty"` // or so far driven, whatever comes first
}

// Content is all that a document says: what a reader may hold against the house. Issue fills the fields
// that are marked so.
type Content struct {
	Kind     Kind      `json:"kind"`      // by Issue
	Number   string    `json:"number"`    // by Issue
	Edition  int       `json:"edition"`   // by Issue
	IssuedAt time.Time `json:"issued_at"` // by Issue
	Day      string    `json:"day"`       // of issue, in the market's zone: decides the series' year

	Locale   string `json:"locale"` // that the buyer agreed in
	Market   string `json:"market"` // by Issue
	Brand    string `json:"brand"`  // by Issue
	Role     string `json:"role"`   // of the seller: dealer, maker, group
	Seller   Entity `json:"seller"` // contract party and issuer
	Pickup   Party  `json:"pickup"` // the dealer who hands over
	Buyer    Party  `json:"buyer"`
	Order    string `json:"order"`          // number
	Flow     string `json:"flow,omitempty"` // of what was sold: its words may differ; empty for papers of before
	PlacedOn string `json:"placed_on"`
	Contract string `json:"contract_on,omitempty"` // day the contract was made
	Supplied string `json:"supplied_on,omitempty"` // day of the handover
	Car      Car    `json:"car"`

	Lines   []Line      `json:"lines"`
	Taxes   []Tax       `json:"taxes"`   // by Issue, from the lines
	Net     money.Money `json:"net"`     // by Issue
	VAT     money.Money `json:"vat"`     // by Issue
	Total   money.Money `json:"total"`   // must be the lines' sum
	Deposit money.Money `json:"deposit"` // that was agreed
	Paid    []Paid      `json:"paid,omitempty"`
	Due     money.Money `json:"due"`              // by Issue: the total less what was paid
	DueOn   string      `json:"due_on,omitempty"` // day until which Due may stay open
	SetOff  money.Money `json:"set_off,omitzero"` // of a credit note: what was never paid of the invoice, so that it does not go back
	Texts   []TextRef   `json:"texts,omitempty"`
	Given   *Given      `json:"given,omitempty"`
	Refers  *Ref        `json:"refers,omitempty"` // by Issue: the invoice of a credit note. Of another paper: the one it takes back or the place of
	Reason  string      `json:"reason,omitempty"` // why it does: a key, "withdrawal", "undone", "corrected"
}

// Document is one that was issued.
type Document struct {
	ID       id.Document
	Order    id.Order
	Market   id.Market
	Brand    id.Brand
	Kind     Kind
	Edition  int
	Entity   string
	Number   string
	Refers   id.Document
	Total    money.Money
	SHA256   string // of Raw
	IssuedAt time.Time
	Raw      string // the content as it was hashed
	Content  Content
}

// complete sums the content up and refuses lines that are not the total.
func (c *Content) complete() error {
	c.Net, c.VAT, c.Due, c.Taxes = money.Of(0, c.Total.Currency), money.Of(0, c.Total.Currency), c.Total, nil
	sum := money.Of(0, c.Total.Currency)
	for _, l := range c.Lines {
		if l.Amount.Currency != c.Total.Currency || l.VAT.Currency != c.Total.Currency {
			return fmt.Errorf("document: a line in %s on a paper in %s: %w", l.Amount.Currency, c.Total.Currency, ErrSums)
		}
		if l.Margin && (l.VATRateBP != 0 || !l.VAT.IsZero()) {
			return fmt.Errorf("document: a line by the margin scheme shows VAT: %w", ErrSums)
		}
		sum, c.VAT = sum.Add(l.Amount), c.VAT.Add(l.VAT)
		c.tax(l)
	}
	if sum != c.Total {
		return fmt.Errorf("document: the lines come to %s, the total is %s: %w", sum, c.Total, ErrSums)
	}
	slices.SortStableFunc(c.Taxes, func(a, b Tax) int { return int(b.RateBP - a.RateBP) })
	c.Net = c.Total.Sub(c.VAT)
	for _, p := range c.Paid {
		c.Due = c.Due.Sub(p.Amount)
	}
	return nil
}

func (c *Content) tax(l Line) {
	if l.Amount.IsZero() {
		return
	}
	i := slices.IndexFunc(c.Taxes, func(t Tax) bool { return t.RateBP == l.VATRateBP && t.Margin == l.Margin })
	if i < 0 {
		zero := money.Of(0, c.Total.Currency)
		i, c.Taxes = len(c.Taxes), append(c.Taxes, Tax{RateBP: l.VATRateBP, Margin: l.Margin, Net: zero, VAT: zero, Gross: zero})
	}
	t := &c.Taxes[i]
	t.Gross, t.VAT = t.Gross.Add(l.Amount), t.VAT.Add(l.VAT)
	t.Net = t.Gross.Sub(t.VAT)
}

// Hash is the SHA-256 of a text as documents and manifests write it.
func Hash(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// Text is a text that the buyer accepted, with its words.
type Text struct {
	Name       string
	Version    string
	Lang       string // of Body
	Title      string
	TitleLang  string
	Body       string
	SHA256     string
	AcceptedAt time.Time
}

// Words are what the hash of a text is made over.
func (t Text) Words() string { return t.Title + "\n\n" + t.Body }

// Ref names the text on a document.
func (t Text) Ref() TextRef { return TextRef{Name: t.Name, Version: t.Version, SHA256: t.SHA256} }

// Filed is a paper or an accepted text as a list names it.
type Filed struct {
	Kind    Kind      `json:"kind"`   // empty for a text
	Number  string    `json:"number"` // of a paper
	Name    string    `json:"name"`   // of a text
	Version string    `json:"version"`
	At      time.Time `json:"at"` // of issue or acceptance
}

// FiledFromJSON reads a list that a query made with json_agg; nothing is an empty list.
func FiledFromJSON(rows []byte) ([]Filed, error) {
	var out []Filed
	if len(rows) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(rows, &out); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return out, nil
}
