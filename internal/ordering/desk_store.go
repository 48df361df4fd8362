package ordering

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type deskRow struct {
	ID         string
	DraftID    string
	Brand      string
	Market     string
	BegunBy    string
	SharesName bool
	Dealer     *string
	UserID     *string
	Role       string
	OpenedAt   time.Time
	JoinedAt   *time.Time
	ClaimedAt  *time.Time
	EndsAt     time.Time
	EndedAt    *time.Time
}

const deskColumns = `id, draft_id, brand, market, begun_by, shares_name, dealer, user_id, role, opened_at, joined_at, claimed_at, ends_at, ended_at`

func (r *deskRow) desk() *Desk {
	return &Desk{ID: id.Desk(r.ID), Draft: id.Draft(r.DraftID), Brand: id.Brand(r.Brand), Market: id.Market(r.Market), ByDealer: r.BegunBy == string(ByDealer),
		SharesName: r.SharesName, Dealer: id.Dealer(db.OrZero(r.Dealer)), User: id.User(db.OrZero(r.UserID)), Role: r.Role, OpenedAt: r.OpenedAt,
		JoinedAt: db.OrZero(r.JoinedAt), ClaimedAt: db.OrZero(r.ClaimedAt), EndsAt: r.EndsAt, EndedAt: db.OrZero(r.EndedAt)}
}

