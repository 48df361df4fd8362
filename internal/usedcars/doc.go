// Package usedcars owns used cars that dealers offer one by one: what each is and what is known of it, what it costs and has
// cost, who may have it and who waits for it, and how it is found among all others of its market.
//
// Begin with Car in car.go. hold.go is the line of a car: who has it until when, and who is next. index.go keeps every car
// that can be bought in memory, block.go its columns and sets, and find.go answers a search with all its counts in one pass;
// words_store.go finds words in spite of a slip, prior.go is the law on price cuts, invent.go makes the demo's cars. Files of
// many cars are read in intake, and written by many_store.go. search.go is what a reader wants to be told of, match.go holds
// new cars against it by find.go's own rule, alert_store.go reads what happened. condition.go is what is known of a car
// (pictures, faults, an inspection), past.go what a register of cars' pasts says, and ready.go all that a car still needs before
// anybody may see it.
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
//   - used_cars, used_moves, used_prices, used_faults, used_fault_notes, used_inspections, used_checks: as long as the books,
//     as evidence of what was offered
//   - used_photos, used_photo_files: as long as the books, unless its dealer takes a picture away
//   - used_mileages, used_mileage_notes: as long as the books; what an odometer said is never changed, nor why it fell
//   - used_holds: as long as the car; the address of who waited is emptied some days after the hold ended
//   - exchange_offers: as long as the books; the address of who asked is emptied some days after the end
//   - used_transfers: as long as the books, as part of the story of an order
//   - used_searches: until their reader ends them, or a year after he last said that they are wanted; address and search are
//     emptied at that moment, the empty row goes after 90 days. One that its address never said yes to goes after 7 days
//   - used_letters, used_alerts: what was told to whom, so that nothing is told twice; 90 days
//   - used_alerts_read: one row, up to where steps and prices were read
//   - used_texts, used_words: as long as a car has the words
//
// A search waits for its address to say yes, is on, paused, and ends. What one car did is told to it once: the key of used_alerts
// says so, and the steps and prices are read in the order of their transactions, none of which may still be writing.
//
// It refuses: one VIN for sale twice (by a unique index), to offer a car whose mileage fell while nobody has said why, a hold
// of a car that somebody has (ErrTaken) or that has a red flag (ErrRed), a step that the table does not have, and a cut whose
// earlier price is not the lowest of the thirty days before it.
package usedcars
