package dealersite

import (
	"forecourt/internal/identity"
	"forecourt/internal/web"
)

const staffPath = "/dealer/staff"

// Routes lists every door of the surface.
func (h *Handlers) Routes() []web.Route {
	return []web.Route{
		web.GET(staffPath, identity.DealerStaff, h.showStaff),
		web.POST(staffPath, identity.DealerStaff, h.invite),
		web.GET(staffPath+"/:user", identity.DealerStaff, h.showColleague),
		web.POST(staffPath+"/:user", identity.DealerStaff, h.changeRoles),
		web.POST(staffPath+"/invitations/:invitation/withdraw", identity.DealerStaff, h.withdraw),
	}
}
