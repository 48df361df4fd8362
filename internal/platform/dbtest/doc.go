// Package dbtest gives every test a database of its own: a clone of a migrated template in one local
// server per machine user. A missing server is started; when that fails the test fails. Databases are
// not dropped inside tests, because a drop may wait for a checkpoint: leftovers go at the next start.
package dbtest
