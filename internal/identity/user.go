package identity

import (
	"context"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"forecourt/internal/id"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
)

// User is a member of staff.
type User struct {
	ID      id.User
	Email   string // lower case
	Name    string
	Role    Role
	Dealer  id.Dealer   // of RoleDealer, else empty
	Markets []id.Market // of RoleManager and RoleAgent; for RoleHQ a hint only
	Demo    bool

	// Of RoleDealer. Dealer is the site that the user works at now, one of those with a grant.
	Group  id.Group // of the site where the login began
	Grants []Grant  // sorted by site
	// Policy is how the user's group wants its staff to sign in; zero for offices.
	Policy Policy
	// Second tells that the account has a second factor.
	Second bool
	// Due tells that a reset took the second factor away, and that there is none since.
	Due bool
	// Vouched tells that this very session began at a provider that the group trusts, with a second factor there.
	Vouched bool
}

// Policy is how the staff of a dealer group sign in.
type Policy struct {
	SecondFactor bool          // nobody works without one
	LockAfter    time.Duration // without a request; never when zero
	SSO          bool          // nobody gets in but by the group's own provider
}

// Owes tells that the account has no second factor although its group wants one or a reset took one away, and that nobody
// vouched for one.
func (u User) Owes() bool { return (u.Policy.SecondFactor || u.Due) && !u.Second && !u.Vouched }

// Sees tells whether the market is the user's. The head office sees all; a dealer sees by its code.
func (u User) Sees(m id.Market) bool {
	switch u.Role {
	case RoleHQ:
		return true
	case RoleManager, RoleAgent:
		return slices.Contains(u.Markets, m)
	}
	return false
}

// At tells whether the user has any role at the dealer.
func (u User) At(d id.Dealer) bool {
	return u.Role == RoleDealer && d != "" && slices.ContainsFunc(u.Grants, func(g Grant) bool { return g.Dealer == d })
}

// Actor is the user's name in the audit log.
func (u User) Actor() string { return "staff:" + string(u.ID) }

// Options tune Users; zero values are sensible.
type Options struct {
	Demo       bool       // demo logins work; elsewhere they are as if they did not exist
	PerAccount limit.Rule // failed logins of one account from one address prefix
	PerPrefix  limit.Rule // logins from one address prefix
}

// Users keeps the accounts of staff.
type Users struct {
	db *db.DB
	o  Options
}

// NewUsers makes the keeper of accounts.
func NewUsers(d *db.DB, o Options) *Users {
	if o.PerAccount.Max == 0 {
		o.PerAccount = limit.Rule{Name: "login.account", Max: 10, Window: 15 * time.Minute}
	}
	if o.PerPrefix.Max == 0 {
		o.PerPrefix = limit.Rule{Name: "login.prefix", Max: 100, Window: 15 * time.Minute}
	}
	return &Users{db: d, o: o}
}

// Create adds an account; ErrTaken when the e-mail has one.
func (s *Users) Create(ctx context.Context, u User, password string) (User, error) {
	return s.write(ctx, u, password, insertUserTx)
}

// Upsert adds the account or makes the one with this e-mail like u, with a new password, which ends
// its sessions. A disabled account stays disabled, a demo account is left alone (ErrTaken).
func (s *Users) Upsert(ctx context.Context, u User, password string) (User, error) {
	return s.write(ctx, u, password, upsertUserTx)
}

type writeTx func(tx *db.Tx, u *User, hash string) (bool, error)

func (s *Users) write(ctx context.Context, u User, password string, write writeTx) (User, error) {
	u, err := u.checked()
	if err != nil {
		return User{}, err
	}
	if err := strong(password, u.Email); err != nil {
		return User{}, err
	}
	// Before the transaction: hashing is slow on purpose and may wait for its turn.
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return User{}, err
	}
	u.Demo = false
	err = s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ok, err := write(tx, &u, hash)
		if err != nil {
			return err
		}
		if !ok {
			return ErrTaken
		}
		if err := setRolesTx(tx, "system", &u); err != nil {
			return err
		}
		if err := endSessionsTx(tx, u.ID); err != nil {
			return err
		}
		return s.auditTx(ctx, tx, "user.saved", u.ID, map[string]any{"role": u.Role, "dealer": u.Dealer, "markets": u.Markets, "grants": u.Grants})
	})
	if err != nil {
		return User{}, err
	}
	got, _, err := userByID(s.db.Read(ctx), u.ID, true)
	return got, err
}

