package web

import "forecourt/internal/identity"

// portalPages is the menu of the dealer portal: what a reader may not do at his site is not in it.
var portalPages = []struct {
	here, url, label string
	perm             identity.Permission
}{
	{"queue", "/dealer", "dealer.nav.queue", identity.DealerSee},
	{"group", "/dealer/group", "site.nav.group", identity.DealerSee},
	{"handovers", "/dealer/handovers", "dealer.nav.handovers", identity.DealerHandover},
	{"showroom", "/dealer/showroom", "showroom.nav", identity.DealerQueue},
	{"preparation", "/dealer/preparation", "dealer.nav.preparation", identity.DealerSee},
	{"service", "/dealer/service", "dealer.nav.service", identity.DealerSee},
	{"stock", "/dealer/stock", "dealer.nav.stock", identity.DealerSee},
	{"scorecard", "/dealer/scorecard", "dealer.nav.scorecard", identity.DealerSee},
	{"statement", "/dealer/statement", "dealer.nav.statement", identity.DealerMoney},
	{"staff", "/dealer/staff", "site.nav.staff", identity.DealerStaff},
	{"calendar", "/dealer/site", "site.nav.calendar", identity.DealerSite},
}

// DealerNav is the menu of the dealer portal for the page's reader. The group's queue is for people with
// several sites.
func (b Base) DealerNav(here string) []NavItem {
	var out []NavItem
	for _, x := range portalPages {
		if !b.User.MayAt(x.perm, b.User.Dealer) || x.here == "group" && len(b.User.SitesWith(x.perm)) < 2 {
			continue
		}
		out = append(out, NavItem{URL: x.url, Label: b.T(x.label), Current: x.here == here})
	}
	return out
}
