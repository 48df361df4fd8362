// Package connected owns what cars say of themselves, and for whom: signed signals (mileage, time to the next service, charge and
// health of the battery, lamps, tyres), the warnings that rules make of them, and who else may read them.
//
// Begin with take in judge.go (what becomes of one message), then intake.go (how thousands a second are written), rule.go with
// config/signals.yaml (what a signal means), tell.go (offers and notices), consent_store.go (what a keeper may say), grant_store.go (what he
// lets others read) and read.go (all that his page shows). Signatures are package identity/cartoken's.
//
// Everything belongs to a keeper, not to a car. The schema makes a keeper's row (car_links) when he begins to keep a car and empties
// it when he ends, in the transaction that ends him: no code can forget to. A message counts for who keeps the car now, and only if
// it was measured since he does; nothing is agreed to by default, and what is not agreed to is not stored. What is measured in a
// pause is not stored either, however late it comes. While a car is lent only its lamps and tyres are looked at: the newest of
// them stands there until the next, no message is kept, and people see its day and not its time; nobody whom the keeper let read reads
// anything meanwhile. Quiet hours delay the telling and not the warning, which the keeper's page shows at once.
//
// The steps of a warning, made from the table (go test ./internal/arch -run Diagrams -update):
//
//	(new)   --> raised
//	raised  --> offered, told, cleared, expired
//	offered --> told, taken, cleared, expired
//	told    --> offered, taken, cleared, expired
//	taken   --> cleared, expired
//	cleared ends
//	expired ends
//
// Tables, and how long their rows are kept:
//
//   - car_keys: as evidence, also after revocation
//   - car_links: as long as the keeper's row; empty once he keeps the car no more
//   - car_messages: 90 days (Kept), and within the hour once their keeper keeps the car no more
//   - car_doubts: the same
//   - car_consents: as evidence
//   - car_silences: 90 days after they are over
//   - car_channels: until the keeper takes them away, or keeps the car no more
//   - car_warnings, car_notices: a year after they ended
//   - car_grants: as long as they were read by, and a year
//   - car_reads: a year
//
// It refuses a forged message, one signed with a key that is unknown or revoked, one of the future, of before the keeper, or older
// than messages are kept; values that no car can have; a mileage that contradicts another one (it is kept apart); and more
// messages at once than it can hold. What it acknowledged is committed.
package connected
