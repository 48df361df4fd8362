// Package letters writes every mail about a new-car order, to the buyer in the language of the order and to
// the dealer in the market's first. A letter says what happened, what happens next and by when, what leaving costs
// now, and where the order's page is. It is written once, as a list of blocks, and set twice, as
// text and as HTML, so that the two can not say different things. The words are catalogue keys
// mail.<template>.*; the same letter is written the same way every time. It owns no table.
//
// A letter to a dealer never carries the buyer's name, address, phone or mail.
package letters
