// Package dealersite is the part of the dealer portal in which a site and its staff are run: who works there and as what, how
// they sign in, when the site is open and what it can do, which pilots it takes part in, and where its own system is told.
// Which sites somebody may run follows from his roles; those of others do not exist here.
//
// Begin with routes.go; staff.go, sso.go, calendar.go, pilots.go and hooks.go are a subject each. The verbs are in flow/team,
// flow/sitecalendar, flow/membership, flow/outbound and package identity. It refuses to grant what the granter does not hold,
// and a calendar that a booked handover would not survive. It owns no table.
package dealersite
