package sale

import (
	"context"
	"log/slog"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/document/pack"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/telemetry"
	"forecourt/internal/world"
)

// QuoteLife is how long a price is fixed and its card page open, unless the buyer asks for more time. The
// card bank is told the longest that this can become; it allows 30 minutes to a day.
const QuoteLife = time.Hour

// Faults of a sale.
var (
	ErrClosed    = fault.New(fault.Closed, "fault.closed", "sale")
	ErrDealer    = fault.New(fault.Invalid, "checkout.dealer_unknown", "sale")
	ErrNoneNear  = fault.New(fault.Invalid, "checkout.any.none_near", "sale")
	ErrUnsettled = fault.New(fault.Conflict, "checkout.unsettled", "sale")
	ErrChecks    = fault.New(fault.Invalid, "order.checks_missing", "sale")
	ErrCode      = fault.New(fault.Invalid, "handover.code_wrong", "sale")
	ErrDisputed  = fault.New(fault.Conflict, "handover.disputed", "sale")
	ErrManyKm    = fault.New(fault.Invalid, "dealer.odometer_wrong", "sale")
	ErrUnpaid    = fault.New(fault.Conflict, "handover.unpaid", "sale")
	ErrExcess    = fault.New(fault.Conflict, "handover.excess", "sale") // what was paid too much is still here
)

// Service holds what the use cases need. Letters and Sender are used by the mail job only.
type Service struct {
	DB      *db.DB
	World   *world.Keeper
	Gateway payment.Gateway
	Jobs    *jobs.Client
	Tokens  ordering.Tokens
	BaseURL string // of the shop, without a trailing slash
	Letters Letters
	Sender  Sender
	Log     *slog.Logger
	Seal    pack.Key // signs evidence packs
	Words   *i18n.Catalogue
	flows   map[id.Flow]Flow
}

// Shop names what a brand sells in a market, and whether the visitor is staff who may see a preview.
type Shop struct {
	Brand  id.Brand
	Market id.Market
	Flow   id.Flow
	Locale string // of the buyer; the market's first when it is not spoken there
	Staff  bool
}

// OpenTo tells whether the first step of a purchase may be made at a switch position.
func (s Shop) OpenTo(st market.State) bool {
	return st == market.Live || (st == market.Preview && s.Staff)
}

// RequireOpenTx reads the switch itself, not the picture in memory: a market paused a moment ago on
// another instance takes no new order.
func (s *Service) RequireOpenTx(tx *db.Tx, shop Shop) error {
	var st string
	if _, err := db.One(tx.DB, &st, `SELECT state FROM switches WHERE brand = ? AND market = ? AND flow = ? FOR SHARE`, shop.Brand, shop.Market, shop.Flow); err != nil {
		return err
	}
	if !shop.OpenTo(market.State(st)) {
		return ErrClosed
	}
	return nil
}

// shopOf is the shop that an order was placed in.
func shopOf(o *ordering.Order) Shop { return Shop{Brand: o.Brand, Market: o.Market, Flow: o.Flow} }

// Market is a market as it stands; world.ErrNoShop when there is none.
func (s *Service) Market(m id.Market) (*market.Market, error) {
	mk, ok := s.World.Now().Market(m)
	if !ok {
		return nil, world.ErrNoShop
	}
	return mk, nil
}

// DealerIn finds a dealer that takes part in the shop's flow; others can not be chosen.
func (s *Service) DealerIn(shop Shop, d id.Dealer) (*network.Dealer, error) {
	dealer, ok := s.World.Now().Dealer(d)
	if !ok || dealer.Market != shop.Market || !dealer.TakesPart(shop.Brand, shop.Flow) {
		return nil, ErrDealer
	}
	return dealer, nil
}

// TraceOf puts what follows into the trace of an order's sale, which began with its draft. While nobody collects traces it
// asks nothing.
func (s *Service) TraceOf(ctx context.Context, o id.Order) context.Context {
	if !telemetry.Traced() {
		return ctx
	}
	d, err := ordering.DraftOf(s.DB.Read(ctx), o)
	if err != nil {
		return ctx // a trace is no reason to fail
	}
	return telemetry.Of(ctx, string(d))
}

// Staff is who acts in a portal.
type Staff struct {
	User   id.User
	Dealer id.Dealer
}

// Actor is how history names who acts.
func (s Staff) Actor() string { return "staff:" + string(s.User) }

// LockForDealerTx locks an order that stands at the dealer, with its live queue entry. An order of
// another dealer does not exist.
func LockForDealerTx(tx *db.Tx, staff Staff, number string) (*ordering.Order, *allocation.Entry, error) {
	tx.By = staff.Actor()
	o, err := ordering.GetForDealer(tx.DB, staff.Dealer, number)
	if err != nil {
		return nil, nil, err
	}
	if o, err = ordering.LockTx(tx, o.ID); err != nil {
		return nil, nil, err
	}
	e, err := allocation.LiveOf(tx.DB, o.ID)
	if err != nil {
		return nil, nil, err
	}
	if e == nil || e.Dealer != staff.Dealer {
		return nil, nil, ordering.ErrMoved
	}
	return o, e, nil
}

// AuditTx notes a staff member's act on an order.
func AuditTx(ctx context.Context, tx *db.Tx, staff Staff, action string, o *ordering.Order, from ordering.State, reason string) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: staff.Actor(), Action: action, Subject: "order:" + string(o.ID),
		Market: string(o.Market), Brand: string(o.Brand), Old: map[string]string{"state": string(from)},
		New: map[string]string{"state": string(o.State)}, Reason: reason})
}
