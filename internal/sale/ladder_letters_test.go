package sale

import (
	"testing"

	"forecourt/internal/allocation"
	"forecourt/internal/platform/i18n"
)

// A rung of the ladder tells somebody and stands on the receipt: one without a letter or without words would do neither, and
// nothing else would notice.
func TestEveryRungIsToldAndNamed(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, k := range words.Keys("en") { // the other languages have the same
		known[k] = true
	}
	for _, r := range allocation.Rungs {
		letter := rungLetters[r]
		if letter == "" || !known["mail."+letter+".subject"] {
			t.Errorf("the rung %s has the letter %q, which has no words", r, letter)
		}
		if !ofAnOffer[letter] {
			t.Errorf("%s is about a round of asking: ofAnOffer must know it, or it says nothing of the offer", letter)
		}
		if !known["receipt.event."+string(r)] {
			t.Errorf("the receipt has no words for the rung %s", r)
		}
	}
	if len(rungLetters) != len(allocation.Rungs) {
		t.Errorf("%d letters for %d rungs", len(rungLetters), len(allocation.Rungs))
	}
}
