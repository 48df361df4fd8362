package payment

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/platform/money"
)

// Gateway is the card world outside this process. payment/stripegw implements it with stripe-go,
// against Stripe or against the offline card bank: same code, other address. Every method may be
// called again with the same arguments: keys are stored before the call and make it idempotent.
// No method may be called inside a database transaction.
type Gateway interface {
	// OpenCheckout creates a hosted Checkout Session for one payment. Same key, same session.
	OpenCheckout(ctx context.Context, r CheckoutRequest) (Checkout, error)
	// Checkout re-reads a session with its intent and latest charge.
	Checkout(ctx context.Context, sessionID string) (Checkout, error)
	// ExpireCheckout ends an open session so that it can be paid no more. For a session that is
	// complete or expired already it returns that state without error.
	ExpireCheckout(ctx context.Context, sessionID string) (Checkout, error)
	// Intent re-reads a PaymentIntent with its latest charge.
	Intent(ctx context.Context, intentID string) (Intent, error)
	// Capture takes an authorised amount (minor units). For an intent captured already with the same
	// amount it returns that intent without error.
	Capture(ctx context.Context, intentID string, amountMinor int64, key string) (Intent, error)
	// Void releases an authorisation. For a cancelled intent it returns that intent without error.
	Void(ctx context.Context, intentID, key string) (Intent, error)
	// Refund returns amountMinor of a captured intent. ref is our payment id, kept as metadata. The provider
	// forgets a key after a day: then a part could go back twice, so whoever tries again reads the intent first
	// and asks for what is left.
	Refund(ctx context.Context, intentID string, amountMinor int64, ref, key string) (Refund, error)
	// RefundsOf lists the refunds of an intent, newest first.
	RefundsOf(ctx context.Context, intentID string) ([]Refund, error)
	// DisputesOf lists the disputes of an intent, newest first.
	DisputesOf(ctx context.Context, intentID string) ([]Dispute, error)
	// EventsSince gives every event that the provider made since then, newest first, at most of 30 days.
	EventsSince(ctx context.Context, since time.Time, each func(Event) error) error
	// BalanceSince gives every line of the balance since then, newest first.
	BalanceSince(ctx context.Context, since time.Time, each func(BalanceLine) error) error
	// ParseEvent checks the signature over the raw body, its age and its API version. It returns
	// ErrBadSignature when anything of it is wrong.
	ParseEvent(payload []byte, signatureHeader string) (Event, error)
	// Account names the provider account that the keys belong to ("cardbank" for the offline one).
	Account() string
	// Live tells whether real money moves.
	Live() bool
}

// CheckoutRequest asks for a hosted payment page.
type CheckoutRequest struct {
	Key         string // idempotency key, stored before the call
	OrderID     string // client_reference_id and metadata order_id
	PaymentID   string // metadata payment_id, on the session and on its intent
	OrderNumber string // what the buyer reads, e.g. FC-7K3M-29
	Amount      money.Money
	Manual      bool   // authorise now, capture later
	Description string // one line the buyer reads on the card page
	Email       string
	Locale      string // "en-GB"
	SuccessURL  string // may hold {CHECKOUT_SESSION_ID}
	CancelURL   string
	ExpiresAt   time.Time // 30 minutes to 24 hours from now
}

// SessionStatus is Stripe's status of a Checkout Session.
type SessionStatus string

// Session statuses.
const (
	SessionOpen     SessionStatus = "open"
	SessionComplete SessionStatus = "complete"
	SessionExpired  SessionStatus = "expired"
)

// Checkout is a hosted session as the provider sees it now.
type Checkout struct {
	ID        string
	URL       string // empty unless open
	Status    SessionStatus
	OrderID   string
	PaymentID string
	Amount    money.Money
	ExpiresAt time.Time
	Intent    *Intent // nil until the buyer submitted a card
}

// IntentStatus is Stripe's status of a PaymentIntent.
type IntentStatus string

// Intent statuses that decide something here; others mean "not yet".
const (
	IntentRequiresAction  IntentStatus = "requires_action"
	IntentProcessing      IntentStatus = "processing"
	IntentRequiresCapture IntentStatus = "requires_capture"
	IntentSucceeded       IntentStatus = "succeeded"
	IntentCanceled        IntentStatus = "canceled"
)

// Asking tells whether the bank has not answered yet: it asks the buyer, or thinks.
func (s IntentStatus) Asking() bool { return s == IntentRequiresAction || s == IntentProcessing }

// Intent is a card payment as the provider sees it now. Amounts are minor units.
type Intent struct {
	ID            string
	Status        IntentStatus
	OrderID       string
	PaymentID     string
	Amount        money.Money
	Capturable    int64
	Received      int64
	Refunded      int64
	ChargeID      string
	CaptureBefore time.Time // zero when the provider names none
	CancelReason  string    // "automatic" when the authorisation ran out
	DeclineCode   string    // of the last error, e.g. "insufficient_funds"
}

// Refund is money on its way back.
type Refund struct {
	ID          string
	Status      string // pending, succeeded, failed, canceled, requires_action
	AmountMinor int64
	Ref         string
}

// Statuses of a dispute that decide something; a "warning" is an inquiry, which moves no money.
const (
	InquiryOpen   = "warning_needs_response"
	InquiryAsked  = "warning_under_review"
	InquiryClosed = "warning_closed"
	DisputeAsks   = "needs_response"
	DisputeJudged = "under_review"
	DisputeWon    = "won"
	DisputeLost   = "lost"
)

// Dispute is a card holder's word against a payment.
type Dispute struct {
	ID       string
	Status   string
	Reason   string // "fraudulent", "product_not_received" ...
	Amount   money.Money
	AnswerBy time.Time // zero when nothing can be said any more
	Created  time.Time
}

// BalanceLine is one movement on the provider's account: what came in is positive.
type BalanceLine struct {
	ID       string
	Type     string // "charge", "refund", "adjustment", "refund_failure" ...
	SourceID string // ch_, re_, du_ ...
	IntentID string // of the source; empty when it has none
	Amount   money.Money
	FeeMinor int64
	Created  time.Time
}

// Event is a signed notice from the provider. Only id, type and the ids of its object are used:
// the object itself is always read again.
type Event struct {
	ID        string
	Type      string
	ObjectID  string // cs_, pi_, ch_, re_ ...
	IntentID  string // of the object, when it names one
	SessionID string
	Created   time.Time
	Payload   []byte
}

// ErrBadSignature refuses a notice that is unsigned, wrongly signed, too old or of another API version.
var ErrBadSignature = errors.New("payment: bad event signature")

// GatewayError is a refusal or a failure of the provider.
type GatewayError struct {
	Op          string
	Unknown     bool   // the outcome is not known: try again with the same key, then look it up
	HTTPStatus  int    // 0 when there was no answer
	Code        string // e.g. payment_intent_unexpected_state, charge_expired_for_capture
	DeclineCode string
	RequestID   string
	Err         error
}

// Error implements error; it holds ids and codes only.
func (e *GatewayError) Error() string {
	s := "payment gateway: " + e.Op
	if e.Code != "" {
		s += ": " + e.Code
	}
	if e.Unknown {
		s += ": outcome unknown"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *GatewayError) Unwrap() error { return e.Err }
