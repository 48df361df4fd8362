// Package carsim simulates cars that send signals: seeded, so that the same seed is the same cars with the same keys, and bounded, so
// that it ends by itself. `forecourt simulate cars` lets them speak to a running site, the bench measures with them.
//
// Begin with New in fleet.go (who the cars are), car.go (what one says next), then drive.go. Enrol writes vehicles, keepers and keys by
// the verbs of the packages that own them; it owns no table. Its cars are of the demo's kind and no maker's.
package carsim
