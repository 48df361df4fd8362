// Package letters writes every mail about an order, to the buyer in the language of the order and to the dealer in
// the market's first. A letter says what happened, what happens next and by when, what leaving costs now, and where the
// order's page is. It is written once, as a list of blocks, and set twice, as text and as HTML, so that the two can not
// say different things. The words are catalogue keys mail.<template>.*; the same letter is written the same way every
// time. It owns no table: which letter went out stands in ordering's mails.
//
// Begin with plans in letters.go: the name of each letter, who reads it, and the function that writes it. That a letter is
// due is said by package sale (mail.go). testdata holds every letter in every language as it should be
// (go test ./internal/letters -update writes them anew; read the difference).
//
// A letter to a dealer never carries the buyer's name, address, phone or mail. A template without a plan, and a
// letter that lacks facts without which it would be wrong, is an error and is not sent.
package letters