// SetPassword replaces the password and ends all sessions of the account.
func (s *Users) SetPassword(ctx context.Context, email, password string) error {
	email = fold(email)
	if err := strong(password, email); err != nil {
		return err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, email, "user.password", func(tx *db.Tx) (id.User, error) { return setPasswordTx(tx, email, hash) })
}

// Disable closes the account: its sessions end, its next request is a stranger's.
func (s *Users) Disable(ctx context.Context, email string) error {
	return s.change(ctx, fold(email), "user.disabled", func(tx *db.Tx) (id.User, error) { return disableTx(tx, fold(email)) })
}

// Enable opens a disabled account again.
func (s *Users) Enable(ctx context.Context, email string) error {
	return s.change(ctx, fold(email), "user.enabled", func(tx *db.Tx) (id.User, error) { return enableTx(tx, fold(email)) })
}

func (s *Users) change(ctx context.Context, email, action string, act func(*db.Tx) (id.User, error)) error {
	if !plainEmail(email) {
		return ErrNoUser
	}
	return s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		who, err := act(tx)
		if err != nil {
			return err
		}
		if who == "" {
			return ErrNoUser
		}
		if err := endSessionsTx(tx, who); err != nil {
			return err
		}
		return s.auditTx(ctx, tx, action, who, nil)
	})
}

// auditTx: accounts are kept on the command line, so the actor is the system.
func (s *Users) auditTx(ctx context.Context, tx *db.Tx, action string, who id.User, value any) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: "system", Action: action, Subject: "user:" + string(who), New: value})
}

var (
	marketShape = regexp.MustCompile(`^[a-z]{2}$`)
	dealerShape = regexp.MustCompile(`^[a-z0-9-]{4,48}$`)
)

// checked gives the user as it is stored, or ErrUser with the reason for who typed it.
func (u User) checked() (User, error) {
	u.Email, u.Name = fold(u.Email), strings.TrimSpace(u.Name)
	switch {
	case !plainEmail(u.Email):
		return User{}, refuse("the e-mail address is not usable")
	case u.Name == "" || utf8.RuneCountInString(u.Name) > 100 || !printable(u.Name):
		return User{}, refuse("the name is missing, too long or has invisible characters")
	case !slices.Contains([]Role{RoleDealer, RoleManager, RoleHQ, RoleAgent}, u.Role):
		return User{}, refuse("the role is none of dealer, manager, hq, agent")
	case (u.Role == RoleDealer) != (u.Dealer != ""):
		return User{}, refuse("a dealer code belongs to the role dealer and to no other")
	case u.Dealer != "" && !dealerShape.MatchString(string(u.Dealer)):
		return User{}, ErrNoDealer
	case (u.Role == RoleManager || u.Role == RoleAgent) && len(u.Markets) == 0:
		return User{}, refuse("a manager or an agent needs at least one market")
	case u.Role == RoleDealer && len(u.Markets) > 0:
		return User{}, refuse("a dealer's market is that of its dealer")
	case u.Role != RoleDealer && len(u.Grants) > 0:
		return User{}, refuse("roles at a site belong to the role dealer and to no other")
	}
	for _, g := range u.Grants {
		if g.Role.May() == nil || g.Dealer == "" {
			return User{}, refuse("a role at a site is one of service, handover, sales, site_manager, group_manager")
		}
	}
	if u.Role == RoleDealer && len(u.Grants) == 0 {
		u.Grants = []Grant{{SiteManager, u.Dealer}} // whoever makes the login says less when he means less
	}
	for _, m := range u.Markets {
		if !marketShape.MatchString(string(m)) {
			return User{}, refuse("a market is two small letters")
		}
	}
	return u, nil
}

func refuse(why string) error { return fmt.Errorf("%s: %w", why, ErrUser) }

// fold lowers ASCII only: Unicode's rules turn a Kelvin sign into a k, and so one e-mail into another.
func fold(email string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSpace(email))
}

// plainEmail accepts only what PostgreSQL and every mail server read alike: printable ASCII.
func plainEmail(email string) bool {
	if len(email) > 254 || strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	a, err := mail.ParseAddress(email)
	return err == nil && a.Address == email && a.Name == ""
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) })
}
