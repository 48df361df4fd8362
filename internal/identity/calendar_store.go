package identity

import (
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// NewCalendarLinkTx keeps the hash of a new secret address of a site's calendar; the person's address of before ends.
func NewCalendarLinkTx(tx *db.Tx, u id.User, d id.Dealer, hash string) error {
	if err := EndCalendarLinkTx(tx, u, d); err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO calendar_links (id, user_id, dealer, hash, created_at) VALUES (?, ?, ?, ?, ?)`, id.New[string](), u, d, hash, tx.Now).Error
}

// EndCalendarLinkTx ends the address; one that is ended already is fine. The user's row is locked, so that two tabs do not
// both make a new one.
func EndCalendarLinkTx(tx *db.Tx, u id.User, d id.Dealer) error {
	if err := tx.Exec(`SELECT 1 FROM users WHERE id = ? FOR UPDATE`, u).Error; err != nil {
		return fmt.Errorf("identity: calendar: %w", err)
	}
	return tx.Exec(`UPDATE calendar_links SET revoked_at = ? WHERE user_id = ? AND dealer = ? AND revoked_at IS NULL`, tx.Now, u, d).Error
}

// CalendarSince is when the person's address was made; zero when there is none.
func CalendarSince(g *gorm.DB, u id.User, d id.Dealer) (time.Time, error) {
	var r struct{ At *time.Time }
	_, err := db.One(g, &r, `SELECT created_at AS at FROM calendar_links WHERE user_id = ? AND dealer = ? AND revoked_at IS NULL`, u, d)
	if err != nil || r.At == nil {
		return time.Time{}, err
	}
	return *r.At, nil
}

// CalendarReader is who reads a calendar by the hash of its secret, and of which site. False when there is no such
// address, or the person may not see the site any more. demo tells whether demo accounts work.
func CalendarReader(g *gorm.DB, hash string, demo bool) (User, id.Dealer, bool, error) {
	var r struct{ UserID, Dealer string }
	ok, err := db.One(g, &r, `SELECT user_id::text, dealer FROM calendar_links WHERE hash = ? AND revoked_at IS NULL`, hash)
	if err != nil || !ok {
		return User{}, "", false, err
	}
	u, ok, err := userByID(g, id.User(r.UserID), demo)
	return u, id.Dealer(r.Dealer), ok && u.MayAt(DealerSee, id.Dealer(r.Dealer)), err
}
