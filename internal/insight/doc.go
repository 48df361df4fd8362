// Package insight reads figures across the house for country managers and for dealers' own systems.
// It owns no table and writes nothing. Every question names whose data it is about: the markets of a
// manager or one dealer; there is no function that reads everything.
//
// What it refuses to show: a buyer's data to a manager, ever; a buyer's name to a dealer before the
// dealer has accepted; another dealer's orders to a dealer.
//
// Definitions. An order counts on the day on which its deposit was reserved on the card. Takings are
// what the ledger took minus what it gave back on a day. Days are those of the market's time zone.
package insight
