// Package workshop is the way of a service at a dealer: menu, slot, booking and payment, the visit with its extra work, and the
// history of the car. It moves aftersales (slots, parts), vehicle (cars in use) and sale (order and money) together; it owns no tables.
//
// Begin with hold.go (a slot taken while its customer decides) and order.go (the booking becomes an order). visit.go is what the
// workshop does, extra.go the work that it asks for, goods.go what follows from each step of the order.
//
// A slot that is held was promised by the workshop's own calendar: the order goes through the dealer's queue and is taken there at
// once.
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
//	accepted    --arrive--> arrived
//	            --cancel--> cancelled
//	            --change--> accepted
//	            --correct_payment--> accepted
//	arrived     --cancel--> cancelled
//	            --change--> arrived
//	            --correct_payment--> arrived
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
package workshop
