// Package diagram compiles rules over variables of few values into a multi-valued decision diagram and
// answers, in one pass down and one pass up its levels, which values can still be had, what the
// cheapest whole assignment with each of them costs, which picks are behind a clash and which few of
// them to give up. It knows nothing of cars, money or markets and uses the standard library only.
//
// A diagram is compiled offline, frozen into flat arrays with a checksum and then only read: any number
// of goroutines share it, each with a Desk of its own for scratch.
//
// The technique is textbook: reduced ordered decision diagrams, sifting (Rudell 1993), min-plus passes.
package diagram
