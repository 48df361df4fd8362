// Package sitecalendar changes when a dealer's site is open and what it can do. A change that a booked
// handover would not survive is refused: the buyer has a promise. Every instance knows a change within a
// second; until then the schema refuses a booking that does not fit any more.
package sitecalendar
