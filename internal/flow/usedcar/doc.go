// Package usedcar is the flow of used cars: one car, one buyer. A sale (package sale) makes the order, takes the money, asks the
// dealer, hands over and pays back; this package keeps the car: who may have it and how long, and who is next.
//
// Begin with hold.go: starting to buy holds the car for a while, others may wait in its line, and when a hold ends the first of
// them has the first refusal. order.go turns a hold into an order, goods.go lets the car follow its order, notes.go writes to
// who waits, stock_file.go brings the cars of a file in. query.go is what a reader asks of the cars, search.go keeps that for
// him, alert.go looks for what fits and alert_letter.go tells him. condition.go changes what is known of a car, and past.go asks
// a register about it, by a job: a car is offered when nothing is missing (usedcars.Missing). transfer.go has a car brought to the
// site where its buyer fetches it, desk.go holds cars for who calls, exchange.go takes the buyer's own car as part of what he pays.
// It owns no tables.
//
// The order's row is locked first, then the car's, then the holds of the car: in that order everywhere.
//
// The steps of an order, made from the table (go test ./internal/arch -run Diagrams -update):
//
//	(new)       --begin--> checkout
//	checkout    --authorise--> offered
//	            --cancel--> cancelled
//	            --lapse--> lapsed
//	offered     --accept--> accepted
//	            --cancel--> cancelled
//	            --exhaust--> choosing
//	            --reoffer--> offered
//	accepted    --cancel--> cancelled
//	            --correct_payment--> accepted
//	            --fetch--> in_transit
//	            --stand--> arrived
//	in_transit  --arrive--> arrived
//	            --cancel--> cancelled
//	            --correct_payment--> in_transit
//	arrived     --cancel--> cancelled
//	            --correct_payment--> arrived
//	            --prepare--> prepared
//	prepared    --cancel--> cancelled
//	            --correct_payment--> prepared
//	            --release--> ready
//	ready       --cancel--> cancelled
//	            --correct_payment--> ready
//	            --defer--> ready
//	            --hand_over--> handed_over
//	handed_over --correct_payment--> handed_over
//	            --undo--> ready
//	            --withdraw--> returning
//	choosing    --cancel--> cancelled
//	            --choose--> offered
//	returning   --take_back--> returned
//	cancelled   ends
//	lapsed      ends
//	returned    ends
//
// It refuses a second hold of a car (usedcars.ErrTaken), an offer of one that lacks something (ErrNotReady), a hold or an order of
// one with a red flag (usedcars.ErrRed), a change under a buyer's hands (usedcars.ErrBusy), and an order without a hold that runs
// (usedcars.ErrHoldOver). Without the buyer's separate consent the law's whole guarantee is sold.
package usedcar
