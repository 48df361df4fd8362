package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
)

// InvitationLife is how long an invitation can be accepted.
const InvitationLife = 7 * 24 * time.Hour

// invitesPerManager bounds the letters that one account can make us send.
var invitesPerManager = limit.Rule{Name: "staff.invite", Max: 30, Window: time.Hour}

// Invitation asks somebody to join a dealer group's staff.
type Invitation struct {
	ID        id.Invitation
	Group     id.Group
	GroupName string
	Email     string
	Name      string
	Grants    []Grant
	By        id.User
	CreatedAt time.Time
	ExpiresAt time.Time
	Open      bool // neither accepted nor withdrawn; it may have run out
	Sent      bool
}

// Links makes the secret links of invitations from their ids, so that no job and no table holds one.
type Links struct{ key []byte }

// NewLinks takes the process's secret.
func NewLinks(key []byte) Links { return Links{key} }

// Invitation is the token of an invitation's link.
func (l Links) Invitation(i id.Invitation) string {
	m := hmac.New(sha256.New, l.key)
	m.Write([]byte("staff invitation\x00" + string(i)))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// Reset is the token of a reset's link.
func (l Links) Reset(r id.Reset) string {
	m := hmac.New(sha256.New, l.key)
	m.Write([]byte("staff reset\x00" + string(r)))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// hashLink is what the store keeps of a link; nil when it has not even the form of one.
func hashLink(token string) []byte {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != sha256.Size {
		return nil
	}
	sum := sha256.Sum256(raw)
	return sum[:]
}

// MayInvite counts a letter that a manager asks for; limit.ErrLimited when there were too many.
func (s *Users) MayInvite(ctx context.Context, by User) error {
	return limit.Take(ctx, s.db, invitesPerManager, string(by.ID))
}

// InviteTx writes an invitation of a manager and answers its id. ErrWorksHere refuses an address that has a
// role already at a site of the invitation, which the manager reads in his list as well, unless that colleague joined by
// the group's provider and has no password: then the letter lets him set one. Whether an e-mail has
// an account elsewhere is not told: the owner of the mailbox learns it when he opens the link. An older
// invitation of the group to the same address ends.
func (s *Users) InviteTx(ctx context.Context, tx *db.Tx, by User, l Links, email, name string, grants []Grant) (id.Invitation, error) {
	by, err := s.managerTx(tx, by.ID)
	if err != nil {
		return "", err
	}
	// Checked as the account that it becomes.
	u, err := User{Email: email, Name: name, Role: RoleDealer, Dealer: firstSite(grants), Grants: grants}.checked()
	if err != nil {
		return "", err
	}
	if len(grants) == 0 {
		return "", ErrNoRole
	}
	if !mayGrantAll(by, grants) {
		return "", ErrGrant
	}
	if err := s.notHereTx(tx, by, u.Email, grants); err != nil {
		return "", err
	}
	i := Invitation{ID: id.New[id.Invitation](), Group: by.Group, Email: u.Email, Name: u.Name, Grants: grants, By: by.ID, ExpiresAt: tx.Now.Add(InvitationLife)}
	if err := withdrawInvitationsTx(tx, by.Group, u.Email); err != nil {
		return "", err
	}
	if err := insertInvitationTx(tx, i, hashLink(l.Invitation(i.ID))); err != nil {
		return "", err
	}
	return i.ID, audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: "staff.invited", Subject: "invitation:" + string(i.ID), New: map[string]any{"grants": grants}})
}

// notHereTx refuses to invite a colleague to a site at which he works. Only people whom the manager sees are
// looked at, so that nothing is told of those of other sites and groups.
func (s *Users) notHereTx(tx *db.Tx, by User, email string, grants []Grant) error {
	people, err := colleaguesOf(tx.DB, by, "", s.o.Demo)
	if err != nil {
		return err
	}
	for _, c := range people {
		works := func(g Grant) bool {
			return slices.ContainsFunc(c.Grants, func(h Grant) bool { return h.Dealer == g.Dealer })
		}
		if c.Off || !strings.EqualFold(c.Email, email) || !slices.ContainsFunc(grants, works) {
			continue
		}
		if has, err := hasPassword(tx.DB, c.ID); err != nil || has {
			return orConflict(err, ErrWorksHere)
		}
	}
	return nil
}

func firstSite(grants []Grant) id.Dealer {
	if len(grants) == 0 {
		return "none"
	}
	return grants[0].Dealer
}

func mayGrantAll(by User, grants []Grant) bool {
	return !slices.ContainsFunc(grants, func(g Grant) bool { return !by.MayGrant(g) })
}

