// Package feedback keeps what readers report about barriers in the pages, until the market's desk has it
// and for a year after, so that an answer can be checked. It owns the table barrier_reports. Retention: one
// year. The message and the address are personal data: they stand in this table and in the one mail to the
// desk, in no log and in no job.
package feedback
