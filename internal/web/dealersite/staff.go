package dealersite

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/limit"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// StaffPage lists the staff of the sites that the reader runs, and invites more.
type StaffPage struct {
	Page
	People  []Person
	Waiting []Guest
	Sites   []SiteRoles // what the invitation may give
	Email   string
	Name    string
	Rules   bool // the reader says how the group signs in
}

// Person is a line of the list.
type Person struct {
	URL, Name, Email string
	Roles            []string
	Last             string
	Second, Off, Me  bool
}

// Guest is an invitation that waits.
type Guest struct {
	ID          id.Invitation
	Name, Email string
	Roles       []string
	Until       string
	Over        bool
	Mine        bool // the reader may withdraw it
}

// SiteRoles are the roles that can be held at a site, as boxes to tick.
type SiteRoles struct {
	Name  string
	Roles []RoleBox
}

// RoleBox is one role at one site.
type RoleBox struct {
	Value  string
	Key    string // of its words
	Held   bool
	Locked bool // not the reader's to give or take
}

func (h *Handlers) showStaff(c echo.Context) error {
	d, err := h.deskOf(c)
	if err != nil {
		return err
	}
	p, err := h.staffPage(c, d, nil)
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/staff", p)
}

func (h *Handlers) staffPage(c echo.Context, d desk, ticked []identity.Grant) (*StaffPage, error) {
	ctx := c.Request().Context()
	p := &StaffPage{Page: h.page(c, d, "site.staff.title", "staff")}
	people, err := h.users.ColleaguesOf(ctx, d.user, "")
	if err != nil {
		return nil, err
	}
	for _, x := range people {
		p.People = append(p.People, Person{URL: staffPath + "/" + string(x.ID), Name: x.Name, Email: x.Email, Roles: d.words(p.Base, x.Grants),
			Last: when(p.Base, x.LastLoginAt), Second: x.Second, Off: x.Off, Me: x.ID == d.user.ID})
	}
	waiting, err := h.users.Invitations(ctx, d.user)
	if err != nil {
		return nil, err
	}
	now := h.kit.DB.Clock.Now()
	for _, i := range waiting {
		mine := !slices.ContainsFunc(i.Grants, func(g identity.Grant) bool { return !d.user.MayGrant(g) })
		p.Waiting = append(p.Waiting, Guest{ID: i.ID, Name: i.Name, Email: i.Email, Roles: d.words(p.Base, i.Grants), Until: p.DateTime(i.ExpiresAt), Over: !now.Before(i.ExpiresAt), Mine: mine})
	}
	p.Sites, p.Rules = d.boxes(ticked, false), d.user.May(identity.DealerGroup)
	return p, nil
}

func when(b web.Base, t time.Time) string {
	if t.IsZero() {
		return b.T("site.staff.never")
	}
	return b.DateTime(t)
}

// words says what somebody is where, a line for each site; the group's manager once.
func (d desk) words(b web.Base, grants []identity.Grant) []string {
	var out []string
	bySite := map[id.Dealer][]string{}
	var order []id.Dealer
	for _, g := range grants {
		if g.Role == identity.GroupManager {
			if w := b.T("siterole.group_manager"); !slices.Contains(out, w) {
				out = append(out, w)
			}
			continue
		}
		if bySite[g.Dealer] == nil {
			order = append(order, g.Dealer)
		}
		bySite[g.Dealer] = append(bySite[g.Dealer], b.T("siterole."+string(g.Role)))
	}
	for _, s := range order {
		out = append(out, b.T("site.staff.at", "Roles", b.P.List(bySite[s]), "Site", d.name(s)))
	}
	return out
}