// managerTx reads the acting account inside the transaction, with its row locked: what a manager lost a
// moment ago he cannot hand out any more.
func (s *Users) managerTx(tx *db.Tx, who id.User) (User, error) {
	if err := lockUsersTx(tx, who); err != nil {
		return User{}, err
	}
	u, ok, err := userByID(tx.DB, who, s.o.Demo)
	if err == nil && (!ok || !u.May(DealerStaff)) {
		err = ErrGrant
	}
	return u, err
}

// Invitations lists the open invitations that the manager may end.
func (s *Users) Invitations(ctx context.Context, manager User) ([]Invitation, error) {
	return openInvitations(s.db.Read(ctx), manager.Group, joined(manager.SitesWith(DealerStaff)))
}

// WithdrawTx ends an open invitation that the manager could have made.
func (s *Users) WithdrawTx(ctx context.Context, tx *db.Tx, by User, key id.Invitation) error {
	by, err := s.managerTx(tx, by.ID)
	if err != nil {
		return err
	}
	open, err := openInvitations(tx.DB, by.Group, joined(by.SitesWith(DealerStaff)))
	if err != nil {
		return err
	}
	n := slices.IndexFunc(open, func(i Invitation) bool { return i.ID == key })
	if n < 0 {
		return ErrNoInvitation
	}
	if !mayGrantAll(by, open[n].Grants) {
		return ErrGrant
	}
	if ok, err := endInvitationTx(tx, key); err != nil || !ok {
		return orConflict(err, ErrNoInvitation)
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: "staff.invitation_withdrawn", Subject: "invitation:" + string(key)})
}

func orConflict(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// Invited opens an invitation by its link. A wrong link, a used one, one withdrawn and one that ran out
// are the same ErrNoInvitation.
func (s *Users) Invited(ctx context.Context, token string) (Invitation, error) {
	hash := hashLink(token)
	if hash == nil {
		return Invitation{}, ErrNoInvitation
	}
	i, ok, err := invitationByHash(s.db.Read(ctx), hash)
	if err != nil {
		return Invitation{}, err
	}
	if !ok || !i.Open || !s.db.Clock.Now().Before(i.ExpiresAt) {
		return Invitation{}, ErrNoInvitation
	}
	return i, nil
}

// Join makes the account of an invitation, with the password chosen, and answers it. What the inviter
// does not hold any more is not handed on: without any role left the invitation is worth nothing. The
// link works once. An e-mail that has an account already is ErrTaken: only who reads its mailbox learns it. An account of
// the same group that its provider made, and that has no password, gets its first one: so nobody stays outside when the
// group takes its provider away. A second factor that it has is still to be asked for.
func (s *Users) Join(ctx context.Context, token, password string) (User, error) {
	i, err := s.Invited(ctx, token)
	if err != nil {
		return User{}, err
	}
	if err := strong(password, i.Email); err != nil {
		return User{}, err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return User{}, err
	}
	must, err := requires(s.db.Read(ctx), i.Group)
	if err != nil || must {
		return User{}, orConflict(err, ErrUseSSO.With("Group", string(i.Group)))
	}
	var made id.User
	err = s.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if made, err = s.joinTx(ctx, tx, i, hash); err == ErrTaken {
			made, err = s.setFirstTx(ctx, tx, i, hash)
		}
		return err
	})
	if err != nil {
		return User{}, err
	}
	u, _, err := userByID(s.db.Read(ctx), made, s.o.Demo)
	return u, err
}

// joinTx makes the account of an invitation and uses the invitation up.
func (s *Users) joinTx(ctx context.Context, tx *db.Tx, i Invitation, hash string) (id.User, error) {
	by, err := s.managerTx(tx, i.By)
	if err != nil {
		return "", orGone(err)
	}
	grants := slices.DeleteFunc(slices.Clone(i.Grants), func(g Grant) bool { return !by.MayGrant(g) })
	if len(grants) == 0 {
		return "", ErrNoInvitation
	}
	u := User{Email: i.Email, Name: i.Name, Role: RoleDealer, Dealer: grants[0].Dealer, Grants: grants, Demo: by.Demo}
	ok, err := insertUserTx(tx, &u, hash)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", ErrTaken
	}
	if ok, err = acceptInvitationTx(tx, i.ID, u.ID); err != nil || !ok {
		return "", orConflict(err, ErrNoInvitation)
	}
	if err := setRolesTx(tx, by.Actor(), &u); err != nil {
		return "", err
	}
	return u.ID, audit.WriteTx(ctx, tx, audit.Row{Actor: u.Actor(), Action: "staff.joined", Subject: "user:" + string(u.ID), New: map[string]any{"grants": grants, "invitation": i.ID}})
}

