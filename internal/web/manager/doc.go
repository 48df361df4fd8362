// Package manager is the console of country managers: the state of their markets with today's
// figures, the pilot switches, the orders without personal data, and who changed what. The head
// office sees every market and moves no switch. A market that is not the reader's answers as if it
// did not exist.
package manager
