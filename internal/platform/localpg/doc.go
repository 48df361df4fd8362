// Package localpg gives a process that has no DATABASE_URL a real PostgreSQL of its own: it finds
// the binaries, creates a cluster once, starts it or attaches to it when it runs already, and
// creates the database.
//
// What it promises:
//
//   - The data stays in <Dir>/pg<major>. Nothing here deletes data; only half-made clusters that
//     never held any (pg<major>.new*) are swept away.
//   - Our process may be killed with -9 at any moment. A cluster comes into being by one rename,
//     its password inside it; locks are the kernel's and die with their process; the server lives
//     in a session of its own and the next process attaches to it.
//   - The server may be killed with -9 too: its stale pid file never blocks the next start, even
//     when the pid belongs to somebody else by now.
//   - Any number of processes may call Ensure at the same time: one starts, the others attach, and
//     the one that started it does not stop it under the others.
//   - As root the server runs as the account postgres (or nobody), because PostgreSQL refuses root.
package localpg
