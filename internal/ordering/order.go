package ordering

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
	"forecourt/internal/pricing"
)

// Faults of this package.
var (
	ErrNoOrder  = fault.New(fault.NotFound, "fault.not_found", "ordering")
	ErrMoved    = fault.New(fault.Conflict, "fault.conflict", "ordering.Move")
	ErrNoDraft  = fault.New(fault.NotFound, "fault.not_found", "ordering.Draft")
	ErrLinkGone = fault.New(fault.Gone, "fault.gone", "ordering.Link")
	ErrVINTaken = fault.New(fault.Conflict, "order.vin_taken", "ordering.SetVIN")
)

// Buyer is the person who buys. It is the only place of personal data.
type Buyer struct {
	ID       id.Buyer
	Market   id.Market
	Name     string
	Email    string
	Phone    string // E.164
	Street   string
	Town     string
	Postcode string
}

// AnyDealer is whether a buyer leaves the choice of the dealer to the market's rule.
type AnyDealer string

// What a buyer agrees to.
const (
	OnlyNamed AnyDealer = ""      // nobody but the dealers named
	AnyFirst  AnyDealer = "first" // no dealer is named: the rule chooses from the first
	AnyAfter  AnyDealer = "after" // the rule chooses when none of those named can
)

// Snapshot is the car and its price as sold. Only a change that the buyer confirms writes a new one, and keeps the old.
type Snapshot struct {
	ModelName string        `json:"model_name"`
	Body      string        `json:"body"`
	PaintHex  string        `json:"paint_hex"`
	Finish    string        `json:"finish"`
	Wheels    string        `json:"wheels"`
	Rails     bool          `json:"rails"`
	TwoTone   bool          `json:"two_tone"`
	Trim      string        `json:"trim,omitempty"`
	Version   string        `json:"version"` // names in the market's first language
	Engine    string        `json:"engine"`
	Colour    string        `json:"colour"`
	Lines     []Line        `json:"lines"`
	Quote     pricing.Quote `json:"quote"`
	Seller    string        `json:"seller"`              // "dealer", "maker" or "group"
	Contract  string        `json:"contract,omitempty"`  // "online" or "dealer": where the contract is made; online when empty
	TermsDay  string        `json:"terms_day,omitempty"` // the market's day whose terms count: "2026-11-29"
	FeeRule   string        `json:"fee_rule,omitempty"`  // version of the rule by which the dealer is paid
	TakenNow  bool          `json:"taken_now,omitempty"` // the card's money is taken at once, not when a dealer accepts
	Holds     string        `json:"holds_money"`         // "dealer" or "maker"
	LeaveDays int           `json:"leave_days"`          // withdrawal days after handover
	WeeksFrom int           `json:"weeks_from"`
	WeeksTo   int           `json:"weeks_to"`
	Model     id.Model      `json:"model,omitempty"`    // its code in the range; empty for orders of before and what is no car
	Fuel      string        `json:"fuel,omitempty"`     // by the codes of the ranges; empty for orders of before
	Electric  bool          `json:"electric,omitempty"` // it runs on its battery alone: the schema reads this, see appointment_fits
	Stock     *StockCar     `json:"stock,omitempty"`    // nil when the car was ordered from the factory
	Used      *Used         `json:"used,omitempty"`     // nil when the car is new
	Visit     *Visit        `json:"visit,omitempty"`    // nil when no workshop is visited
	Read      *Read         `json:"read,omitempty"`     // nil when the buyer reads the market's first language
}

// Title names what was bought: the model and its version, or a thing and its kind.
func (s Snapshot) Title() string { return strings.TrimSpace(s.ModelName + " " + s.Version) }

// Drawn tells whether what was bought is a car that can be drawn.
func (s Snapshot) Drawn() bool { return s.Body != "" }

// Read are the words of a snapshot as the buyer read them; Lines has a label for each line.
type Read struct {
	Version string   `json:"version"`
	Engine  string   `json:"engine"`
	Colour  string   `json:"colour"`
	Lines   []string `json:"lines"`
}