// setFirstTx gives the account of an invitation its first password, and the roles of the invitation that it lacks and that
// the inviter still holds. ErrTaken when it has a password, does not work any more, or is not the group's alone.
func (s *Users) setFirstTx(ctx context.Context, tx *db.Tx, i Invitation, hash string) (id.User, error) {
	by, err := s.managerTx(tx, i.By)
	if err != nil {
		return "", orGone(err)
	}
	who, ok, err := firstPasswordTx(tx, i.Email, hash)
	if err != nil || !ok {
		return "", orConflict(err, ErrTaken)
	}
	u, ok, err := userByID(tx.DB, who, s.o.Demo)
	if err != nil || !ok {
		return "", orConflict(err, ErrTaken)
	}
	if err := belongsTx(tx, i.Group, u); err != nil {
		return "", orTaken(err)
	}
	if ok, err = acceptInvitationTx(tx, i.ID, who); err != nil || !ok {
		return "", orConflict(err, ErrNoInvitation)
	}
	for _, g := range i.Grants {
		if u.Holds(g) || !by.MayGrant(g) {
			continue
		}
		if err := addRoleTx(tx, by.Actor(), who, g); err != nil {
			return "", err
		}
	}
	return who, audit.WriteTx(ctx, tx, audit.Row{Actor: u.Actor(), Action: "user.first_password", Subject: "user:" + string(who), New: map[string]any{"invitation": i.ID}})
}

// orTaken hides whose account it is.
func orTaken(err error) error {
	if err == ErrSSONobody {
		return ErrTaken
	}
	return err
}

// orGone hides why an inviter cannot invite any more.
func orGone(err error) error {
	if err == ErrGrant {
		return ErrNoInvitation
	}
	return err
}

// ChangeRolesTx makes the roles that a colleague holds at the manager's sites those of want. Roles at other
// sites are not the manager's to see and stay. Nobody changes himself; what would be given or taken must be
// the manager's to grant. A colleague without any role left has no way in: his sessions end.
func (s *Users) ChangeRolesTx(ctx context.Context, tx *db.Tx, manager User, who id.User, want []Grant) error {
	if manager.ID == who {
		return ErrGrantSelf
	}
	if !id.IsKey(string(who)) {
		return ErrNoUser
	}
	if err := lockUsersTx(tx, manager.ID, who); err != nil {
		return err
	}
	by, ok, err := userByID(tx.DB, manager.ID, s.o.Demo)
	if err != nil {
		return err
	}
	if !ok {
		return ErrGrant
	}
	found, err := colleaguesOf(tx.DB, by, who, s.o.Demo)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return ErrNoUser
	}
	have := found[0].Grants
	gone, fresh := without(have, want), without(want, have)
	if !mayGrantAll(by, gone) || !mayGrantAll(by, fresh) {
		return ErrGrant
	}
	for _, g := range gone {
		if err := endRoleTx(tx, by.Actor(), who, g); err != nil {
			return err
		}
	}
	for _, g := range fresh {
		if err := addRoleTx(tx, by.Actor(), who, g); err != nil {
			return err
		}
	}
	if len(want) == 0 {
		if err := endSessionsTx(tx, who); err != nil {
			return err
		}
	} else if err := moveHomeTx(tx, who); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: "staff.roles", Subject: "user:" + string(who), Old: have, New: want})
}

func without(list, drop []Grant) []Grant {
	var out []Grant
	for _, g := range list {
		if !slices.Contains(drop, g) {
			out = append(out, g)
		}
	}
	return out
}

// PolicyTx says how the group of a manager signs in. The minutes are those without a request after which a
// session locks.
func (s *Users) PolicyTx(ctx context.Context, tx *db.Tx, manager User, second bool, minutes int) error {
	if minutes < MinLock || minutes > MaxLock {
		return ErrLock
	}
	by, err := s.managerTx(tx, manager.ID)
	if err != nil {
		return err
	}
	if !by.May(DealerGroup) {
		return ErrGrant
	}
	if second && !by.Second {
		return ErrFirstYourself
	}
	if err := setPolicyTx(tx, by.Group, second, minutes); err != nil {
		return err
	}
	return audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: "group.policy", Subject: "group:" + string(by.Group),
		Old: map[string]any{"second_factor": by.Policy.SecondFactor, "lock_minutes": int(by.Policy.LockAfter.Minutes())}, New: map[string]any{"second_factor": second, "lock_minutes": minutes}})
}

// How short and how long the lock of a group may be, in minutes.
const (
	MinLock = 5
	MaxLock = 120
)

// ParseGrant reads a role at a site as forms write it: "sales@gb-leeds-northgate".
func ParseGrant(s string) (Grant, bool) {
	role, dealer, ok := strings.Cut(s, "@")
	g := Grant{SiteRole(role), id.Dealer(dealer)}
	return g, ok && g.Role.May() != nil && dealerShape.MatchString(dealer)
}

// String writes a grant as ParseGrant reads it.
func (g Grant) String() string { return string(g.Role) + "@" + string(g.Dealer) }
