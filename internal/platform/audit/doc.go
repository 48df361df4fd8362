// Package audit writes who did what, with old and new value, in the transaction of the change. The
// table is append-only and holds ids, never personal data.
package audit
