// Package allocation is a dealer's queue: an order is offered to one dealer at a time, who accepts or declines within
// its opening hours. It serves every flow and names none.
//
// Begin with Entry and Edges in allocation.go; strategy.go chooses a dealer whom the buyer did not name, by the market's
// dated rule; ladder.go counts a dealer's clock and finds the next reminder (the SLA); promise.go is what an accepted
// order promises; scorecard.go what a site did. Lists and pages are the *_read.go files, one query for each. The verbs that
// move order, money and queue together (accept, decline, choose, remind) are in package sale: offer.go and ladder.go.
//
// The steps of a queue entry, made from the table (go test ./internal/arch -run Diagrams -update):
//
//	(new)     --> offered
//	offered   --> accepted, declined, expired, withdrawn
//	accepted  --> done, withdrawn
//	done      --> accepted
//	declined  ends
//	expired   ends
//	withdrawn ends
//
// Live are offered and accepted; at most one entry of an order is live, by a unique index. Every step of an entry, each
// rung of the ladder and each question appends a receipt to the order's chain of hashes, in the same statement.
//
// Tables, and how long their rows are kept:
//
//   - queue_entries, allocation_receipts, queue_questions: as long as their order; what was asked, as long as its market says
//   - forecasts, silences: as long as their order; a forecast is never changed
//   - handovers, handovers_undone, handover_photos: as long as their order
//   - handover_drafts: a day
//   - ratings: as long as their order, their words as long as the buyer
//   - scorecard_remarks: as long as the dealer
//   - saved_views: as long as their user
//   - queue_changes: an hour; they tell open pages to look again, and no crash needs them
//
// It refuses: an answer to an offer that moved on (ErrMoved) or whose time is over (ErrTooLate); a reason that is not one of
// DeclineReasons; a second question in one offer; an offer that would end later than SafetyMargin before the card's
// reservation does; any list that does not say whose it is.
package allocation
