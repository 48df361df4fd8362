// Package instance reads published constraint problems as problems of a diagram, so that the engine can
// be tried on ranges that it was not written for: XCSP 2.1 and XCSP3 files with tables, folders with
// CLib rules, files with recorded orders. It also makes ranges of its own, shaped like real ones. Only
// tests import it.
//
// A file that it does not understand to the last constraint is refused with a reason: half a problem
// has other solutions.
package instance
