// Package chaos kills the real program with SIGKILL at random moments while buyers and dealers use
// it, starts it again on the same data, and proves at the end that nothing was lost or doubled: our
// books, the card bank's ledger and the caught mails are compared with what the people did. The card
// bank lives in the same process and dies with it; at every third kill PostgreSQL dies too. Only
// tests live here.
package chaos
