package connected

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// unoffered are new warnings for which no offer was tried in vain.
func unoffered(g *gorm.DB, since time.Time, n int) ([]Warning, error) {
	return warningsWhere(g, `w.state = 'raised' AND w.ended_at IS NULL AND w.told_at IS NULL AND NOT w.offer_tried AND w.raised_at > ? AND l.until IS NULL ORDER BY w.raised_at, w.id LIMIT ?`, since, n)
}

// triedOffer notes that nothing can be offered: nobody waits for it any more.
func triedOffer(g *gorm.DB, key id.Warning) error {
	return g.Exec(`UPDATE car_warnings SET offer_tried = true WHERE id = ? AND state = 'raised'`, key).Error
}

// untold are warnings whose keeper is to be told: those with an answer to whether there is an offer, and those that waited for one
// long enough.
func untold(g *gorm.DB, now, waits time.Time, n int) ([]Warning, error) {
	return warningsWhere(g, `w.told_at IS NULL AND w.ended_at IS NULL AND w.tell_at <= ? AND (w.offered_at IS NOT NULL OR w.offer_tried OR w.raised_at <= ?) AND l.until IS NULL ORDER BY w.tell_at, w.id LIMIT ?`, now, waits, n)
}

func delayTx(tx *db.Tx, key id.Warning, at time.Time) error {
	return tx.Exec(`UPDATE car_warnings SET tell_at = ? WHERE id = ? AND told_at IS NULL`, at, key).Error
}

// noticesTx notes on which channels a warning is told, each once.
func noticesTx(tx *db.Tx, w Warning) (out []Channel, err error) {
	err = tx.Raw(`INSERT INTO car_notices (warning_id, channel, queued_at) SELECT ?, channel, ? FROM car_channels WHERE keeper_id = ? ON CONFLICT DO NOTHING RETURNING channel`, w.ID, tx.Now, w.Keeper).Scan(&out).Error
	return out, err
}

// unsent is a notice that is to be sent, with its address; false when it was sent, its keeper keeps the car no more or wants no more of
// this channel, or the warning is over.
func unsent(g *gorm.DB, key id.Warning, c Channel) (w Warning, address string, ok bool, err error) {
	ws, err := warningsWhere(g, `w.id = ? AND w.ended_at IS NULL AND l.until IS NULL`, key)
	if err != nil || len(ws) == 0 {
		return w, "", false, err
	}
	ok, err = db.One(g, &address, `SELECT a.address FROM car_notices n JOIN car_channels a ON a.keeper_id = ? AND a.channel = n.channel WHERE n.warning_id = ? AND n.channel = ? AND n.sent_at IS NULL`, ws[0].Keeper, key, c)
	return ws[0], address, ok, err
}

func markSent(g *gorm.DB, key id.Warning, c Channel, at time.Time) error {
	return g.Exec(`UPDATE car_notices SET sent_at = ? WHERE warning_id = ? AND channel = ? AND sent_at IS NULL`, at, key, c).Error
}
