package identity

import "slices"

// Role is what a member of staff is.
type Role string

// The roles.
const (
	RoleDealer  Role = "dealer"
	RoleManager Role = "manager"
	RoleHQ      Role = "hq"
)

// Permission is what a route asks for. Over which dealer or market is a second question, answered by
// User.At and User.Sees.
type Permission string

// The permissions. Public needs nobody.
const (
	Public         Permission = "public"
	DealerQueue    Permission = "dealer.queue"
	DealerHandover Permission = "dealer.handover"
	DealerDefer    Permission = "dealer.defer" // let a car go before it is paid
	ManagerView    Permission = "manager.view"
	ManagerSwitch  Permission = "manager.switch"
	ManagerPapers  Permission = "manager.papers" // read what was issued to a buyer, by name
	ManagerMoney   Permission = "manager.money"  // take transfers in, answer disputes, settle what differs
	RangeEdit      Permission = "range.edit"     // hold features, publish ranges
	HQView         Permission = "hq.view"
	PreviewShop    Permission = "shop.preview"
)

// Roles is the whole table of who may do what. The head office looks and does not switch: a market
// belongs to its manager. The product office, which writes the ranges of all markets, is part of it.
var Roles = []struct {
	Role Role
	Text string
	May  []Permission
}{
	{RoleDealer, "confirms orders and hands cars over at one dealer", []Permission{DealerQueue, DealerHandover, DealerDefer, PreviewShop}},
	{RoleManager, "runs the switches, sees the figures and settles the money of some markets", []Permission{ManagerView, ManagerSwitch, ManagerPapers, ManagerMoney, RangeEdit, PreviewShop}},
	{RoleHQ, "sees the figures of every market and publishes the ranges", []Permission{HQView, ManagerView, RangeEdit, PreviewShop}},
}

// May tells whether the user's role holds the permission. Nobody holds one that is not listed.
func (u User) May(p Permission) bool {
	if p == Public {
		return true
	}
	for _, r := range Roles {
		if r.Role == u.Role {
			return slices.Contains(r.May, p)
		}
	}
	return false
}
