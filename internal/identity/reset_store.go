package identity

import (
	"context"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

type resetRow struct {
	ID, UserID, Name, Email, Dealer, AskedBy, ByName string
	CreatedAt, ExpiresAt                             time.Time
	SentAt, UsedAt, EndedAt                          *time.Time
}

const fromResets = `SELECT r.id, r.user_id, u.name, u.email, coalesce(u.dealer, '') AS dealer, r.asked_by, b.name AS by_name,
		r.created_at, r.expires_at, r.sent_at, r.used_at, r.ended_at
	FROM staff_resets r JOIN users u ON u.id = r.user_id JOIN users b ON b.id = r.asked_by `

func (r resetRow) reset() Reset {
	out := Reset{ID: id.Reset(r.ID), User: id.User(r.UserID), Name: r.Name, Email: r.Email, Dealer: id.Dealer(r.Dealer), By: id.User(r.AskedBy), ByName: r.ByName,
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, Open: r.UsedAt == nil && r.EndedAt == nil, Sent: r.SentAt != nil}
	if r.UsedAt != nil {
		out.UsedAt = *r.UsedAt
	}
	return out
}

func insertResetTx(tx *db.Tx, r Reset, hash []byte) error {
	return tx.Exec(`INSERT INTO staff_resets (id, user_id, token_hash, asked_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
		r.ID, r.User, hash, r.By, tx.Now, r.ExpiresAt).Error
}

// endResetsTx ends what is open for an account: a new reset makes the old link worthless.
func endResetsTx(tx *db.Tx, who id.User) error {
	return tx.Exec(`UPDATE staff_resets SET ended_at = ? WHERE user_id = ? AND used_at IS NULL AND ended_at IS NULL`, tx.Now, who).Error
}

// useResetTx is the one moment in which a link is used: two that come together meet here.
func useResetTx(tx *db.Tx, r id.Reset) (bool, error) {
	return db.Changed(tx.DB, `UPDATE staff_resets SET used_at = ? WHERE id = ? AND used_at IS NULL AND ended_at IS NULL AND expires_at > ?`, tx.Now, r, tx.Now)
}

func resetUserTx(tx *db.Tx, who id.User, hash string, due bool) error {
	return tx.Exec(`UPDATE users SET password_hash = ?, own_password = true, second_due = second_due OR ? WHERE id = ?`, hash, due, who).Error
}

func changePasswordTx(tx *db.Tx, who id.User, hash string) (bool, error) {
	return db.Changed(tx.DB, `UPDATE users SET password_hash = ? WHERE id = ? AND own_password AND disabled_at IS NULL`, hash, who)
}

// resettable is the rule: a reset is worth what the account is worth, so whoever starts one could have granted each of its
// roles, also those at sites that he does not run.
func (s *Users) resettable(g *gorm.DB, by User, who id.User) (User, error) {
	if by.ID == who {
		return User{}, ErrResetSelf
	}
	if !id.IsKey(string(who)) {
		return User{}, ErrNoUser
	}
	if found, err := colleaguesOf(g, by, who, s.o.Demo); err != nil || len(found) == 0 {
		return User{}, orConflict(err, ErrNoUser)
	}
	u, ok, err := userByID(g, who, s.o.Demo)
	if err != nil || !ok {
		return User{}, orConflict(err, ErrResetOff)
	}
	if u.Role != RoleDealer || len(u.Grants) == 0 || !mayGrantAll(by, u.Grants) {
		return User{}, ErrResetAbove
	}
	if u.Policy.SSO {
		return User{}, ErrResetSSO
	}
	if u.Demo {
		if shared, err := sharesDemo(g, who); err != nil || shared {
			return User{}, orConflict(err, ErrDemoPassword)
		}
	}
	return u, nil
}

// sharesDemo tells that an account of the demo has the password that the sign-in page shows. Somebody who was invited in
// the demo chose his own.
func sharesDemo(g *gorm.DB, who id.User) (shares bool, err error) {
	_, err = db.One(g, &shares, `SELECT demo AND NOT EXISTS (SELECT 1 FROM staff_invitations i WHERE i.accepted_by = users.id) FROM users WHERE id = ?`, who)
	return shares, err
}

func openResetOf(g *gorm.DB, who id.User) (Reset, bool, error) {
	var r resetRow
	ok, err := db.One(g, &r, fromResets+`WHERE r.user_id = ? AND r.used_at IS NULL AND r.ended_at IS NULL`, who)
	return r.reset(), ok, err
}

func resetByHash(g *gorm.DB, hash []byte) (Reset, bool, error) {
	var r resetRow
	ok, err := db.One(g, &r, fromResets+`WHERE r.token_hash = ?`, hash)
	return r.reset(), ok, err
}

// ResetByID reads one, for the jobs that mail of it.
func (s *Users) ResetByID(ctx context.Context, key id.Reset) (Reset, bool, error) {
	var r resetRow
	ok, err := db.One(s.db.Read(ctx), &r, fromResets+`WHERE r.id = ?`, key)
	return r.reset(), ok, err
}

// MarkReset notes that the letter was handed over.
func (s *Users) MarkReset(ctx context.Context, key id.Reset) error {
	return s.db.Read(ctx).Exec(`UPDATE staff_resets SET sent_at = ? WHERE id = ? AND sent_at IS NULL`, s.db.Clock.Now(), key).Error
}

// UserByID reads an account that works, for a letter to its owner.
func (s *Users) UserByID(ctx context.Context, who id.User) (User, bool, error) {
	return userByID(s.db.Read(ctx), who, s.o.Demo)
}
