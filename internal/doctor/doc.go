// Package doctor asks the database whether what must never be false is true. Each invariant is a query that finds offending
// rows; none is health. The report holds names, counts and ids only.
//
// Begin with invariants.go: a list of name, sentence and query. doctor.go looks at all in one snapshot, bank.go compares
// with the card bank, watch.go takes turns among the instances. A new promise of the house is a new row in the list, and
// doctor_test.go breaks it once to see that it is found.
//
// Tables, and how long their rows are kept:
//
//   - examinations: one row, the last look
//
// It changes nothing but that row and heals nothing: whoever reads it decides.
package doctor
