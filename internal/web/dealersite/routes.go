package dealersite

import (
	"forecourt/internal/identity"
	"forecourt/internal/web"
)

const (
	staffPath  = "/dealer/staff"
	policyPath = "/dealer/group/settings"
	ssoPath    = "/dealer/group/sso"

	calendarPath = "/dealer/site"
	pilotsPath   = "/dealer/site/pilots"
)

// Routes lists every door of the surface.
func (h *Handlers) Routes() []web.Route {
	return []web.Route{
		web.GET(calendarPath, identity.DealerSite, h.showCalendar),
		web.POST(calendarPath+"/plan", identity.DealerSite, h.savePlan),
		web.POST(calendarPath+"/plan/drop", identity.DealerSite, h.dropPlan),
		web.POST(calendarPath+"/day", identity.DealerSite, h.saveDay),
		web.POST(calendarPath+"/day/drop", identity.DealerSite, h.dropDay),
		web.GET(pilotsPath, identity.DealerGroup, h.showPilots),
		web.POST(pilotsPath+"/join", identity.DealerGroup, h.joinPilot),
		web.POST(pilotsPath+"/notice", identity.DealerGroup, h.leavePilot),
		web.GET(policyPath, identity.DealerGroup, h.showPolicy),
		web.POST(policyPath, identity.DealerGroup, h.savePolicy),
		web.GET(ssoPath, identity.DealerGroup, h.showSSO),
		web.POST(ssoPath, identity.DealerGroup, h.saveSSO),
		web.POST(ssoPath+"/end", identity.DealerGroup, h.endSSO),
		web.POST(ssoPath+"/unlink", identity.DealerGroup, h.unlinkSSO),
		web.GET(staffPath, identity.DealerStaff, h.showStaff),
		web.POST(staffPath, identity.DealerStaff, h.invite),
		web.GET(staffPath+"/:user", identity.DealerStaff, h.showColleague),
		web.POST(staffPath+"/:user", identity.DealerStaff, h.changeRoles),
		web.POST(staffPath+"/invitations/:invitation/withdraw", identity.DealerStaff, h.withdraw),
	}
}
