// Package timemachine moves a demo's clock forward: who runs the demo asks for some hours or days, and one process walks
// there in steps, so that what falls due on the way does so in its order and at its time.
//
// Begin with Machine in timemachine.go; walk.go walks, store.go writes the jumps, read.go reads them. Every process follows
// what was walked (Run) with a clock.Ahead; the demo's card bank has that very clock, so there is no moment at which the
// two differ. A process that is killed on the way leaves an open jump: the next one walks the rest.
//
// Tables, and how long their rows are kept:
//
//   - clock_jumps: as long as the demo; how far the clock is ahead is their sum
//
// It refuses to go back (so does the schema), a second jump while one is walked (ErrMoving), and a distance of nothing or
// more than Most (ErrDistance). Outside of a demo nobody makes a Machine, and a process that is no demo does not work with
// a database whose clock was moved (app.Open).
package timemachine
