// Package db opens PostgreSQL once and hands it out in two ways: a gorm session for reads and
// InTx for everything that writes. Inside InTx gorm and the job queue share one pgx transaction,
// so that a row and the job that follows from it are committed together or not at all.
package db
