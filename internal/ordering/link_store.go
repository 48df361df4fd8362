package ordering

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"

	"gorm.io/gorm"
)

// LinkLife is how long a tracking link opens its order: longer than any factory order plus the
// withdrawal period.
const LinkLife = 540 * 24 * time.Hour

const linkPurpose = "track"

// AddLinkTx makes a secret link to an order and gives its id; Tokens.Of(linkPurpose, id) is the token.
func AddLinkTx(tx *db.Tx, t Tokens, o id.Order) (id.Link, error) {
	key := id.New[id.Link]()
	err := tx.Exec(`INSERT INTO order_links (id, order_id, token_hash, purpose, created_at, expires_at) VALUES (?, ?, ?, 'track', ?, ?)`,
		key, o, HashToken(t.Link(key)), tx.Now, tx.Now.Add(LinkLife)).Error
	return key, err
}

// Link is the token of a tracking link.
func (t Tokens) Link(key id.Link) string { return t.Of(linkPurpose, string(key)) }

// Draft is the token of a draft's link.
func (t Tokens) Draft(key id.Draft) string { return t.Of("draft", string(key)) }

// OrderByToken opens an order of a shop by its secret link. A wrong or foreign token is unknown, an
// expired or revoked one is gone.
func OrderByToken(g *gorm.DB, b id.Brand, m id.Market, token string, now time.Time) (*Order, error) {
	h := HashToken(token)
	if h == nil {
		return nil, ErrNoOrder
	}
	var r struct {
		Row       orderRow `gorm:"embedded"`
		ExpiresAt time.Time
		RevokedAt *time.Time
	}
	ok, err := db.One(g, &r, `SELECT `+orderColumnsOf("o")+`, l.expires_at, l.revoked_at FROM order_links l JOIN orders o ON o.id = l.order_id
		WHERE l.token_hash = ? AND o.brand = ? AND o.market = ?`, h, b, m)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, ErrNoOrder
	case r.RevokedAt != nil || !now.Before(r.ExpiresAt):
		return nil, ErrLinkGone
	}
	return r.Row.order()
}

// FindForBuyer finds a shop's order that a number and its buyer's address name together.
func FindForBuyer(g *gorm.DB, b id.Brand, m id.Market, number, email string) (id.Order, bool, error) {
	var key string
	ok, err := db.One(g, &key, `SELECT o.id FROM orders o JOIN buyers x ON x.id = o.buyer
		WHERE o.number = ? AND o.brand = ? AND o.market = ? AND lower(x.email) = lower(?)`, number, b, m, email)
	return id.Order(key), ok, err
}

// RevokeLinksTx ends all links of an order but one; empty keeps none.
func RevokeLinksTx(tx *db.Tx, o id.Order, keep id.Link) error {
	return tx.Exec(`UPDATE order_links SET revoked_at = ? WHERE order_id = ? AND revoked_at IS NULL AND id::text <> ?`, tx.Now, o, keep).Error
}

// Mail is one message to be sent once.
type Mail struct {
	Order    id.Order
	Template string
	Seq      int
	Audience string // "buyer" or "dealer"
	Link     id.Link
}

// AddMailsTx writes messages beside the steps they tell of, with one statement, each with its order's own link when it
// names none. It answers those that are new: of one that was written before nothing changes.
func AddMailsTx(tx *db.Tx, ms ...Mail) ([]Mail, error) {
	type row struct {
		Order    id.Order `json:"order_id"`
		Template string   `json:"template"`
		Seq      int      `json:"seq"`
		Audience string   `json:"audience"`
		Link     *string  `json:"link"`
	}
	rows := make([]row, len(ms))
	for i, m := range ms {
		rows[i] = row{m.Order, m.Template, m.Seq, m.Audience, db.OrNull(string(m.Link))}
	}
	raw, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	var added []struct {
		OrderID  id.Order
		Template string
		Seq      int
	}
	err = tx.Raw(`INSERT INTO mails (order_id, template, seq, audience, link_id, created_at)
		SELECT x.order_id, x.template, x.seq, x.audience, coalesce(x.link, (SELECT l.id FROM order_links l WHERE l.order_id = x.order_id ORDER BY l.created_at, l.id LIMIT 1)), @now
		FROM jsonb_to_recordset(CAST(@rows AS jsonb)) AS x (order_id uuid, template text, seq integer, audience text, link uuid)
		ON CONFLICT DO NOTHING RETURNING order_id, template, seq`, map[string]any{"rows": string(raw), "now": tx.Now}).Scan(&added).Error
	if err != nil {
		return nil, fmt.Errorf("ordering: mails: %w", err)
	}
	out := make([]Mail, len(added))
	for i, a := range added {
		out[i] = Mail{Order: a.OrderID, Template: a.Template, Seq: a.Seq}
	}
	return out, nil
}

// claimLife is how long a message that somebody began to send is left to him: time of the database's machine,
// for this is about processes and not about a rule.
const claimLife = 5 * time.Second

// ErrClaimed says that a message is being sent by somebody else at this moment.
var ErrClaimed = fault.New(fault.Conflict, "fault.conflict", "ordering.ClaimMail")

// ClaimMail takes a message that has not been sent, to send it; false when it has been. ErrClaimed asks to come
// again: another run of the same job may be between the sending and the mark.
func ClaimMail(g *gorm.DB, o id.Order, template string, seq int) (Mail, time.Time, bool, error) {
	var r struct {
		Audience  string
		LinkID    *string
		CreatedAt time.Time
	}
	ok, err := db.One(g, &r, `UPDATE mails SET claimed_at = clock_timestamp() WHERE order_id = ? AND template = ? AND seq = ? AND sent_at IS NULL
		AND (claimed_at IS NULL OR claimed_at <= clock_timestamp() - make_interval(secs => ?)) RETURNING audience, link_id, created_at`, o, template, seq, claimLife.Seconds())
	m := Mail{Order: o, Template: template, Seq: seq, Audience: r.Audience, Link: id.Link(db.OrZero(r.LinkID))}
	if err != nil || ok {
		return m, r.CreatedAt, ok, err
	}
	var claimed bool
	if _, err := db.One(g, &claimed, `SELECT sent_at IS NULL FROM mails WHERE order_id = ? AND template = ? AND seq = ?`, o, template, seq); err != nil || !claimed {
		return m, r.CreatedAt, false, err
	}
	return m, r.CreatedAt, false, ErrClaimed
}

// UnclaimMail gives a message back that could not be sent.
func UnclaimMail(g *gorm.DB, m Mail) error {
	return g.Exec(`UPDATE mails SET claimed_at = NULL WHERE order_id = ? AND template = ? AND seq = ?`, m.Order, m.Template, m.Seq).Error
}

// MarkSent notes that a message was handed over.
func MarkSent(g *gorm.DB, m Mail, now time.Time) error {
	return g.Exec(`UPDATE mails SET sent_at = ? WHERE order_id = ? AND template = ? AND seq = ? AND sent_at IS NULL`, now, m.Order, m.Template, m.Seq).Error
}

// FirstLink is the order's own tracking link, which every mail carries.
func FirstLink(g *gorm.DB, o id.Order) (id.Link, error) {
	var key string
	ok, err := db.One(g, &key, `SELECT id FROM order_links WHERE order_id = ? ORDER BY created_at, id LIMIT 1`, o)
	if err == nil && !ok {
		err = ErrNoOrder
	}
	return id.Link(key), err
}
