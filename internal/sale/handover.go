package sale

import (
	"context"
	"crypto/subtle"
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/photo"
)

// Faults of a handover's record.
var (
	ErrKeys       = fault.New(fault.Invalid, "handover.keys_wrong", "sale.HandOver")
	ErrGiven      = fault.New(fault.Invalid, "handover.papers_wrong", "sale.HandOver")
	ErrFaults     = fault.New(fault.Invalid, "handover.faults_much", "sale.HandOver")
	ErrPhotos     = fault.New(fault.Invalid, "handover.photos_many", "sale.HandOver")
	ErrDealerCode = fault.New(fault.Invalid, "handover.dealer_code_wrong", "sale.ConfirmHandover")
)

// HandOver is what the dealer confirms with the buyer at the desk.
type HandOver struct {
	Code       string // the buyer's, typed or scanned
	Checks     []string
	OdometerKm int
	Keys       int      // 0 when nobody counted them
	Papers     []string // of ordering.HandoverPapers
	Faults     []string // what is not right about the car, in the dealer's words
	Photos     []photo.Photo
	OnPaper    bool   // the buyer signed beside the car, and confirms nothing on a phone
	Disputed   bool   // whoever hands over has seen that a payment is disputed
	Draft      string // the signed draft that it was sent with; empty from a page of before
}

// HandOverTx ends the order: the code matches, every check is made, the balance is zero or let open by the dealer's
// recorded word, and nobody gives a car away without knowing that its money is disputed. The buyer's own confirmation
// may come with it, later or never: the record says which.
func (s *Service) HandOverTx(ctx context.Context, tx *db.Tx, staff Staff, number string, h HandOver) error {
	o, e, err := LockForDealerTx(tx, staff, number)
	if err != nil {
		return err
	}
	if o.State != ordering.Ready || e.State != allocation.Accepted {
		return ordering.ErrMoved
	}
	// 1. What was shown, seen and typed.
	made, err := s.shownTx(tx, staff, o, h)
	if err != nil {
		return err
	}
	// 2. The money.
	until, err := s.releasedTx(tx, o)
	if err != nil {
		return err
	}
	if err := s.knowDisputeTx(ctx, tx, staff, o, h); err != nil {
		return err
	}
	// 3. The step, and all that ends with it.
	from := o.State
	if err := allocation.MoveTx(tx, e, allocation.Done, string(staff.User), ""); err != nil {
		return err
	}
	if err := ordering.MoveTx(ctx, tx, o, ordering.HandOver, staff.Actor(), "", ordering.Change{HandedOver: true}); err != nil {
		return err
	}
	if err := allocation.RecordHandoverTx(tx, made); err != nil {
		return err
	}
	if err := network.EndTx(tx, o.ID); err != nil {
		return err
	}
	if err := s.goodsTx(tx, o, handedOver); err != nil {
		return err
	}
	if err := s.keptTx(tx, o, made.OdometerKm); err != nil {
		return err
	}
	// 4. The sale, its papers and its letter.
	if err := payment.PostHandoverTx(tx, o.ID, SaleOf(o), saleRef(made.Round)); err != nil {
		return err
	}
	if err := s.commissionTx(tx, o, saleRef(made.Round)); err != nil {
		return err
	}
	if err := s.invoiceTx(tx, o, made, until); err != nil {
		return err
	}
	if err := s.TellBuyerTx(ctx, tx, o, "handed_over", made.Round-1); err != nil {
		return err
	}
	why := ""
	if until != "" {
		why = "open until " + until
	}
	return AuditTx(ctx, tx, staff, "order.hand_over", o, from, why)
}

// shownTx is the record of a handover whose code matches and whose checks are all made.
func (s *Service) shownTx(tx *db.Tx, staff Staff, o *ordering.Order, h HandOver) (*allocation.Handover, error) {
	if plainCode(h.Code) != o.PickupCode {
		return nil, ErrCode
	}
	flow, err := s.flowOf(o)
	if err != nil {
		return nil, err
	}
	if h.OdometerKm < 0 || flow.MostKm > 0 && h.OdometerKm > flow.MostKm {
		return nil, ErrManyKm
	}
	made, err := h.record(o, staff, flow.HandoverChecks)
	if err != nil {
		return nil, err
	}
	return made, s.takeDraftTx(tx, staff, o, h.Draft)
}

// saleRef tells the sale of a handover from those that were undone; the first has none, as code of before wrote it.
func saleRef(round int) string {
	if round < 2 {
		return ""
	}
	return strconv.Itoa(round)
}

// plainCode is a code without what people put between its characters.
func plainCode(typed string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
}

