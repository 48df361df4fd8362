// Package payment owns money that moves: payments by card, by transfer or at a dealer's desk, the provider's
// events, what dealers are paid, and the double-entry ledger.
//
// Begin with Payment and Edges in payment.go, then ledger.go: the chart of accounts and the kinds of posting.
// Gateway in gateway.go is the card world outside; package payment/stripegw speaks to it. What an order does with
// money (settle, refund, renew, reconcile) is package sale; here a change of state is one guarded update (MoveTx)
// and a posting is balanced lines in the same transaction.
//
// The steps of a payment, made from the table (go test ./internal/arch -run Diagrams -update):
//
//	(new)      --> opening, captured
//	opening    --> open, expired, authorised, captured, returning
//	open       --> authorised, captured, expired, returning
//	expired    --> returning
//	authorised --> capturing, captured, returning, lost
//	capturing  --> captured, returning, lost
//	captured   --> returning, struck
//	returning  --> voided, refunded, lost
//	refunded   --> returning
//	lost       ends
//	struck     ends
//	voided     ends
//
// Returning is one state for all money on its way back: whether a reservation is released or taken money is
// refunded follows from what the bank says then. Captured, voided, refunded, expired and lost are Final: nothing more
// happens by itself.
//
// Tables, and how long their rows are kept:
//
//   - payments, payment_parts, payment_history: as long as the books
//   - ledger_postings, ledger_lines: as long as the books; append-only, the schema refuses a change
//   - provider_events: as long as the books; their payloads 90 days
//   - transfers: as long as the books, as lines of the bank's statements
//   - disputes, reconcile_findings: as long as the books
//   - goodwills: as long as the books, of which they are a cause
//   - commissions, commission_objections, commission_words: as long as the books; the fee and the words are append-only
//
// It refuses: a posting whose lines do not sum to zero or that gives back more than was taken; a second open payment for
// the same purpose of an order; a provider event twice; desk money beyond the rest of the price (ErrTooMuch); a call
// of the gateway inside a transaction. Rows and jobs hold ids, never a card number; a payer's name stands only in transfers.
package payment
