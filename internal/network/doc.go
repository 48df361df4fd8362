// Package network knows the dealers: sites with coordinates, opening hours, skills, handover
// capacity, and which brand's flow each takes part in; and the places a buyer may name to sort
// them by distance. It owns the tables dealers, dealer_groups, site_plans, site_days, pilot_memberships,
// places and appointments. Retention: dealers as long as an order names them; plans, days and memberships
// with their dealer, as evidence; appointments with their order.
package network
