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
	return map[string]any{
		"dealer/staff":     &StaffPage{Page: page, People: []Person{person, {Name: "Me", Me: true}}, Waiting: []Guest{{Name: "Guest", Roles: []string{"Sales"}, Until: "today", Over: true, Mine: true}}, Sites: sites},
		"dealer/colleague": &ColleaguePage{Page: page, Person: person, URL: "/", Sites: sites},
	}
}
