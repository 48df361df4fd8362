// Package audit writes who did what, with old and new value, in the transaction of the change. Whoever adds a verb of staff
// calls WriteTx beside it; the words of the action are manager.act.<action>.
//
// Tables, and how long their rows are kept:
//
//   - audit_log: as long as the books; append-only
//
// It refuses a change of what was written (by trigger). Rows hold ids and codes, never personal data, so that an erasure need
// not touch them.
package audit