func deskBy(g *gorm.DB, where string, args ...any) (*Desk, error) {
	var r deskRow
	ok, err := db.One(g, &r, `SELECT `+deskColumns+` FROM desks WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("ordering: desk: %w", err)
	}
	if !ok {
		return nil, nil
	}
	return r.desk(), nil
}

// OpenDeskTx shows a basket under a new code; one that was open before ends. The caller holds the draft's lock.
func OpenDeskTx(tx *db.Tx, t Tokens, d *Desk) error {
	if err := tx.Exec(`UPDATE desks SET ended_at = ?, ended_by = 'new_code' WHERE draft_id = ? AND ended_at IS NULL`, tx.Now, d.Draft).Error; err != nil {
		return err
	}
	d.ID, d.OpenedAt, d.EndsAt = id.New[id.Desk](), tx.Now, tx.Now.Add(DeskLife)
	// A code whose time is over must not stand in the way of another basket's.
	hash := t.hashDesk(t.DeskCode(d.ID))
	if err := tx.Exec(`UPDATE desks SET ended_at = ends_at, ended_by = 'new_code' WHERE code_hash = ? AND ended_at IS NULL AND ends_at <= ?`, hash, tx.Now).Error; err != nil {
		return err
	}
	by := ByBuyer
	if d.ByDealer {
		by = ByDealer
	}
	return tx.Exec(`INSERT INTO desks (id, draft_id, brand, market, code_hash, begun_by, shares_name, dealer, user_id, role, opened_at, joined_at, ends_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, d.ID, d.Draft, d.Brand, d.Market, hash, by, d.SharesName,
		db.OrNull(string(d.Dealer)), db.OrNull(string(d.User)), d.Role, d.OpenedAt, db.TimeOrNull(d.JoinedAt), d.EndsAt).Error
}

// DeskByCode finds the desk whose code was typed; nil when there is none that is open.
func DeskByCode(g *gorm.DB, t Tokens, code id.BuildCode, now time.Time) (*Desk, error) {
	return deskBy(g, `code_hash = ? AND ended_at IS NULL AND ends_at > ?`, t.hashDesk(code), now)
}

// DeskOf is the latest desk of a basket, whether it is over or not; nil when nobody ever opened one.
func DeskOf(g *gorm.DB, d id.Draft) (*Desk, error) {
	return deskBy(g, `draft_id = ? ORDER BY ended_at IS NULL DESC, opened_at DESC LIMIT 1`, d)
}

// DeskFor is a desk as the member of staff who opened it may see it. Another's does not exist; one that is over is gone.
func DeskFor(g *gorm.DB, key id.Desk, dealer id.Dealer, user id.User, now time.Time) (*Desk, error) {
	if !id.IsKey(string(key)) {
		return nil, ErrNoDraft
	}
	d, err := deskBy(g, `id = ? AND dealer = ? AND user_id = ?`, key, dealer, user)
	switch {
	case err != nil:
		return nil, err
	case d == nil:
		return nil, ErrNoDraft
	case !d.Live(now):
		return nil, ErrDeskOver
	}
	return d, nil
}

// DesksOf lists what a member of staff has open at a site, newest first.
func DesksOf(g *gorm.DB, dealer id.Dealer, user id.User, now time.Time) ([]*Desk, error) {
	var rows []deskRow
	err := g.Raw(`SELECT `+deskColumns+` FROM desks WHERE user_id = ? AND dealer = ? AND ended_at IS NULL AND ends_at > ? ORDER BY joined_at DESC LIMIT 20`, user, dealer, now).Scan(&rows).Error
	out := make([]*Desk, len(rows))
	for i := range rows {
		out[i] = rows[i].desk()
	}
	return out, err
}

// JoinDeskTx makes a member of staff the one who sees the basket, once: ErrDeskTaken when somebody else was quicker.
func JoinDeskTx(tx *db.Tx, key id.Desk, dealer id.Dealer, user id.User, role string) error {
	ok, err := db.Changed(tx.DB, `UPDATE desks SET dealer = ?, user_id = ?, role = ?, joined_at = ?, ends_at = greatest(ends_at, ?)
		WHERE id = ? AND user_id IS NULL AND ended_at IS NULL AND ends_at > ?`, dealer, user, role, tx.Now, tx.Now.Add(DeskLife), key, tx.Now)
	if err == nil && !ok {
		err = ErrDeskTaken
	}
	return err
}

// ClaimDeskTx makes a basket that a dealer began the buyer's, once.
func ClaimDeskTx(tx *db.Tx, key id.Desk) error {
	ok, err := db.Changed(tx.DB, `UPDATE desks SET claimed_at = ? WHERE id = ? AND begun_by = 'dealer' AND claimed_at IS NULL AND ended_at IS NULL AND ends_at > ?`, tx.Now, key, tx.Now)
	if err == nil && !ok {
		err = ErrDeskTaken
	}
	return err
}

// ProlongDeskTx gives a desk more time, guarded by the end that was seen.
func ProlongDeskTx(tx *db.Tx, d *Desk, ends time.Time) error {
	return changedDesk(tx, `UPDATE desks SET ends_at = ? WHERE id = ? AND ended_at IS NULL AND ends_at = ?`, ends, d.ID, d.EndsAt)
}

// ShareNameTx notes whether the buyer lets his name be seen.
func ShareNameTx(tx *db.Tx, key id.Desk, shares bool) error {
	return changedDesk(tx, `UPDATE desks SET shares_name = ? WHERE id = ? AND ended_at IS NULL`, shares, key)
}

// EndDeskTx ends the access of the desk; by is "buyer", "dealer" or "order".
func EndDeskTx(tx *db.Tx, key id.Desk, by string) error {
	return changedDesk(tx, `UPDATE desks SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL`, tx.Now, by, key)
}

func changedDesk(tx *db.Tx, query string, args ...any) error {
	ok, err := db.Changed(tx.DB, query, args...)
	if err == nil && !ok {
		err = ErrDeskOver
	}
	return err
}

// LockDraftByIDTx is LockDraftTx for those who reach a basket through its desk.
func LockDraftByIDTx(tx *db.Tx, key id.Draft) (*Draft, error) {
	var r draftRow
	ok, err := db.One(tx.DB, &r, `SELECT `+draftColumns+` FROM drafts WHERE id = ? FOR UPDATE`, key)
	if err == nil && !ok {
		err = ErrNoDraft
	}
	if err != nil {
		return nil, err
	}
	return r.draft(), nil
}

// DraftByID reads a basket with its saved build, for those who reach it through its desk.
func DraftByID(g *gorm.DB, key id.Draft) (*Draft, *Configuration, error) {
	var r draftRow
	ok, err := db.One(g, &r, `SELECT `+draftColumns+` FROM drafts WHERE id = ?`, key)
	if err == nil && !ok {
		err = ErrNoDraft
	}
	if err != nil {
		return nil, nil, err
	}
	d := r.draft()
	c, err := ConfigurationBy(g, d.Configuration)
	return d, c, err
}

// AddBasketChangeTx writes who changed what. The caller holds the draft's lock and has written its new version.
func AddBasketChangeTx(tx *db.Tx, d *Draft, c *BasketChange) error {
	before, err := json.Marshal(c.Before)
	if err != nil {
		return err
	}
	var back any
	if c.BackOf > 0 {
		back = c.BackOf
	}
	_, err = db.One(tx.DB, &c.Seq, `INSERT INTO basket_changes (draft_id, seq, version, side, desk_id, kind, was, becomes, back_of, before, at)
		SELECT @draft, coalesce(max(seq), 0) + 1, @version, @side, cast(@desk AS uuid), @kind, @was, @becomes, cast(@back AS integer), cast(@before AS jsonb), @now FROM basket_changes WHERE draft_id = @draft RETURNING seq`,
		map[string]any{"draft": d.ID, "version": d.Version + 1, "side": c.Side, "desk": db.OrNull(string(c.Desk)), "kind": c.Kind, "was": c.Was, "becomes": c.Becomes, "back": back,
			"before": string(before), "now": tx.Now})
	return err
}

// AnswerChangeTx writes the buyer's answer to one change of the dealer's.
func AnswerChangeTx(tx *db.Tx, d id.Draft, seq int, answer string) error {
	ok, err := db.Changed(tx.DB, `UPDATE basket_changes SET answer = ?, answered_at = ? WHERE draft_id = ? AND seq = ? AND side = 'dealer' AND answer IS NULL`, answer, tx.Now, d, seq)
	if err == nil && !ok {
		err = ErrVersion
	}
	return err
}

// AcceptChangesTx accepts all that the dealer changed of one kind; of any kind when it is empty.
func AcceptChangesTx(tx *db.Tx, d id.Draft, kind string) error {
	return tx.Exec(`UPDATE basket_changes SET answer = 'accepted', answered_at = ? WHERE draft_id = ? AND side = 'dealer' AND answer IS NULL AND (? = '' OR kind = ?)`, tx.Now, d, kind, kind).Error
}

// LeaveDesksTx ends the desks of a basket that became an order, and tells whose desk had it last.
func LeaveDesksTx(tx *db.Tx, d id.Draft) (id.Dealer, error) {
	var dealer id.Dealer
	_, err := db.One(tx.DB, &dealer, `WITH over AS (UPDATE desks SET ended_at = @now, ended_by = 'order' WHERE draft_id = @draft AND ended_at IS NULL)
		SELECT dealer FROM desks WHERE draft_id = @draft AND dealer IS NOT NULL ORDER BY joined_at DESC LIMIT 1`, map[string]any{"now": tx.Now, "draft": d})
	return dealer, err
}

// UnseenTx tells whether a dealer changed something that the buyer has not answered.
func UnseenTx(tx *db.Tx, d id.Draft) (bool, error) {
	var open bool
	_, err := db.One(tx.DB, &open, `SELECT EXISTS (SELECT 1 FROM basket_changes WHERE draft_id = ? AND side = 'dealer' AND answer IS NULL)`, d)
	return open, err
}

// mostChanges bounds what a page tells of a basket: the newest count.
const mostChanges = 50

// BasketChanges lists what was changed in a basket, newest first.
func BasketChanges(g *gorm.DB, d id.Draft) ([]BasketChange, error) {
	var rows []struct {
		Seq, Version               int
		Side, Kind, Was, Becomes   string
		BackOf                     *int
		Before                     []byte
		At                         time.Time
		Answer, Desk, Dealer, User *string
		Role                       *string
	}
	err := g.Raw(`SELECT c.seq, c.version, c.side, c.kind, c.was, c.becomes, c.back_of, c.before, c.at, c.answer, c.desk_id AS desk, k.dealer, k.user_id AS "user", k.role
		FROM basket_changes c LEFT JOIN desks k ON k.id = c.desk_id WHERE c.draft_id = ? ORDER BY c.seq DESC LIMIT ?`, d, mostChanges).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("ordering: basket: %w", err)
	}
	var out []BasketChange
	var broken error
	for _, r := range rows {
		c := BasketChange{Seq: r.Seq, Version: r.Version, Side: Side(r.Side), Kind: r.Kind, Was: r.Was, Becomes: r.Becomes, BackOf: db.OrZero(r.BackOf), At: r.At,
			Answer: db.OrZero(r.Answer), Desk: id.Desk(db.OrZero(r.Desk)), Dealer: id.Dealer(db.OrZero(r.Dealer)), User: id.User(db.OrZero(r.User)), Role: db.OrZero(r.Role)}
		broken = errors.Join(broken, json.Unmarshal(r.Before, &c.Before))
		out = append(out, c)
	}
	return out, broken
}
