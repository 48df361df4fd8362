package stripesim

import "time"

// Objects are never changed in place: a handler copies, changes the copy and puts it. An event can
// therefore keep the version it tells of, and rendering needs no lock.

type session struct {
	ID            string            `json:"id"`
	Status        string            `json:"st"`
	PaymentStatus string            `json:"ps"`
	Amount        int64             `json:"am"`
	Currency      string            `json:"cu"`
	Created       int64             `json:"cr"`
	ExpiresAt     int64             `json:"ex"`
	Locale        string            `json:"lo,omitempty"`
	Email         string            `json:"em,omitempty"`
	Name          string            `json:"na,omitempty"`
	ClientRef     string            `json:"re,omitempty"`
	URL           string            `json:"ur"`
	SuccessURL    string            `json:"su"`
	CancelURL     string            `json:"ca,omitempty"`
	Metadata      map[string]string `json:"me,omitempty"`
	Items         []item            `json:"it"`
	Manual        bool              `json:"ma,omitempty"`
	Async         bool              `json:"as,omitempty"`
	Customer      string            `json:"cm,omitempty"`
	NewCustomer   bool              `json:"nc,omitempty"` // a customer is made of the buyer
	KeepFor       string            `json:"kf,omitempty"`
	AskSecure     bool              `json:"ak,omitempty"`
	Receipt       string            `json:"rm,omitempty"`
	IntentMeta    map[string]string `json:"im,omitempty"`
	IntentText    string            `json:"ix,omitempty"`
	Intent        string            `json:"pi,omitempty"`
	Attempt       string            `json:"at,omitempty"` // token of the form that was sent last
	Problem       string            `json:"pr,omitempty"` // why that attempt failed; a decline code
}

type item struct {
	Name     string `json:"n"`
	Text     string `json:"t,omitempty"`
	Unit     int64  `json:"u"`
	Quantity int64  `json:"q"`
}

type intent struct {
	ID           string            `json:"id"`
	Session      string            `json:"se,omitempty"` // empty when no hosted page belongs to it
	Status       string            `json:"st"`
	Amount       int64             `json:"am"`
	Capturable   int64             `json:"cb,omitempty"`
	Received     int64             `json:"rc,omitempty"`
	Currency     string            `json:"cu"`
	Manual       bool              `json:"ma,omitempty"`
	Async        bool              `json:"as,omitempty"` // captured by itself, in the balance a little later
	ByHand       bool              `json:"bh,omitempty"` // confirmed once more by the server after a challenge
	Automatic    bool              `json:"au,omitempty"` // all payment methods of the account, those that redirect, too
	OffSession   bool              `json:"of,omitempty"`
	AskSecure    bool              `json:"ak,omitempty"` // 3-D Secure where the card offers it
	KeepFor      string            `json:"kf,omitempty"` // setup_future_usage
	Customer     string            `json:"cm,omitempty"`
	Receipt      string            `json:"rm,omitempty"`
	ReturnURL    string            `json:"ru,omitempty"`
	Review       string            `json:"rv,omitempty"`
	Turns        int64             `json:"tu,omitempty"` // when a slow card is decided
	Created      int64             `json:"cr"`
	Secret       string            `json:"cs"`
	Text         string            `json:"tx,omitempty"`
	Email        string            `json:"em,omitempty"`
	Metadata     map[string]string `json:"me,omitempty"`
	Charge       string            `json:"ch,omitempty"`
	Card         *cardUse          `json:"ca,omitempty"`
	Challenge    string            `json:"cl,omitempty"` // address of the challenge, while one waits
	Failure      *failure          `json:"fa,omitempty"`
	CanceledAt   int64             `json:"xa,omitempty"`
	CancelReason string            `json:"xr,omitempty"`
}