// AsRead is the snapshot in the buyer's own words. Dealers read it as it is.
func (s Snapshot) AsRead() Snapshot {
	if s.Read == nil || len(s.Read.Lines) != len(s.Lines) {
		return s
	}
	s.Version, s.Engine, s.Colour = s.Read.Version, s.Read.Engine, s.Read.Colour
	s.Lines = slices.Clone(s.Lines)
	for i := range s.Lines {
		s.Lines[i].Label = s.Read.Lines[i]
	}
	return s
}

// StockCar is the car of an order that existed, or was being built, before the order.
type StockCar struct {
	Number  id.StockCar `json:"number"`
	Stage   string      `json:"stage"`    // ground, transit or build, when it was sold
	Dealer  id.Dealer   `json:"dealer"`   // where it stood or was to arrive
	ReadyOn string      `json:"ready_on"` // first day of a handover there: "2026-12-03"
	MovedOn string      `json:"moved_on"` // and at any other dealer
}

// Used is a used car as sold, and what was promised with it.
type Used struct {
	Number       id.UsedCar `json:"number"`
	VIN          string     `json:"vin"`
	Plate        string     `json:"plate,omitempty"`
	Registered   string     `json:"registered"` // first registration: "2021-03-04"
	Km           int        `json:"km"`         // on the day of the order
	Owners       int        `json:"owners"`
	Margin       bool       `json:"margin,omitempty"` // sold under the margin scheme: no VAT is shown
	Guarantee    int        `json:"guarantee"`        // months of the seller's guarantee
	Consent      bool       `json:"consent,omitempty"`
	Faults       []string   `json:"faults,omitempty"` // as the page named them
	TermsVersion string     `json:"terms_version"`
	Moved        *Moved     `json:"moved,omitempty"` // nil when it is fetched where it stands
}

// Visit is a stay in a workshop as it was sold.
type Visit struct {
	Booking  id.Booking  `json:"booking"`
	Vehicle  id.Vehicle  `json:"vehicle,omitempty"`
	VIN      string      `json:"vin,omitempty"`
	Plate    string      `json:"plate,omitempty"`
	Km       int         `json:"km"` // as the customer said
	StartsAt time.Time   `json:"starts_at"`
	EndsAt   time.Time   `json:"ends_at"` // of the work
	Mobility string      `json:"mobility"`
	Items    []VisitItem `json:"items"` // one for each line of the price
}

// VisitItem is what a line of the price stands for.
type VisitItem struct {
	Code       string `json:"code"`
	Kind       string `json:"kind"`
	Withdrawal string `json:"withdrawal"`        // rule by which it can be given back
	Covered    string `json:"covered,omitempty"` // service plan that pays for it
}

// ReadyAt is the first day of a handover at a dealer; zero when there is none.
func (c *StockCar) ReadyAt(d id.Dealer) time.Time {
	day := c.MovedOn
	if d == c.Dealer {
		day = c.ReadyOn
	}
	// At noon it is the same day in every zone of a market.
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return t.Add(12 * time.Hour)
}

// Line is a price line; its label is in the market's first language.
type Line struct {
	Kind     string      `json:"kind"` // car, feature, fee
	Label    string      `json:"label"`
	Amount   money.Money `json:"amount"`
	Included bool        `json:"included,omitempty"`
}

// Order is one purchase.
type Order struct {
	ID            id.Order
	Number        string
	Brand         id.Brand
	Market        id.Market
	Flow          id.Flow
	State         State
	Buyer         id.Buyer
	Configuration id.BuildCode // empty for what is not built to order
	Snapshot      Snapshot
	Currency      money.Currency
	TotalMinor    int64
	DepositMinor  int64
	TermsVersion  string
	Dealer        id.Dealer
	VIN           string
	Plate         string
	PickupCode    string
	Checks        []string
	CancelReason  string
	DueAt         time.Time // zero when none
	CreatedAt     time.Time
	UpdatedAt     time.Time
	HandedOverAt  time.Time
	Locale        string // of the buyer; empty for the market's first
	WishDay       string // first day on which the buyer can fetch the car: "2026-12-24"; empty when any is fine
	AnyDealer     AnyDealer
	OriginDealer  id.Dealer // whose desk the basket was open at; empty for a purchase made online alone
}

