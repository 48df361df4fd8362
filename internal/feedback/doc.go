// Package feedback keeps what readers report about barriers in the pages, until the market's desk has it and for a year
// after, so that an answer can be checked. Begin with feedback.go; flow/barrier takes a report to the desk.
//
// Tables, and how long their rows are kept:
//
//   - barrier_reports: one year (Life)
//
// The message and the address are personal data: they stand in this table and in the one mail to the desk, in no log and in
// no job. Secret links in a message are blotted out before it is kept, and the shop's page refuses what is longer than
// MostMessage.
package feedback
