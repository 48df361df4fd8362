// Package pilot moves the switch of a brand's flow in a market: with a reason, audited, seen by every
// instance within a second, and without touching an order that is booked.
package pilot