// Total is the on-the-road price.
func (o *Order) Total() money.Money { return money.Of(o.TotalMinor, o.Currency) }

// Deposit is what the card pays first.
func (o *Order) Deposit() money.Money { return money.Of(o.DepositMinor, o.Currency) }

// HasCheck tells whether a preparation item is done.
func (o *Order) HasCheck(item string) bool {
	for _, c := range o.Checks {
		if c == item {
			return true
		}
	}
	return false
}

// Step is one row of the history.
type Step struct {
	Seq    int
	From   State
	Event  Event
	To     State
	At     time.Time
	Actor  string
	Reason string
}

// Draft is a purchase before it is an order.
type Draft struct {
	ID            id.Draft
	Brand         id.Brand
	Market        id.Market
	Flow          id.Flow
	Configuration id.BuildCode
	Dealer        id.Dealer
	Fallbacks     []id.Dealer
	AnyDealer     AnyDealer   // with AnyFirst nobody has chosen Dealer
	Buyer         id.Buyer    // empty until details are given
	Order         id.Order    // empty until ordered
	Car           id.StockCar // the car that is wanted; empty for one from the factory
	Version       int         // counts what was changed; who changes a shared basket names the one he saw
	Showroom      bool        // a dealer's desk has had it open
}

// Configuration is a saved build.
type Configuration struct {
	Code      id.BuildCode
	Brand     id.Brand
	Market    id.Market
	Model     id.Model
	Selection string // encoded as in URLs
	Quote     pricing.Quote
	CreatedAt time.Time
}

// alphabet has no letter or digit that people mix up.
const alphabet = pricing.Alphabet

// randomCode draws n signs of the alphabet without bias.
func randomCode(n int) string {
	out := make([]byte, 0, n)
	buf := make([]byte, 2*n)
	for len(out) < n {
		_, _ = rand.Read(buf)
		for _, b := range buf {
			if int(b) < 256/len(alphabet)*len(alphabet) && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// NewNumber draws an order number: FC-7K3M-29QX. 31^8 numbers; the schema refuses a repeat.
func NewNumber() string {
	c := randomCode(8)
	return "FC-" + c[:4] + "-" + c[4:]
}

// ReadNumber reads a whole order number as people type it: in small letters, without dashes or without what every
// number begins with. False when it is none.
func ReadNumber(typed string) (string, bool) {
	n := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
	if len(n) == 10 { // the eight after it may begin with the same letters
		n = strings.TrimPrefix(n, "FC")
	}
	if len(n) != 8 || strings.ContainsFunc(n, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		return "", false
	}
	return "FC-" + n[:4] + "-" + n[4:], true
}

// NewPickupCode draws the code a buyer shows at the handover.
func NewPickupCode() string { return randomCode(6) }

// NewHandoverCode draws the code a dealer shows after it, for the buyer to confirm.
func NewHandoverCode() string { return randomCode(6) }

// Tokens makes and checks the secret links. A token is 256 bits of a keyed hash over the link's
// random id: unguessable without the key, never stored, and made again when a mail needs it.
type Tokens struct{ key []byte }

// NewTokens takes the process's secret; at least 32 bytes.
func NewTokens(key []byte) Tokens { return Tokens{key: key} }

// Of is the token of a link or draft id.
func (t Tokens) Of(purpose, key string) string {
	m := hmac.New(sha256.New, t.key)
	m.Write([]byte(purpose + "\x00" + key))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// HashToken is what the store keeps of a token; nil when it has not even a token's form.
func HashToken(token string) []byte {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != sha256.Size {
		return nil
	}
	h := sha256.Sum256(raw)
	return h[:]
}
