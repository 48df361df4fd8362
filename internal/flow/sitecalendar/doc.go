// Package sitecalendar changes when a dealer's site is open and what it can do. A change that a booked handover would not
// survive is refused: the buyer has a promise. Every instance knows a change within a second; until then the schema refuses a
// booking that does not fit any more.
//
// It owns no table: plans and days are network's. Every change locks the site's row first, so that a booking and a change can
// not pass one another.
package sitecalendar
