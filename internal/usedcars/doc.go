// Package usedcars owns used cars that dealers offer one by one: what each is and what is known of it, what it costs and has
// cost, who may have it and who waits for it, and how it is found among all others of its market.
//
// Begin with Car in car.go. hold.go is the line of a car: who has it until when, and who is next. index.go keeps every car
// that can be bought in memory, block.go its columns and sets, and find.go answers a search with all its counts in one pass;
// words_store.go finds words in spite of a slip, prior.go is the law on price cuts, invent.go makes the demo's cars.
//
// The steps of a car, made from the table (go test ./internal/arch -run Diagrams -update):
//
//	(new)     --> draft
//	draft     --> listed, withdrawn
//	listed    --> draft, held, withdrawn
//	held      --> listed, sold
//	sold      --> listed, held, gone
//	gone      --> sold, returned
//	withdrawn ends
//	returned  ends
//
// A hold is waiting in the line, offered to the next of it, holding the car while its buyer decides, ordered, and ended.
// At most one of a car's holds is offered, holding or ordered: a unique index says so, and the car is held as long.
//
// A car that is fetched elsewhere is brought there: transfer.go is that task, of the site that sends and then of the one that
// receives.
//
// exchange.go is what a buyer's own car is worth: a provider is asked, and what it says is kept as an offer.
//
// Tables, and how long their rows are kept:
//
//   - used_cars, used_moves, used_prices, used_faults: as long as the books, as evidence of what was offered
//   - used_mileages: as long as the books; what an odometer said is never changed
//   - used_holds: as long as the car; the address of who waited is emptied some days after the hold ended
//   - exchange_offers: as long as the books; the address of who asked is emptied some days after the end
//   - used_transfers: as long as the books, as part of the story of an order
//   - used_texts, used_words: as long as a car has the words
//
// It refuses: one VIN for sale twice (by a unique index), a hold of a car that somebody has (ErrTaken), a step that the
// table does not have, and a cut whose earlier price is not the lowest of the thirty days before it.
package usedcars
