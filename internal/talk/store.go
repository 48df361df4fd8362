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
	err := g.Raw(`SELECT m.seq, m.side, m.body, m.erased_at IS NOT NULL AS erased, p.seq IS NOT NULL AND p.jpeg_hash IS NULL AS photo, coalesce(p.width, 0) AS width, coalesce(p.height, 0) AS height, m.created_at AS at
		FROM messages m LEFT JOIN message_photos p ON p.order_id = m.order_id AND p.seq = m.seq WHERE m.order_id = ? ORDER BY m.seq`, o).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("talk: %w", err)
	}
	return out, nil
}

// PhotoOf is the picture of a message, as JPEG; false when there is none.
func PhotoOf(g *gorm.DB, o id.Order, seq int) ([]byte, bool, error) {
	var r struct{ JPEG []byte }
	ok, err := db.One(g, &r, `SELECT jpeg FROM message_photos WHERE order_id = ? AND seq = ? AND jpeg_hash IS NULL`, o, seq)
	return r.JPEG, ok, err
}

// RecordsOf lists what was written about an order as evidence, oldest first.
func RecordsOf(g *gorm.DB, o id.Order) ([]Record, error) {
	var rows []struct {
		Seq, Width, Height  int
		Side                Side
		Dealer              id.Dealer
		Body                string
		BodyHash, PhotoHash []byte
		JPEG                []byte `gorm:"column:jpeg"`
		At                  time.Time
		Erased              bool
	}
	err := g.Raw(`SELECT m.seq, m.side, m.dealer, m.body, coalesce(m.body_hash, sha256(convert_to(m.body, 'UTF8'))) AS body_hash, m.erased_at IS NOT NULL AS erased, m.created_at AS at,
		nullif(p.jpeg, '') AS jpeg, coalesce(p.jpeg_hash, sha256(p.jpeg)) AS photo_hash, coalesce(p.width, 0) AS width, coalesce(p.height, 0) AS height
		FROM messages m LEFT JOIN message_photos p ON p.order_id = m.order_id AND p.seq = m.seq WHERE m.order_id = ? ORDER BY m.seq`, o).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("talk: records: %w", err)
	}
	var out []Record
	for _, r := range rows {
		out = append(out, Record{Message: Message{Seq: r.Seq, Side: r.Side, Body: r.Body, Photo: r.JPEG != nil, Width: r.Width, Height: r.Height, At: r.At, Erased: r.Erased},
			Dealer: r.Dealer, BodyHash: r.BodyHash, JPEG: r.JPEG, PhotoHash: r.PhotoHash})
	}
	return out, nil
}

// EraseTx erases the words and pictures of an order and keeps their hashes. Erased twice it stays as it was.
func EraseTx(tx *db.Tx, o id.Order) (int64, error) {
	if err := tx.Exec(`UPDATE message_photos SET jpeg_hash = sha256(jpeg), jpeg = '' WHERE order_id = ? AND jpeg_hash IS NULL`, o).Error; err != nil {
		return 0, fmt.Errorf("talk: erase: %w", err)
	}
	res := tx.Exec(`UPDATE messages SET body_hash = sha256(convert_to(body, 'UTF8')), body = '', erased_at = ? WHERE order_id = ? AND erased_at IS NULL`, tx.Now, o)
	return res.RowsAffected, res.Error
}
