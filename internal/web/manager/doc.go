// Package manager is the console of country managers: the state of their markets with today's
// figures, the pilot switches, the orders without personal data, and who changed what. The head
// office sees every market and moves no switch. A market that is not the reader's answers as if it
// did not exist.
//
// Begin with routes.go: every path with its handler and the permission that it needs; a page's template has the name of
// its file under templates/manager. It owns no table.
package manager
