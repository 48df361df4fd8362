// Package barrier takes a reader's report of a barrier to the people who can remove it: it is kept, and the market's desk
// gets it by mail, once. The report is package feedback's row; the job holds its id alone, so that no queue holds what
// somebody wrote. It owns no table, and refuses what feedback refuses.
package barrier
