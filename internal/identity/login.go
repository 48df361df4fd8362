package identity

import (
	"context"
	"net/netip"
	"strconv"
	"time"

	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
)

// Login checks e-mail and password typed at address ip. A wrong password, an unknown e-mail and a
// disabled account get the same ErrLogin after the same work; too many tries get limit.ErrLimited,
// also with the right password. Whose group lets its own provider ask gets ErrUseSSO, with the right password
// and only then.
func (s *Users) Login(ctx context.Context, email, password, ip string) (User, error) {
	email = fold(email)
	from := prefix(ip)
	if err := limit.Take(ctx, s.db, s.o.PerPrefix, from); err != nil {
		return User{}, err
	}
	acc, err := s.account(ctx, email)
	if err != nil {
		return User{}, err
	}
	// The last success is part of the key: who gets in starts a new count, so that only failures
	// add up, and the count is still taken before the password is looked at.
	if err := limit.Take(ctx, s.db, s.o.PerAccount, email, from, acc.since()); err != nil {
		return User{}, err
	}
	if len(password) > maxPassword {
		password = "" // matches nothing, and costs no more than others
	}
	ok, err := matches(ctx, password, acc.hash)
	if err != nil {
		return User{}, err
	}
	if !ok || acc.ID == "" {
		return User{}, ErrLogin
	}
	if acc.Policy.SSO {
		return User{}, ErrUseSSO.With("Group", string(acc.Group))
	}
	err = s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := loggedInTx(tx, acc.ID); err != nil {
			return err
		}
		return audit.WriteTx(ctx, tx, audit.Row{Actor: acc.Actor(), Action: "user.signed_in", Subject: "user:" + string(acc.ID)})
	})
	return acc.User, err
}

// account is what a login needs to know; of nobody when the e-mail has none that works.
type account struct {
	User
	hash      string
	lastLogin time.Time
}

func (a account) since() string { return strconv.FormatInt(a.lastLogin.UnixMicro(), 36) }

func (s *Users) account(ctx context.Context, email string) (account, error) {
	if !plainEmail(email) {
		email = "" // nobody has it; the same query is asked, without bytes that the server refuses
	}
	acc, ok, err := accountByEmail(s.db.Read(ctx), email, s.o.Demo)
	if err == nil && !ok {
		acc = account{hash: nobody()}
	}
	return acc, err
}

// prefix is the part of an address that one household or office shares.
func prefix(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	bits := 56
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return p.String()
}
