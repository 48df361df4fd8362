// Package chaos breaks things while buyers and dealers use the real program, and proves at the end that
// nothing was lost or doubled: our books, the card bank's ledger and the caught mails are compared with
// what the people did, and every invariant holds. One table tells how often each fault struck, how many
// violations there were (none), and how long the longest recovery took.
//
// Killed with SIGKILL: the whole demo, with card bank, at times with PostgreSQL; one of two instances
// behind one address; what brings a file of used cars in, and what writes to readers of saved searches. In one process, so that goroutines that are left over are seen: PostgreSQL that
// ends at once, a bad way to it, too few connections, a bank whose calls fail, notices that come twice,
// shuffled, late or never, a clock that jumps.
//
// -seed repeats the chances of a run; what the machine's scheduler does is not repeated by it.
// CHAOS_KILLS makes every campaign large; each ends by itself. Only tests live here.
package chaos
