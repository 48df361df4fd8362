// Package doctor asks the database whether what must never be false is true. Each invariant is a query that
// finds offending rows; none is health. The report holds names, counts and ids only. It owns the table
// examinations, which has one row: the last look.
package doctor
