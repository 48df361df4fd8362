// Package sale is the way of every purchase, whatever is sold: order and card page, the bank's answer, the dealer's
// queue, messages and papers, handover, and each way out with the money that goes back. A flow (package flow/newcar) says
// what it sells and what happens to it beside these steps; see Flow. It owns no tables: it moves those of ordering,
// payment, allocation, network and document together. One file is one use case.
//
// Begin with place.go (an order and its card page), event.go and settle.go (the bank's word becomes money and an offer),
// offer.go (accept, decline, the next dealer), ladder.go (reminders of a silent dealer), handover.go, cancel.go and
// withdraw.go (the ways out), refund.go, papers.go (which document when), fees.go and commission.go (who bears and earns what),
// sweep.go (what is due by now) and jobs.go (what runs after a commit).
//
// The order's row is locked first in every transaction that changes an order, its payments, its queue entry or its appointment,
// so that none can pass another. The state of an order is ordering's, of money payment's, of a queue entry allocation's;
// their diagrams stand in those packages, the whole way of a new car in flow/newcar.
//
// Whoever serves an order and needs to know what it is of asks here: Flows, Sold, FactsOf, StepTx. Nobody else names a flow; a
// test says where it may be done (internal/arch/flows_test.go). A fourth flow stands in flow_test.go, its pages in
// flow_web_test.go.
//
// It refuses to call the card bank inside a transaction: work for outside is a job of the transaction that decides it. It
// refuses the first step in a market whose switch is not open, and never the settling of money that is on its way. A dealer's
// verb needs a Staff, and an order of another dealer does not exist for it (LockForDealerTx).
package sale
