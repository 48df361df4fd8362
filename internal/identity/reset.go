package identity

import (
	"context"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
)

// ResetLife is how long the link of a reset can be used.
const ResetLife = 24 * time.Hour

// How many letters of resets one manager, and one person, may be sent.
var (
	resetsPerManager = limit.Rule{Name: "staff.reset", Max: 10, Window: time.Hour}
	resetsPerPerson  = limit.Rule{Name: "staff.reset_of", Max: 3, Window: 24 * time.Hour}
)

// Reset lets somebody who lost his password, his phone or both choose new ones.
type Reset struct {
	ID        id.Reset
	User      id.User
	Name      string
	Email     string
	Dealer    id.Dealer // where the login of the person begins
	By        id.User
	ByName    string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero while unused
	Open      bool      // neither used nor ended; it may have run out
	Sent      bool
}

// MayReset counts a letter that a manager asks for; limit.ErrLimited when he, or the person, had too many.
func (s *Users) MayReset(ctx context.Context, by User, who id.User) error {
	if err := limit.Take(ctx, s.db, resetsPerManager, string(by.ID)); err != nil {
		return err
	}
	return limit.Take(ctx, s.db, resetsPerPerson, string(who))
}

// Resettable says why a manager cannot send a colleague of his a reset; nil when he can.
func (s *Users) Resettable(ctx context.Context, manager User, who id.User) error {
	_, err := s.resettable(s.db.Read(ctx), manager, who)
	return err
}

// ResetTx writes a reset of a colleague and answers its id. An older one that is open ends. Nothing of the account changes
// until the person opens the link: who started a reset by mistake locks nobody out.
func (s *Users) ResetTx(ctx context.Context, tx *db.Tx, manager User, l Links, who id.User) (id.Reset, error) {
	by, err := s.managerWithTx(tx, manager.ID, who)
	if err != nil {
		return "", err
	}
	if _, err := s.resettable(tx.DB, by, who); err != nil {
		return "", err
	}
	if err := endResetsTx(tx, who); err != nil {
		return "", err
	}
	key := id.New[id.Reset]()
	if err := insertResetTx(tx, Reset{ID: key, User: who, By: by.ID, ExpiresAt: tx.Now.Add(ResetLife)}, hashLink(l.Reset(key))); err != nil {
		return "", err
	}
	return key, audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: "staff.reset_started", Subject: "user:" + string(who), New: map[string]any{"reset": key}})
}

// managerWithTx is managerTx with the account of a colleague locked as well, in one order for both.
func (s *Users) managerWithTx(tx *db.Tx, manager, who id.User) (User, error) {
	if !id.IsKey(string(who)) {
		return User{}, ErrNoUser
	}
	if err := lockUsersTx(tx, manager, who); err != nil {
		return User{}, err
	}
	return s.managerTx(tx, manager)
}

// EndResetTx makes the link of a colleague's open reset worthless. ErrNoReset when there is none.
func (s *Users) EndResetTx(ctx context.Context, tx *db.Tx, manager User, who id.User) error {
	by, err := s.managerWithTx(tx, manager.ID, who)
	if err != nil {
		return err
	}
	if _, err := s.resettable(tx.DB, by, who); err != nil {
		return err
	}
	open, ok, err := openResetOf(tx.DB, who)
	if err != nil || !ok {
		return orConflict(err, ErrNoReset)
	}
	if err := endResetsTx(tx, who); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: "staff.reset_withdrawn", Subject: "user:" + string(who), New: map[string]any{"reset": open.ID}})
}

// OpenReset is the reset of a colleague that waits; false when there is none, or it has run out.
func (s *Users) OpenReset(ctx context.Context, who id.User) (Reset, bool, error) {
	r, ok, err := openResetOf(s.db.Read(ctx), who)
	return r, ok && s.db.Clock.Now().Before(r.ExpiresAt), err
}

// ResetBy opens a reset by its link and changes nothing. A wrong link, a used one, one withdrawn and one that ran out are
// the same ErrNoReset.
func (s *Users) ResetBy(ctx context.Context, token string) (Reset, error) {
	hash := hashLink(token)
	if hash == nil {
		return Reset{}, ErrNoReset
	}
	r, ok, err := resetByHash(s.db.Read(ctx), hash)
	if err != nil {
		return Reset{}, err
	}
	if !ok || !r.Open || !s.db.Clock.Now().Before(r.ExpiresAt) {
		return Reset{}, ErrNoReset
	}
	return r, nil
}

// HashPassword checks a password that the owner of an account chose and hashes it, which is slow on purpose: do it before
// a transaction.
func (s *Users) HashPassword(ctx context.Context, email, password string) (string, error) {
	if err := strong(password, email); err != nil {
		return "", err
	}
	return hashPassword(ctx, password)
}

// TakeResetTx uses a reset up: the account gets the new password, loses every second factor, and its sessions end. Where it
// had one, nothing can be done with it until there is a new one. ErrNoReset when the link was used meanwhile, or who
// started it could not any more.
func (s *Users) TakeResetTx(ctx context.Context, tx *db.Tx, r Reset, hash string) (User, error) {
	by, err := s.managerWithTx(tx, r.By, r.User)
	if err != nil {
		return User{}, orNoReset(err)
	}
	u, err := s.resettable(tx.DB, by, r.User)
	if err != nil {
		return User{}, orNoReset(err)
	}
	if ok, err := useResetTx(tx, r.ID); err != nil || !ok {
		return User{}, orConflict(err, ErrNoReset)
	}
	if err := resetUserTx(tx, u.ID, hash, u.Second); err != nil {
		return User{}, err
	}
	if err := endFactorsTx(tx, u.ID); err != nil {
		return User{}, err
	}
	if err := endSessionsTx(tx, u.ID); err != nil {
		return User{}, err
	}
	err = audit.WriteTx(ctx, tx, audit.Row{Actor: u.Actor(), Action: "user.reset", Subject: "user:" + string(u.ID), New: map[string]any{"reset": r.ID, "second_factor": u.Second}})
	if err != nil {
		return User{}, err
	}
	u.Due, u.Second = u.Due || u.Second, false
	return u, nil
}

// orNoReset hides why a link is worth nothing any more.
func orNoReset(err error) error {
	if slices.Contains([]error{ErrGrant, ErrNoUser, ErrResetOff, ErrResetAbove, ErrResetSSO, ErrResetSelf, ErrDemoPassword}, err) {
		return ErrNoReset
	}
	return err
}

// HasPassword tells whether the account has a password of its own that its owner may change: not one that came by the
// group's provider alone, and not the demo's.
func (s *Users) HasPassword(ctx context.Context, u User) (bool, error) {
	g := s.db.Read(ctx)
	if u.Policy.SSO {
		return false, nil
	}
	if u.Demo {
		if shared, err := sharesDemo(g, u.ID); err != nil || shared {
			return false, err
		}
	}
	return hasPassword(g, u.ID)
}

// ChangePasswordTx gives the account of its owner another password; all its sessions end but the one named here. Who asks
// has shown the old one (Confirm).
func (s *Users) ChangePasswordTx(ctx context.Context, tx *db.Tx, u User, hash, here string) error {
	ok, err := changePasswordTx(tx, u.ID, hash)
	if err != nil || !ok {
		return orConflict(err, ErrNoPassword)
	}
	if err := endOtherSessionsTx(tx, u.ID, here); err != nil {
		return err
	}
	if err := endResetsTx(tx, u.ID); err != nil { // who knows his password needs no reset
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: u.Actor(), Action: "user.password", Subject: "user:" + string(u.ID)})
}
