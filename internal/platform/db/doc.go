// Package db opens PostgreSQL once and hands it out in two ways: a gorm session for reads and InTx for everything that
// writes. Inside InTx gorm and the job queue share one pgx transaction, so that a row and the job that follows from it are
// committed together or not at all. tx.Now is the one time of a transaction, from the injected clock.
//
// Begin with InTx in db.go; migrate.go applies migrations/, backup.go is behind `forecourt backup` and `restore`.
//
// Tables, and how long their rows are kept:
//
//   - goose_db_version: for ever; which migrations were applied
//
// It refuses to let the function that it runs commit or roll back by itself. A transaction that the server gave up is run
// again, so a function must have no effect outside the database.
package db
