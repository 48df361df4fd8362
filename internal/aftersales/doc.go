// Package aftersales is what workshops do for cars that people have: what a car needs and what it costs (the menu, the plan of
// maintenance, recalls, inspections, service plans), what fits it (accessories, tyres), and when a site can take it: bays,
// technicians, courtesy cars and parts, promised once.
//
// Begin with Recommend in recommend.go, which needs no database: a car, a market and a day give lines with their price, time,
// skill, parts and rule of withdrawal. book.go is the data behind it, read from config/service. Free in free_read.go is the
// search for free slots, slot.go how it looks through a day; HoldTx in booking_store.go takes one, and booking.go chooses bay and
// technician. stock.go says when a part is there, wait.go is the line for an earlier slot.
//
// A day is a set of quarters of an hour as time passes, so the hour that is lost in spring has no slot, and the one that comes
// twice in autumn is sold as two. Numbers of bays, technicians and courtesy cars are the site's own.
//
// The steps of a booking, made from the table (go test ./internal/arch -run Diagrams -update):
//
//	(new)     --> held, booked
//	held      --> booked, lapsed, cancelled
//	booked    --> arrived, cancelled, no_show
//	arrived   --> in_work, cancelled
//	in_work   --> ready
//	ready     --> in_work, done
//	done      --> ready
//	lapsed    ends
//	cancelled ends
//	no_show   ends
//
// A place in the line for an earlier slot is waiting, offered (a slot is held for it until due_at), and ended.
//
// Tables, and how long their rows are kept:
//
//   - service_books: reference data, until the next import
//   - service_bays, service_technicians, service_courtesy_cars: as long as a booking names them; what is out of use is not active
//   - service_stock, service_supplies, service_reservations: as long as the books
//   - service_weeks: with the bookings of a site's week, of which a trigger writes them
//   - service_bookings, service_moves: as long as the books, as the history of a car; they hold no name and no address
//   - service_findings: with their booking, as evidence of what was agreed
//   - service_waits: as long as their booking
//   - service_contracts, service_contract_visits: as long as the books
//
// It refuses: a bay, a technician or a courtesy car promised twice for one time (by exclusion constraints), a slot in the past or
// in an hour that the day does not have, one that a part cannot reach, work that nobody at the site can do, goods that do not go
// with the car, a site or a plate of another market, a mileage that fell, and a step that the table does not have.
package aftersales
