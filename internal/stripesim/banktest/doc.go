// Package banktest drives the card bank's hosted page over HTTP like a person without script: it
// opens the page, fills the form that is there, presses Pay and answers the 3-D Secure question.
// It is for tests and smoke runs; it knows the page, not the bank's insides.
package banktest
