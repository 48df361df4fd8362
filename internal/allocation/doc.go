// Package allocation is a dealer's queue: an order is offered to one dealer at a time, who accepts
// or declines within its opening hours. It owns the tables queue_entries, allocation_receipts, queue_questions, handovers,
// handovers_undone and handover_photos (retention: as long as their order), handover_drafts (a day), ratings (with their
// order, the words with the buyer), scorecard_remarks (as long as the dealer), saved_views (as long as their user) and
// queue_changes, which tell open pages
// to look again (an hour). At most one entry of an order is live, by a unique index. Every step of an entry appends a
// receipt to the order's chain, in the same statement.
package allocation
