// Package stock owns new cars that exist or are being built and were made for nobody: where each stands, what it is, when it
// can be handed over, and which order has it.
//
// Begin with Car in stock.go; pool.go is what becomes of a car that nobody buys, by the market's dated rule: it leaves its
// dealer, a buyer who waits for the same build gets it, or a dealer who asked first. likeness.go finds cars near to a build.
//
// The steps of a car, made from the table (go test ./internal/arch -run Diagrams -update):
//
//	(new)    --> free
//	free     --> held
//	held     --> free, gone
//	gone     --> returned, held
//	returned ends
//
// Held is for exactly one of many buyers; it is free again when the order ends without a handover, and held again when a
// handover is undone. A car that came back was registered: it is no new car, and no step leads from there to a sale.
// Whoever sells it does so as a used car, which a person decides.
//
// Tables, and how long their rows are kept:
//
//   - stock_cars: as long as the books, with the order that took the car
//   - stock_moves, stock_wishes: as evidence, for as long as the car; a move is never changed
//
// It refuses to hold a car for two orders or two cars for one (ErrTaken). It keeps a car's build as it is: a car that the
// range no longer allows is not shown and not sold, but never changed into another.
package stock
