// Package vehicle knows cars in use by their VIN: what each is, who keeps it and kept it, what its odometer said and what was
// done to it. A sale, a service and a car's own signals all mean the same row.
//
// Begin with Vehicle and Keeper in vehicle.go. store.go registers a car and its keeper, garage_store.go keeps the cars of one
// mailbox behind a secret link, history.go is the chain of what happened to a car.
//
// Whoever types a VIN has claimed a car and reads nothing of it that he did not bring about himself. A handover, or a dealer who
// saw the papers, proves a keeper: a car has at most one (a unique index), and the one before is over at that moment. What was
// in an earlier keeper's time is read by the next one only if that keeper passes it on.
//
// Tables, and how long their rows are kept:
//
//   - vehicles, vehicle_events: as long as the books; they name no person. Events are never changed: each has a hash over the one before
//   - vehicle_keepers: as long as the books; they point at a garage, which is emptied
//   - garages: three years after the last visit to a dealer or, without one, after they were made, unless a proven car is in it; the empty row stays
//
// It refuses: a VIN that is none (ErrVIN), a date of registration or a mileage that cannot be (ErrFacts), a second proven keeper
// at one time, a link that is not the present one (ErrNoGarage). A reading below an earlier one is kept as doubtful and never
// becomes what the car is said to have driven.
package vehicle