// cardUse is what is kept of a card: never its number.
type cardUse struct {
	ID       string `json:"id"` // pm_...
	Brand    string `json:"br"`
	Last4    string `json:"l4"`
	Country  string `json:"co"`
	ExpMonth int    `json:"em"`
	ExpYear  int    `json:"ey"`
	Name     string `json:"na,omitempty"`
	Test     string `json:"te,omitempty"` // name of the test card, "" for an unknown number
	Secured  string `json:"3d,omitempty"` // how 3-D Secure went: challenge or frictionless
	Customer string `json:"cm,omitempty"` // whom it was attached to
	SetUp    bool   `json:"su,omitempty"` // confirmed once for use without the card holder
	Created  int64  `json:"cr"`
}

// failure is why an attempt went wrong.
type failure struct {
	Type    string   `json:"ty"`
	Code    string   `json:"co"`
	Decline string   `json:"de,omitempty"`
	Message string   `json:"ms"`
	Charge  string   `json:"ch,omitempty"`
	Card    *cardUse `json:"ca,omitempty"`
}

type charge struct {
	ID            string            `json:"id"`
	Intent        string            `json:"pi"`
	Amount        int64             `json:"am"`
	Captured      int64             `json:"cp,omitempty"`
	Refunded      int64             `json:"rf,omitempty"`
	Currency      string            `json:"cu"`
	Status        string            `json:"st"`
	IsCaptured    bool              `json:"ic,omitempty"`
	CaptureBefore int64             `json:"cb,omitempty"`
	Disputes      []string          `json:"ds,omitempty"`
	Balance       string            `json:"bt,omitempty"` // its line in the balance, once the money came
	BooksAt       int64             `json:"ba,omitempty"` // when it will come, if later
	Rest          int64             `json:"rs,omitempty"` // released by a partial capture and shown as refunded
	Review        string            `json:"rv,omitempty"`
	Customer      string            `json:"cm,omitempty"`
	Created       int64             `json:"cr"`
	Email         string            `json:"em,omitempty"`
	Text          string            `json:"tx,omitempty"`
	Metadata      map[string]string `json:"me,omitempty"`
	Card          *cardUse          `json:"ca"`
	Failure       *failure          `json:"fa,omitempty"`
}

type refund struct {
	ID       string            `json:"id"`
	Intent   string            `json:"pi"`
	Charge   string            `json:"ch"`
	Amount   int64             `json:"am"`
	Currency string            `json:"cu"`
	Status   string            `json:"st"`
	Reason   string            `json:"re,omitempty"`
	Metadata map[string]string `json:"me,omitempty"`
	Created  int64             `json:"cr"`
	Balance  string            `json:"bt,omitempty"`
	Failed   string            `json:"fb,omitempty"` // line in the balance that took a failed refund back
	Why      string            `json:"wy,omitempty"` // why it failed
	Turns    int64             `json:"tu,omitempty"` // when it changes by itself, 0 for never
	TurnsTo  string            `json:"tt,omitempty"` // into what status
}

// dispute is a card holder's complaint at his bank: an inquiry moves no money, a chargeback does.
type dispute struct {
	ID        string            `json:"id"`
	Intent    string            `json:"pi"`
	Charge    string            `json:"ch"`
	Amount    int64             `json:"am"`
	Currency  string            `json:"cu"`
	Brand     string            `json:"br"`
	Reason    string            `json:"re"`
	Status    string            `json:"st"`
	Created   int64             `json:"cr"`
	DueBy     int64             `json:"du"`           // until then evidence is taken
	Ends      int64             `json:"en,omitempty"` // when it is decided without anybody doing anything, 0 once decided
	Evidence  map[string]string `json:"ev,omitempty"`
	PastDue   bool              `json:"pa,omitempty"` // nobody handed evidence in in time
	Submitted int64             `json:"su,omitempty"` // how often evidence was handed in
	Metadata  map[string]string `json:"me,omitempty"`
	Balance   []string          `json:"bt,omitempty"` // lines in the balance: taken, given back
}

