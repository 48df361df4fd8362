// Package newcar sells new cars: from a build to a draft, a basket at a dealer's desk, an order with a card deposit, the
// factory's stages and the preparation, and changes of the car on the way. What every sale does, whatever is sold, is
// package sale. One file is one use case. It owns no table.
//
// Begin with service.go, which says what the flow adds to a sale, and state.go, its own steps. order.go places an order,
// progress.go moves it through the factory, change.go and change_ask.go change the car, stock.go and pool.go sell cars that
// exist, report.go takes stages that a file or a system tells, desk.go is the showroom.
//
// The steps of an order, made from the table (go test ./internal/arch -run Diagrams -update):
//
//	(new)       --begin--> checkout
//	checkout    --authorise--> offered
//	            --cancel--> cancelled
//	            --lapse--> lapsed
//	offered     --accept--> accepted
//	            --cancel--> cancelled
//	            --change--> offered
//	            --exhaust--> choosing
//	            --reoffer--> offered
//	accepted    --cancel--> cancelled
//	            --change--> accepted
//	            --correct_payment--> accepted
//	            --fetch--> in_transit
//	            --order--> ordered
//	            --pass_on--> accepted
//	            --stand--> arrived
//	ordered     --build--> built
//	            --cancel--> cancelled
//	            --correct_payment--> ordered
//	            --pass_on--> ordered
//	built       --cancel--> cancelled
//	            --correct_payment--> built
//	            --dispatch--> in_transit
//	            --pass_on--> built
//	in_transit  --arrive--> arrived
//	            --cancel--> cancelled
//	            --correct_car--> in_transit
//	            --correct_payment--> in_transit
//	arrived     --cancel--> cancelled
//	            --correct_car--> arrived
//	            --correct_payment--> arrived
//	            --prepare--> prepared
//	prepared    --cancel--> cancelled
//	            --correct_car--> prepared
//	            --correct_payment--> prepared
//	            --release--> ready
//	ready       --cancel--> cancelled
//	            --correct_car--> ready
//	            --correct_payment--> ready
//	            --defer--> ready
//	            --hand_over--> handed_over
//	handed_over --correct_car--> handed_over
//	            --correct_payment--> handed_over
//	            --undo--> ready
//	            --withdraw--> returning
//	choosing    --cancel--> cancelled
//	            --choose--> offered
//	returning   --take_back--> returned
//	cancelled   ends
//	lapsed      ends
//	returned    ends
//
// A car from the factory passes all stages; one that exists skips those that it has behind it (fetch, stand).
//
// It refuses: an order at a price that is not the one the buyer saw (ErrPriceChanged), without a whole buyer (ErrNoBuyer),
// in a market whose switch is not open, or for a car that the raw rules of the range do not allow; a VIN that is none; a
// change of the car after it was ordered from the factory.
package newcar
