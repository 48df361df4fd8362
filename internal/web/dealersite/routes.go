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
	hooksPath    = "/dealer/site/hooks"
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
		web.GET(hooksPath, identity.DealerSite, h.showHooks),
		web.POST(hooksPath, identity.DealerSite, h.addHook),
		web.GET(hooksPath+"/:hook", identity.DealerSite, h.showHook),
		web.POST(hooksPath+"/:hook", identity.DealerSite, h.changeHook),
		web.POST(hooksPath+"/:hook/secret", identity.DealerSite, h.showSecret),
		web.POST(hooksPath+"/:hook/rotate", identity.DealerSite, h.rotateSecret),
		web.POST(hooksPath+"/:hook/pause", identity.DealerSite, h.pauseHook),
		web.POST(hooksPath+"/:hook/resume", identity.DealerSite, h.resumeHook),
		web.POST(hooksPath+"/:hook/end", identity.DealerSite, h.endHook),
		web.POST(hooksPath+"/:hook/since", identity.DealerSite, h.sendSince),
		web.GET(hooksPath+"/:hook/events/:event", identity.DealerSite, h.showDelivery),
		web.POST(hooksPath+"/:hook/events/:event/again", identity.DealerSite, h.sendAgain),
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
		web.POST(staffPath+"/:user/reset", identity.DealerStaff, h.startReset),
		web.POST(staffPath+"/:user/reset/end", identity.DealerStaff, h.endReset),
		web.POST(staffPath+"/invitations/:invitation/withdraw", identity.DealerStaff, h.withdraw),
	}
}
