package identity

import (
	"slices"

	"forecourt/internal/id"
)

// Role is what a member of staff is.
type Role string

// The roles.
const (
	RoleDealer  Role = "dealer"
	RoleManager Role = "manager"
	RoleHQ      Role = "hq"
	RoleAgent   Role = "agent"
)

// SiteRole is what a member of a dealer's staff does at a site.
type SiteRole string

// The roles at a site. GroupManager is held over all sites of a group.
const (
	Sales        SiteRole = "sales"
	HandoverDesk SiteRole = "handover"
	Service      SiteRole = "service"
	SiteManager  SiteRole = "site_manager"
	GroupManager SiteRole = "group_manager"
)

// Permission is what a route asks for. Over which dealer or market is a second question, answered by
// User.MayAt and User.Sees.
type Permission string

// The permissions. Public needs nobody; Own is everybody's over himself.
const (
	Public         Permission = "public"
	Own            Permission = "own"             // one's own password, second factor and devices
	DealerSee      Permission = "dealer.see"      // read the queue, orders and their papers
	DealerQueue    Permission = "dealer.queue"    // answer orders
	DealerPrepare  Permission = "dealer.prepare"  // note how far a car is
	DealerMoney    Permission = "dealer.money"    // take and return money, read statements
	DealerDefer    Permission = "dealer.defer"    // let a car go before it is paid
	DealerHandover Permission = "dealer.handover" // hand cars over and take them back
	DealerCorrect  Permission = "dealer.correct"  // put slips right of a car that is handed over
	DealerSite     Permission = "dealer.site"     // hours, bays, skills, days that differ
	DealerStaff    Permission = "dealer.staff"    // invite, change and end colleagues
	DealerGroup    Permission = "dealer.group"    // how the group signs in, which pilots it joins
	ManagerView    Permission = "manager.view"
	ManagerSwitch  Permission = "manager.switch"
	ManagerPapers  Permission = "manager.papers"  // read what was issued to a buyer, by name
	ManagerMoney   Permission = "manager.money"   // take transfers in, answer disputes, settle what differs
	ManagerDealers Permission = "manager.dealers" // answer what dealers say to their figures
	ManagerReports Permission = "manager.reports" // report how far cars are
	ManagerClock   Permission = "manager.clock"   // move the clock, which only a demo has
	RangeEdit      Permission = "range.edit"      // hold features, publish ranges
	AgentHold      Permission = "agent.hold"      // hold used cars for customers and let them go
	HQView         Permission = "hq.view"
	PreviewShop    Permission = "shop.preview"
)

// Roles is the whole table of who may do what. The head office looks and does not switch: a market
// belongs to its manager. The product office, which writes the ranges of all markets, is part of it.
// What a dealer's staff may do depends on the site: SiteRoles.
var Roles = []struct {
	Role Role
	Text string
	May  []Permission
}{
	{RoleDealer, "works at the sites of one dealer group, as far as the roles there go", []Permission{Own}},
	{RoleManager, "runs the switches, sees the figures and settles the money of some markets", []Permission{Own, ManagerView, ManagerSwitch, ManagerPapers, ManagerMoney, ManagerDealers, ManagerReports, ManagerClock, AgentHold, RangeEdit, PreviewShop}},
	{RoleHQ, "sees the figures of every market and publishes the ranges", []Permission{Own, HQView, ManagerView, ManagerReports, RangeEdit, PreviewShop}},
	{RoleAgent, "holds used cars for customers of some markets, on the telephone", []Permission{Own, AgentHold}},
}

// SiteRoles is the whole table of who may do what at a site, from least to most.
var SiteRoles = []struct {
	Role SiteRole
	Text string
	May  []Permission
}{
	{Service, "prepares cars", []Permission{DealerSee, DealerPrepare, PreviewShop}},
	{HandoverDesk, "prepares cars and hands them over", []Permission{DealerSee, DealerPrepare, DealerHandover, PreviewShop}},
	{Sales, "answers orders, follows them and takes money", []Permission{DealerSee, DealerQueue, DealerPrepare, DealerMoney, DealerHandover, PreviewShop}},
	{SiteManager, "does all that and runs the site and its staff", []Permission{DealerSee, DealerQueue, DealerPrepare, DealerMoney, DealerDefer, DealerHandover, DealerCorrect, DealerSite, DealerStaff, PreviewShop}},
	{GroupManager, "runs all sites of the group and says how it signs in", []Permission{DealerSee, DealerQueue, DealerPrepare, DealerMoney, DealerDefer, DealerHandover, DealerCorrect, DealerSite, DealerStaff, DealerGroup, PreviewShop}},
}

// May lists what the role may do at its site; nothing when there is no such role.
func (r SiteRole) May() []Permission {
	for _, x := range SiteRoles {
		if x.Role == r {
			return x.May
		}
	}
	return nil
}

// Grant is a role held at a site. A GroupManager holds it at each site of the group.
type Grant struct {
	Role   SiteRole  `json:"role"`
	Dealer id.Dealer `json:"dealer"`
}

// May tells whether the user's role holds the permission, at some site at least. Nobody holds one that
// is not listed.
func (u User) May(p Permission) bool {
	if p == Public {
		return true
	}
	for _, r := range Roles {
		if r.Role == u.Role && slices.Contains(r.May, p) {
			return true
		}
	}
	return u.Role == RoleDealer && slices.ContainsFunc(u.Grants, func(g Grant) bool { return slices.Contains(g.Role.May(), p) })
}

// MayAt tells whether a role that the user holds at the site has the permission.
func (u User) MayAt(p Permission, d id.Dealer) bool {
	return u.Role == RoleDealer && d != "" && slices.ContainsFunc(u.Grants, func(g Grant) bool { return g.Dealer == d && slices.Contains(g.Role.May(), p) })
}

// SitesWith lists the sites at which the user has the permission, in the order of their codes.
func (u User) SitesWith(p Permission) []id.Dealer {
	var out []id.Dealer
	for _, g := range u.Grants {
		if !slices.Contains(out, g.Dealer) && slices.Contains(g.Role.May(), p) {
			out = append(out, g.Dealer)
		}
	}
	slices.Sort(out)
	return out
}

// Holds tells whether the user has the role at the site.
func (u User) Holds(g Grant) bool { return u.Role == RoleDealer && slices.Contains(u.Grants, g) }

// MayGrant tells whether the user may give a role to a colleague, or take it away: he manages the staff
// of the site, and nobody hands out what he does not hold himself.
func (u User) MayGrant(g Grant) bool {
	may := g.Role.May()
	if len(may) == 0 || !u.MayAt(DealerStaff, g.Dealer) {
		return false
	}
	for _, p := range may {
		if !u.MayAt(p, g.Dealer) {
			return false
		}
	}
	return true
}
