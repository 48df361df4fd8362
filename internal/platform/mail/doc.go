// Package mail sends letters: over SMTP, or into a folder where a demo world and tests read them.
//
// A letter's Message-ID is made from what it is about (order, template, number), so a letter that
// is sent twice in the instant of a crash is recognised as one by the reader's mail program; the
// folder shows the repeat by its counter.
package mail