// boxes lists every role at every site of the reader, and the group's manager once. With all, also those that
// are not his to give, locked.
func (d desk) boxes(held []identity.Grant, all bool) []SiteRoles {
	var out []SiteRoles
	group := SiteRoles{Name: d.site.GroupTitle()}
	for _, s := range d.sites {
		x := SiteRoles{Name: s.Name}
		for _, r := range identity.SiteRoles {
			g := identity.Grant{Role: r.Role, Dealer: s.Code}
			has, may := slices.Contains(held, g), d.user.MayGrant(g)
			if !may && !(all && has) {
				continue
			}
			box := RoleBox{Value: g.String(), Key: string(r.Role), Held: has, Locked: !may}
			if r.Role != identity.GroupManager {
				x.Roles = append(x.Roles, box)
			} else if len(group.Roles) == 0 {
				group.Roles = append(group.Roles, box)
			}
		}
		out = append(out, x)
	}
	if len(group.Roles) > 0 {
		out = append(out, group)
	}
	return out
}

// ticked reads the roles of a form. The group's manager is one at every site, however many boxes say so.
func (d desk) ticked(f *web.Form) ([]identity.Grant, bool) {
	var out []identity.Grant
	for _, v := range f.Values("roles") {
		g, ok := identity.ParseGrant(v)
		if !ok {
			return nil, false
		}
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	if slices.ContainsFunc(out, func(g identity.Grant) bool { return g.Role == identity.GroupManager }) {
		for _, s := range d.sites {
			if g := (identity.Grant{Role: identity.GroupManager, Dealer: s.Code}); !slices.Contains(out, g) {
				out = append(out, g)
			}
		}
	}
	return out, true
}

// inviteField says beside which field a refusal of an invitation is shown.
var inviteField = map[string]string{errEmail.Key: "email", errInvites.Key: "email", identity.ErrWorksHere.Key: "email"}

var (
	errEmail   = fault.New(fault.Invalid, "site.staff.email_wrong", "dealersite.Invite")
	errInvites = fault.New(fault.Invalid, "site.staff.too_many", "dealersite.Invite")
)

// inviteFault says what a refusal means on this page.
func inviteFault(err error) error {
	switch {
	case errors.Is(err, identity.ErrUser):
		return errEmail
	case errors.Is(err, limit.ErrLimited):
		return errInvites
	}
	return err
}

// invite sends somebody the link with which he joins.
func (h *Handlers) invite(c echo.Context) error {
	return web.Post(h.kit, c, h.deskOf, func(d desk, f *web.Form) (web.Act, error) {
		grants, ok := d.ticked(f)
		if !ok {
			return web.Act{}, web.ErrBadForm
		}
		if f.Value("name") == "" {
			f.Reject("name", "site.staff.name_missing")
		}
		if f.Value("email") == "" {
			f.Reject("email", errEmail.Key)
		}
		if len(grants) == 0 {
			f.Reject("roles", identity.ErrNoRole.Key)
		}
		return web.Act{Name: "staff.invite " + string(d.user.ID), Fields: inviteField, First: func(ctx context.Context) error {
			return inviteFault(h.users.MayInvite(ctx, d.user))
		}, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return staffPath + "?done=invited", inviteFault(h.team.InviteTx(ctx, tx, d.user, f.Value("email"), f.Value("name"), grants))
		}, Again: func(r web.Refusal) error {
			p, err := h.staffPage(c, d, grants)
			if err != nil {
				return err
			}
			p.Errors, p.Problem, p.Email, p.Name = f.Errors(), p.Sentence(r.Key), f.Value("email"), f.Value("name")
			return h.kit.Show(c, r.Status, "dealer/staff", p)
		}}, nil
	})
}

// withdraw makes an invitation's link worthless.
func (h *Handlers) withdraw(c echo.Context) error {
	return web.Post(h.kit, c, h.deskOf, func(d desk, _ *web.Form) (web.Act, error) {
		key := id.Invitation(c.Param("invitation"))
		return web.Act{Name: "staff.withdraw " + string(key), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return staffPath + "?done=withdrawn", h.users.WithdrawTx(ctx, tx, d.user, key)
		}}, nil
	})
}

// ColleaguePage is one member of staff with his roles as boxes.
type ColleaguePage struct {
	Page
	Person Person
	URL    string
	Sites  []SiteRoles
	Fixed  bool      // some role is not the reader's to take: the access can not be ended here
	Reset  ResetCard // what he can do for somebody who lost his password
}

