// Package team brings colleagues into a dealer's staff: a manager's invitation is written and its letter, with a link that
// works once, is sent after the commit. The job holds the invitation's id; the link is made from it when the letter is
// written and is kept nowhere.
//
// A manager sends a colleague who lost password and phone a reset the same way, and whoever gets another password is told
// of it by a letter.
//
// It owns no table: invitations, resets and roles are identity's, which also refuses to grant what the granter does not hold.
package team
