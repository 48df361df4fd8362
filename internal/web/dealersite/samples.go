package dealersite

import (
	"forecourt/internal/platform/i18n"
	"forecourt/internal/web"
)

// Samples gives a page of every template, for the test that checks all templates against their structs.
func Samples() map[string]any {
	words, err := i18n.Load()
	if err != nil {
		panic(err) // the catalogues are part of the binary
	}
	page := Page{Base: web.Base{P: words.Printer("en-GB"), Theme: "forecourt", Title: "Sample"}, Site: "Northgate Motors Leeds", Problem: "moved"}
	person := Person{URL: "/", Name: "Anna", Email: "anna@example.com", Roles: []string{"Sales"}, Last: "today", Second: true, Off: true}
	sites := []SiteRoles{{"Leeds", []RoleBox{{"sales@gb-leeds", "sales", true, true}}}}
	line := HookLine{URL: "https://dms.example.com/forecourt", Path: "/", Where: "Leeds", State: "active", Tone: "good", Waiting: 1, Dead: 1}
	delivery := DeliveryLine{Path: "/", Kind: "Accepted", Number: "FC-7K3M-29QX", Seq: "1", When: "today", State: "delivered", Tone: "good", Answer: "200", Tried: 1, Again: true}
	kinds := []KindBox{{"order.accepted", "Accepted", true}}
	return map[string]any{
		"dealer/hooks":    &HooksPage{Page: page, Hooks: []HookLine{line}, Kinds: kinds, Group: "Pennine", Whole: true},
		"dealer/hook":     &HookPage{Page: page, Hook: line, Paused: "It failed.", Secrets: 2, CanShow: true, Secret: "fchs_sample", Kinds: kinds, Fates: []web.NavItem{{URL: "/", Label: "All", Current: true}}, Rows: []DeliveryLine{delivery}, Older: "/", Today: "2026-11-29"},
		"dealer/delivery": &DeliveryPage{Page: page, Back: "/", Row: delivery, ID: "sample", Body: "{}", Attempts: []AttemptLine{{"today", "200", "12 ms"}}, Next: "tomorrow"},
		"dealer/staff":    &StaffPage{Page: page, People: []Person{person, {Name: "Me", Me: true}}, Waiting: []Guest{{Name: "Guest", Roles: []string{"Sales"}, Until: "today", Over: true, Mine: true}}, Sites: sites},
		"dealer/policy":   &PolicyPage{Page: page, Group: "Pennine", Second: true, Minutes: "15"},
		"dealer/sso": &SSOPage{Page: page, Group: "Pennine", Has: true, Issuer: "https://id.example.com", ClientID: "forecourt", Domains: "example.com", Callback: "https://shop.example.com/login/sso/gb-pennine/callback",
			Required: true, Trusted: true, ACR: "gold", People: []LinkedLine{{ID: "x", Name: "Anna", Email: "anna@example.com", Since: "today", Used: "today"}}},
		"dealer/calendar": &CalendarPage{Page: page, Pilots: true, Now: []HoursLine{{"Monday", "09:00-17:00"}}, NowCan: "Electric", NowPlugs: "one has a charger", Charge: "1", ForAll: true, Coming: []PlanLine{{"2026-12-01", "1 December", "Monday shut", "2", "one has a charger"}},
			Days: []DayLine{{"2026-12-24", "24 December", "shut", "2 bays", "stocktaking"}}, Holidays: []string{"25 December"}, Week: []HoursField{{"hours_mon", "Monday", "09:00-17:00"}}, Skills: []SkillBox{{"electric", "Electric", true}}},
		"dealer/pilots": &PilotsPage{Page: page, Joined: []PilotLine{{Value: "dacia/new", Label: "Dacia", Since: "today", By: "Anna", Seal: "ab12", Would: "tomorrow", Offered: 1}, {Label: "Renault", LeavesOn: "tomorrow"}},
			Open: []PilotLine{{Value: "renault/new", Label: "Renault"}}, Terms: []string{"Words"}, Version: "2026-12"},
		"dealer/colleague": &ColleaguePage{Page: page, Person: person, URL: "/", Sites: sites, Fixed: true, Reset: ResetCard{Open: "Harriet sent a reset."}},
	}
}
