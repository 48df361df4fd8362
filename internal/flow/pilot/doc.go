// Package pilot moves the switch of a brand's flow in a market: with a reason, audited, seen by every instance within a
// second, and without touching an order that is booked.
//
// It owns no table: switches are market's, the log is platform/audit's. It refuses a move without a reason, one from a state
// that is not the switch's any more, and a market that is not the manager's.
package pilot
