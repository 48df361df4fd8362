// Package stock owns new cars that exist or are being built and were made for nobody: where each
// stands, what it is, when it can be handed over, and which order has it. It owns the tables
// stock_cars, stock_moves and stock_wishes. Retention: a car stays with the order that took it, as long as the books;
// what became of a car and who asked for it is kept as evidence.
//
//	free -> held   an order is placed: exactly one of many buyers gets the car
//	held -> free   the order ended without a handover
//	held -> gone   the car was handed over
//	gone -> returned  its buyer withdrew and brought it back
//	gone -> held   the handover was undone: the car never left
//
// A car that came back was registered: it is no new car, and no step leads from there to a sale. Whoever
// sells it does so as a used car, which a person decides.
//
// It refuses to hold a car for two orders or two cars for one. It keeps a car's build as it is: a car
// that the range no longer allows is not shown and not sold, but never changed into another.
package stock
