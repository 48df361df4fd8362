// Package barrier takes a reader's report of a barrier to the people who can remove it: it is kept, and the
// market's desk gets it by mail, once.
package barrier
