// Package limit counts attempts in the database, so that a limit holds over all instances: sign-ins, codes, checkouts.
//
// Tables, and how long their rows are kept:
//
//   - rate_counters: a day
//
// Keys are hashed: neither an address nor a mail stands in the table. It refuses (ErrLimited, 429) what comes too often in
// a window of the domain's clock; GiveBack takes an attempt back that turned out to be none.
package limit
