// Package jobs runs work after a commit: mail, card-bank calls, sweeps. A job is inserted in the transaction whose
// consequence it is; it may run twice, so every effect is guarded or keyed. The library is River; begin with New in jobs.go.
// lost.go gives jobs
// of a worker that died back to the others within seconds.
//
// Tables, and how long their rows are kept:
//
//   - river_job: done jobs an hour, given up or cancelled ones as River keeps them; arguments hold ids, never personal data
//   - river_leader, river_migration, river_notification, river_queue: River's own housekeeping
//
// A job's kind and its arguments live in the package whose work it is (sale/jobs.go). It refuses to enqueue outside of a
// transaction: work that nobody decided is nobody's.
package jobs
