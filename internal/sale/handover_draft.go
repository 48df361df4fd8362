package sale

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
)

// DraftFor is how long a draft of a handover may be sent after its page was shown: a dead signal in a hall, not a day.
const DraftFor = 2 * time.Hour

// ErrDraft refuses a draft that was begun by somebody else, for another order, too long ago, before a handover that was
// undone, or by nobody.
var ErrDraft = fault.New(fault.Conflict, "handover.draft_wrong", "sale.HandOver")

// HandoverDraft signs a draft for the page of a handover: only this member of staff can send it, for this order, once,
// within DraftFor on the house's clock. Nothing of it is stored until it is sent.
func (s *Service) HandoverDraft(staff Staff, o id.Order) string {
	var nonce [12]byte
	_, _ = rand.Read(nonce[:])
	return s.signDraft(staff, o, s.DB.Clock.Now().UnixMicro(), hex.EncodeToString(nonce[:]))
}

func (s *Service) signDraft(staff Staff, o id.Order, issued int64, nonce string) string {
	head := strconv.FormatInt(issued, 10) + "." + nonce
	return head + "." + s.Tokens.Of("handover", strings.Join([]string{string(o), string(staff.Dealer), string(staff.User), head}, "\x00"))
}

// takeDraftTx verifies a draft and takes it, so that it is never taken twice. The caller holds the order's lock.
func (s *Service) takeDraftTx(tx *db.Tx, staff Staff, o *ordering.Order, draft string) error {
	if draft == "" {
		return nil // a page that was drawn by code of before
	}
	parts := strings.Split(draft, ".")
	if len(parts) != 3 || len(draft) > 120 {
		return ErrDraft
	}
	issued, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || subtle.ConstantTimeCompare([]byte(draft), []byte(s.signDraft(staff, o.ID, issued, parts[1]))) != 1 {
		return ErrDraft
	}
	at := time.UnixMicro(issued)
	if tx.Now.After(at.Add(DraftFor)) {
		return ErrDraft
	}
	undone, err := allocation.LastUndone(tx.DB, o.ID)
	if err != nil {
		return err
	}
	if at.Before(undone) {
		return ErrDraft
	}
	return allocation.TakeDraftTx(tx, o.ID, draft)
}
