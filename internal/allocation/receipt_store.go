package allocation

import (
	"encoding/json"
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// appendReceipt adds a row to the chain of the order in the CTE step. The caller holds the order's lock, so no two
// rows can follow the same one; should they, the primary key refuses the second.
const appendReceipt = `
	INSERT INTO allocation_receipts (order_id, market, seq, at, event, round, body, prev, hash)
	SELECT s.order_id, s.market, coalesce(l.seq, 0) + 1, @at, @event, @round, @body, coalesce(l.hash, ''), sha256(coalesce(l.hash, '') || convert_to(@body, 'UTF8'))
	FROM step s LEFT JOIN LATERAL (SELECT seq, hash FROM allocation_receipts r WHERE r.order_id = s.order_id ORDER BY seq DESC LIMIT 1) l ON true`

// receiptTx writes the receipt of a step together with the step itself, which is an INSERT or UPDATE that answers
// order_id and market. False when the step changed nothing: then there is no receipt either.
func receiptTx(tx *db.Tx, step string, n Note, args map[string]any) (bool, error) {
	body, err := n.canonical()
	if err != nil {
		return false, err
	}
	args["at"], args["event"], args["round"], args["body"] = tx.Now, n.Event, n.Round, body
	return db.Changed(tx.DB, `WITH step AS (`+step+`)`+appendReceipt, args)
}

// NoteTx writes a receipt of what happened to an order without a step of an entry. The caller holds the order's lock.
func NoteTx(tx *db.Tx, o id.Order, e Event, round int, by, reason string, d Decision) error {
	n := Note{At: stamp(tx.Now), By: actorOf(by), Event: e, Order: o, Reason: reason, Round: round}
	n.decided(d)
	if len(d.Ranked) == 0 {
		n.Strategy, n.Version = "", ""
	}
	ok, err := receiptTx(tx, `SELECT id AS order_id, market FROM orders WHERE id = @order`, n, map[string]any{"order": o})
	if err == nil && !ok {
		err = ErrMoved
	}
	return err
}

// Receipts reads the chain of an order, first to last.
func Receipts(g *gorm.DB, o id.Order) ([]Receipt, error) {
	var rows []struct {
		Seq        int
		Body       string
		Prev, Hash []byte
	}
	if err := g.Raw(`SELECT seq, body, prev, hash FROM allocation_receipts WHERE order_id = ? ORDER BY seq`, o).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("allocation: receipts: %w", err)
	}
	out := make([]Receipt, len(rows))
	for i, r := range rows {
		out[i] = Receipt{Seq: r.Seq, Body: r.Body, Prev: r.Prev, Hash: r.Hash}
		if err := json.Unmarshal([]byte(r.Body), &out[i].Note); err != nil {
			return nil, fmt.Errorf("allocation: receipt %d of %s: %w", r.Seq, o, err)
		}
	}
	return out, nil
}
