// Package network knows the dealers: sites with coordinates, opening hours, skills, handover capacity, and which brand's
// flow each takes part in; the appointments for handovers; and the places a buyer may name to sort dealers by distance.
//
// Begin with Dealer in network.go. calendar.go is when a site is open and what it can do, from a day on (Plan) or on one
// (Day); appointment.go the free times of a handover; membership.go how a dealer joins a pilot with a signature and
// leaves it; manner.go the manners of handover that a site offers; file.go reads config/dealers and config/places.
// An appointment is booked, released or done; a membership is joined, under notice, left.
//
// Tables, and how long their rows are kept:
//
//   - dealers, dealer_groups: as long as an order names them; files write them, and how a group signs in its manager
//   - site_plans, site_days, pilot_memberships: with their dealer, as evidence
//   - places: reference data, until the next import
//   - appointments: with their order
//
// It refuses: two handovers in one bay at one time and two of one order (by unique indexes), a time outside of opening
// hours or lead time, plans whose spans overlap or begin in the past, a membership whose signature does not fit its text.
package network