// record checks what a handover says and makes the record of it.
func (h HandOver) record(o *ordering.Order, staff Staff, checks []string) (*allocation.Handover, error) {
	for _, item := range checks {
		if !slices.Contains(h.Checks, item) {
			return nil, ErrChecks
		}
	}
	out := &allocation.Handover{Order: o.ID, By: staff.User, Checks: checks, OdometerKm: h.OdometerKm, Keys: h.Keys, Code: ordering.NewHandoverCode()}
	if h.Keys < 0 || h.Keys > allocation.MostKeys {
		return nil, ErrKeys
	}
	for _, p := range h.Papers {
		if !slices.Contains(ordering.HandoverPapers, p) {
			return nil, ErrGiven
		}
	}
	for _, p := range ordering.HandoverPapers {
		if slices.Contains(h.Papers, p) {
			out.Papers = append(out.Papers, p)
		}
	}
	for _, f := range h.Faults {
		if f = strings.TrimSpace(f); f == "" {
			continue
		}
		if out.Faults = append(out.Faults, f); len([]rune(f)) > allocation.LongestFault || len(out.Faults) > allocation.MostFaults {
			return nil, ErrFaults
		}
	}
	if len(h.Photos) > allocation.MostHandPhotos {
		return nil, ErrPhotos
	}
	for _, p := range h.Photos {
		out.Photos = append(out.Photos, allocation.HandoverPhoto{JPEG: p.JPEG, Width: p.Width, Height: p.Height})
	}
	if h.OnPaper {
		out.Confirmed, out.ConfirmedBy = allocation.OnPaper, string(staff.User)
	}
	return out, nil
}

// ConfirmHandoverTx is the buyer's word that he has the car as the record says: the dealer's code, typed on the
// order's own page. Once; a new record names both sides.
func (s *Service) ConfirmHandoverTx(ctx context.Context, tx *db.Tx, key id.Order, code string) error {
	o, err := ordering.LockTx(tx, key)
	if err != nil {
		return err
	}
	h, err := standingTx(tx, o)
	if err != nil {
		return err
	}
	if h.Confirmed != "" {
		return allocation.ErrConfirmed
	}
	if h.Code == "" || subtle.ConstantTimeCompare([]byte(plainCode(code)), []byte(h.Code)) != 1 {
		return ErrDealerCode
	}
	return s.confirmHandoverTx(ctx, tx, o, h, allocation.ByCode, "buyer", "buyer")
}

// CollectedURL is the absolute address that a dealer's code leads to: it opens the order's own page on the buyer's
// phone, and nothing on any other.
func (s *Service) CollectedURL(brand id.Brand, m id.Market, code string) string {
	return s.BaseURL + "/" + string(brand) + "/" + string(m) + "/collected/" + code
}

// SignedTx is the dealer's word that the buyer, who has no phone at hand, signed the printed record.
func (s *Service) SignedTx(ctx context.Context, tx *db.Tx, staff Staff, number string) error {
	o, err := lockSoldTx(tx, staff, number)
	if err != nil {
		return err
	}
	h, err := standingTx(tx, o)
	if err != nil {
		return err
	}
	return s.confirmHandoverTx(ctx, tx, o, h, allocation.OnPaper, string(staff.User), staff.Actor())
}

func (s *Service) confirmHandoverTx(ctx context.Context, tx *db.Tx, o *ordering.Order, h *allocation.Handover, how, by, actor string) error {
	if err := allocation.ConfirmTx(tx, h, how, by); err != nil {
		return err
	}
	if _, err := s.recordTx(tx, o, h, nil, ""); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: actor, Action: "handover.confirm", Subject: "order:" + string(o.ID),
		Market: string(o.Market), Brand: string(o.Brand), New: map[string]string{"confirmed": how}})
}

// standingTx reads the handover of an order that is sold and not on its way back.
func standingTx(tx *db.Tx, o *ordering.Order) (*allocation.Handover, error) {
	if o.State != ordering.HandedOver {
		return nil, ordering.ErrMoved
	}
	return allocation.HandoverOf(tx.DB, o.ID)
}

// lockSoldTx locks an order that the dealer has or handed over, whatever became of it after. An order of another dealer
// does not exist.
func lockSoldTx(tx *db.Tx, staff Staff, number string) (*ordering.Order, error) {
	tx.By = staff.Actor()
	o, err := ordering.GetForDealer(tx.DB, staff.Dealer, number)
	if err != nil {
		return nil, err
	}
	if o, err = ordering.LockTx(tx, o.ID); err != nil {
		return nil, err
	}
	if o.Dealer != staff.Dealer {
		return nil, ordering.ErrMoved
	}
	return o, nil
}