// balanceLine is one movement of the merchant's balance. Lines are never changed.
type balanceLine struct {
	ID       string `json:"id"`
	Intent   string `json:"pi"`
	Source   string `json:"so"` // ch_, re_ or dp_
	Type     string `json:"ty"`
	Category string `json:"ca"`
	Text     string `json:"tx,omitempty"`
	Amount   int64  `json:"am"` // signed
	Fee      int64  `json:"fe,omitempty"`
	Currency string `json:"cu"`
	Created  int64  `json:"cr"`
}

// warning is an early fraud warning of a card network: often a dispute follows.
type warning struct {
	ID      string `json:"id"`
	Intent  string `json:"pi"`
	Charge  string `json:"ch"`
	Created int64  `json:"cr"`
}

// review is a risky payment before a person of the merchant.
type review struct {
	ID      string `json:"id"`
	Intent  string `json:"pi"`
	Charge  string `json:"ch"`
	Open    bool   `json:"op,omitempty"`
	Reason  string `json:"re"`
	Closed  string `json:"cl,omitempty"` // why it was closed
	Created int64  `json:"cr"`
}

type customer struct {
	ID       string            `json:"id"`
	Created  int64             `json:"cr"`
	Email    string            `json:"em,omitempty"`
	Name     string            `json:"na,omitempty"`
	Phone    string            `json:"ph,omitempty"`
	Text     string            `json:"tx,omitempty"`
	Locales  []string          `json:"lo,omitempty"`
	Address  map[string]string `json:"ad,omitempty"`
	Metadata map[string]string `json:"me,omitempty"`
}

// event tells of one version of one object.
type event struct {
	ID       string     `json:"id"`
	Type     string     `json:"ty"`
	Created  int64      `json:"cr"`
	Request  string     `json:"rq,omitempty"`
	Key      string     `json:"ik,omitempty"`
	Session  *session   `json:"se,omitempty"`
	Intent   *intent    `json:"pi,omitempty"`
	Charge   *charge    `json:"ch,omitempty"`
	Refund   *refund    `json:"re,omitempty"`
	Dispute  *dispute   `json:"dp,omitempty"`
	Warning  *warning   `json:"wa,omitempty"`
	Review   *review    `json:"rv,omitempty"`
	Customer *customer  `json:"cm,omitempty"`
	Method   *cardUse   `json:"pm,omitempty"`
	Mail     []delivery `json:"dl,omitempty"`
}

// delivery is how far an event got on its way to one endpoint.
type delivery struct {
	Event    string    `json:"ev,omitempty"`
	Endpoint string    `json:"we"`
	Attempts int       `json:"n,omitempty"`
	Due      time.Time `json:"du"`
	State    string    `json:"st"` // waiting, delivered, failed, dropped
	Answer   string    `json:"an,omitempty"`
}

// States of a delivery.
const (
	mailWaiting   = "waiting"
	mailDelivered = "delivered"
	mailFailed    = "failed"
	mailDropped   = "dropped"
)

type endpoint struct {
	ID      string   `json:"id"`
	URL     string   `json:"ur"`
	Secret  string   `json:"se"`
	Events  []string `json:"ev"`
	Enabled bool     `json:"en"`

	Configured  string `json:"cf,omitempty"` // secret of Options, for an endpoint that stands there
	Before      string `json:"bs,omitempty"` // secret before the last rotation
	BeforeUntil int64  `json:"bu,omitempty"` // until then it signs along
	Skew        int64  `json:"sk,omitempty"` // seconds by which the time of its signatures is off
	Wrong       bool   `json:"wr,omitempty"` // signs with a secret that nobody knows
	Version     string `json:"ve,omitempty"` // API version that its events are stamped with, if not the bank's

	Created  int64             `json:"cr"`
	Text     string            `json:"tx,omitempty"`
	Metadata map[string]string `json:"me,omitempty"`
}

// kept is the first answer to an idempotency key.
type kept struct {
	Key    string `json:"k"`
	Print  string `json:"p"` // fingerprint of the call
	Status int    `json:"s"`
	Body   []byte `json:"b"` // packed
	At     int64  `json:"t"`
}
