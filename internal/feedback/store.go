package feedback

import (
	"fmt"
	"regexp"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// secretLink is an address that opens an order or a checkout to whoever has it.
var secretLink = regexp.MustCompile(`/(orders|checkout)/[A-Za-z0-9_-]{24,}`)

// withoutSecrets cuts the keys out of addresses: readers copy the one of the page they are on, and the desk
// must not be able to open, or leave lying in its mails, what belongs to a buyer.
func withoutSecrets(s string) string { return secretLink.ReplaceAllString(s, "/$1/…") }

// AddTx keeps a report under a new key.
func AddTx(tx *db.Tx, r *Report) error {
	r.ID, r.CreatedAt = id.New[id.Report](), tx.Now
	r.Page, r.Message = withoutSecrets(r.Page), withoutSecrets(r.Message)
	err := tx.Exec(`INSERT INTO barrier_reports (id, brand, market, page, message, email, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.Brand, r.Market, r.Page, r.Message, r.Email, r.CreatedAt).Error
	if err != nil {
		return fmt.Errorf("feedback: add: %w", err)
	}
	return nil
}

// Unsent reads a report that the desk has not got yet; false when it has, or when there is none.
func Unsent(g *gorm.DB, key id.Report) (Report, bool, error) {
	var r Report
	ok, err := db.One(g, &r, `SELECT id, brand, market, page, message, email, created_at FROM barrier_reports WHERE id = ? AND sent_at IS NULL`, key)
	if err != nil {
		return r, false, fmt.Errorf("feedback: %w", err)
	}
	return r, ok, nil
}

// MarkSent notes that the desk has it.
func MarkSent(g *gorm.DB, key id.Report, at time.Time) error {
	return g.Exec(`UPDATE barrier_reports SET sent_at = ? WHERE id = ? AND sent_at IS NULL`, at, key).Error
}
