// Package rangegen makes whole ranges for benchmarks and demos: models with the kinds of rules that
// real makers write, in any number and size. Every model can be built by construction: some cars are
// planned first, every feature is on one of them, and no rule is written that one of them would break.
// It keeps no data.
package rangegen
