// Package ordering owns the order: who buys what at which fixed price from which dealers, where it
// stands, and every step that led there. Whatever changes an order, its payments, its queue entry or its
// appointment locks the order's row first (LockTx).
//
// Begin with Order in order.go, then state.go. A flow declares its own steps there (Declare) beside those that
// every flow has; package flow/newcar shows the whole machine of a new car. A step is MoveTx: an update with id
// and expected state, and a row of order_history in the same statement. The table order_edges holds the same steps,
// so the schema refuses every other one, and order_states says what a state means to whoever does not know the
// flow: open, dealer, sold, over. Beside the order's machine there are small ones: a request to a dealer (request.go)
// is asked (proposed before, when an office ordered it and the buyer has not said yes yet) and then accepted, declined,
// expired, withdrawn or overtaken; a basket at a desk is shown for a while, taken by one person, and over.
//
// Tables, and how long their rows are kept:
//
//   - orders, order_dealers, order_history, order_changes, order_requests, deferrals, corrections, leavings, order_exchanges, exchange_changes: as long as the books
//   - buyers: with their order, as long as the books; with a purchase that never became an order, 90 days
//   - configurations: kept, so that the code of a saved build stays good; they hold nothing of a person
//   - drafts: 90 days without a change, unless they became an order
//   - desks, basket_changes: with their draft
//   - leads: 90 days
//   - order_links, mails: with their order; they hold hashes and names of letters, no text
//   - vehicle_reports: as long as the books
//   - status_imports, status_import_rows: 30 days
//   - flows, order_edges, order_states: reference data, written by migrations
//
// It refuses: a step that the order's flow does not have; a step from a state that is not the order's any more
// (ErrMoved); a second live order for one VIN (ErrVINTaken); a link that is revoked, over or of another purpose
// (ErrLinkGone). The price of an order is never computed again: it is the Snapshot, which only a change that the
// buyer confirms replaces, and the old one stays in order_changes.
package ordering