// ResetCard is a reset that waits, a button that sends one, or the reason why there is none.
type ResetCard struct {
	Open string
	Why  string // key of the reason
}

func (h *Handlers) showColleague(c echo.Context) error {
	d, err := h.deskOf(c)
	if err != nil {
		return err
	}
	p, _, err := h.colleaguePage(c, d)
	if err != nil {
		return err
	}
	return h.kit.Show(c, http.StatusOK, "dealer/colleague", p)
}

func (h *Handlers) colleaguePage(c echo.Context, d desk) (*ColleaguePage, identity.Colleague, error) {
	key := c.Param("user")
	if !id.IsKey(key) {
		return nil, identity.Colleague{}, web.ErrNotFound
	}
	found, err := h.users.ColleaguesOf(c.Request().Context(), d.user, id.User(strings.ToLower(key)))
	if err != nil {
		return nil, identity.Colleague{}, err
	}
	if len(found) == 0 {
		return nil, identity.Colleague{}, web.ErrNotFound
	}
	x := found[0]
	p := &ColleaguePage{Page: h.page(c, d, "site.staff.title", "staff"), URL: staffPath + "/" + string(x.ID), Sites: d.boxes(x.Grants, true)}
	p.Title = x.Name
	p.Fixed = slices.ContainsFunc(x.Grants, func(g identity.Grant) bool { return !d.user.MayGrant(g) })
	if p.Reset, err = h.resetCard(c, d, p.Base, x.ID); err != nil {
		return nil, x, err
	}
	p.Person = Person{Name: x.Name, Email: x.Email, Last: when(p.Base, x.LastLoginAt), Second: x.Second, Off: x.Off, Me: x.ID == d.user.ID, Roles: d.words(p.Base, x.Grants)}
	return p, x, nil
}

// changeRoles makes the ticked roles the colleague's, or with the other button ends them all. Roles that are
// not the reader's to take stay.
func (h *Handlers) changeRoles(c echo.Context) error {
	return web.Post(h.kit, c, h.deskOf, func(d desk, f *web.Form) (web.Act, error) {
		p, who, err := h.colleaguePage(c, d)
		if err != nil {
			return web.Act{}, err
		}
		want, ok := d.ticked(f)
		if !ok {
			return web.Act{}, web.ErrBadForm
		}
		if f.Has("end") {
			want = nil
		}
		for _, g := range who.Grants {
			if !d.user.MayGrant(g) && !slices.Contains(want, g) {
				want = append(want, g)
			}
		}
		if len(want) == 0 && !f.Has("end") {
			f.Reject("roles", "site.staff.none_left")
		}
		return web.Act{Name: "staff.roles " + string(who.ID), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			if f.Has("end") && p.Fixed && who.ID != d.user.ID { // nothing is done by halves and called all
				return "", errEndLocked
			}
			err := h.users.ChangeRolesTx(ctx, tx, d.user, who.ID, want)
			if fault.KindOf(err) == fault.Forbidden && who.ID == d.user.ID {
				err = errOwnRoles
			}
			return staffPath + "?done=roles", err
		}, Again: func(r web.Refusal) error {
			if r.Key == errOwnRoles.Key || r.Key == errEndLocked.Key {
				r.Status = http.StatusForbidden
			}
			p.Errors, p.Problem = f.Errors(), p.Sentence(r.Key)
			return h.kit.Show(c, r.Status, "dealer/colleague", p)
		}}, nil
	})
}

// errEndLocked tells who would end an access of which some roles are not his to take.
var errEndLocked = fault.New(fault.Conflict, "site.staff.end_locked", "dealersite.ChangeRoles")

// errOwnRoles tells who changes his own roles that it is somebody else's to do.
var errOwnRoles = fault.New(fault.Conflict, identity.ErrGrantSelf.Key, "dealersite.ChangeRoles")
