package talk

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// SayTx writes a message. The caller holds the order's lock, so the numbers have no gap.
func SayTx(tx *db.Tx, n New) (seq int, err error) {
	if err := n.Check(); err != nil {
		return 0, err
	}
	var user any
	if n.User != "" {
		user = n.User
	}
	ok, err := db.One(tx.DB, &seq, `INSERT INTO messages (order_id, market, seq, side, dealer, by_user, body, created_at)
		SELECT @order, @market, coalesce(max(seq), 0) + 1, @side, @dealer, cast(@user AS uuid), @body, @now FROM messages WHERE order_id = @order
		HAVING count(*) FILTER (WHERE side = @side AND created_at > @yesterday) < @most RETURNING seq`,
		map[string]any{"order": n.Order, "market": n.Market, "side": n.Side, "dealer": n.Dealer, "user": user, "body": n.Body, "now": tx.Now,
			"yesterday": tx.Now.Add(-24 * time.Hour), "most": MostADay})
	if err != nil {
		return 0, fmt.Errorf("talk: say: %w", err)
	}
	if !ok {
		return 0, ErrMany
	}
	if n.Photo == nil {
		return seq, nil
	}
	return seq, tx.Exec(`INSERT INTO message_photos (order_id, seq, jpeg, width, height) VALUES (?, ?, ?, ?, ?)`, n.Order, seq, n.Photo.JPEG, n.Photo.Width, n.Photo.Height).Error
}

// Of lists what was written about an order, oldest first.
func Of(g *gorm.DB, o id.Order) ([]Message, error) {
	var out []Message
	err := g.Raw(`SELECT m.seq, m.side, m.body, p.seq IS NOT NULL AS photo, coalesce(p.width, 0) AS width, coalesce(p.height, 0) AS height, m.created_at AS at
		FROM messages m LEFT JOIN message_photos p ON p.order_id = m.order_id AND p.seq = m.seq WHERE m.order_id = ? ORDER BY m.seq`, o).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("talk: %w", err)
	}
	return out, nil
}

// PhotoOf is the picture of a message, as JPEG; false when there is none.
func PhotoOf(g *gorm.DB, o id.Order, seq int) ([]byte, bool, error) {
	var r struct{ JPEG []byte }
	ok, err := db.One(g, &r, `SELECT jpeg FROM message_photos WHERE order_id = ? AND seq = ?`, o, seq)
	return r.JPEG, ok, err
}
