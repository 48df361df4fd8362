package web

import (
	"strings"
	"testing"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/platform/i18n"
)

// Everybody reads the same steps; a dealer's own figures and the reason of its no are read by whom they concern.
func TestWhoReadsWhatOnAReceipt(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	n := func(i int) *int { return &i }
	offer := allocation.Note{Event: allocation.EventOffer, Dealer: "a", Strategy: allocation.Capacity, Version: "gb-9", By: "system",
		Candidates: []allocation.CandidateNote{{Dealer: "a", Open: n(41), Bays: n(3)}, {Dealer: "b", Open: n(57), Bays: n(2)}}}
	no := allocation.Note{Event: allocation.EventDecline, Dealer: "a", Reason: "staff", By: "dealer"}
	reason := words.Printer("en-GB").T("decline.staff")
	for name, c := range map[string]struct {
		reader         ReceiptReader
		ownA, ownB, no bool
	}{
		"the buyer":        {ReceiptReader{Buyer: true}, false, false, true},
		"the first dealer": {ReceiptReader{Dealer: "a"}, true, false, true},
		"the other dealer": {ReceiptReader{Dealer: "b"}, false, true, false},
		"the office":       {ReceiptReader{Office: true}, true, true, true},
	} {
		w := receiptWriter{b: Base{P: words.Printer("en-GB")}, reader: c.reader, name: func(d id.Dealer) string { return "Dealer " + string(d) }}
		said := func(note allocation.Note) string {
			s := w.step(allocation.Receipt{Seq: 1, Note: note, Hash: make([]byte, 32)})
			out := s.What + " " + strings.Join(s.Why, " ")
			for _, x := range s.Candidates {
				out += " " + x.Name + " " + x.Way + " " + x.Figures + " " + x.Result
			}
			return out
		}
		text := said(offer)
		for _, want := range []string{"Dealer a", "Dealer b", "gb-9", "Could be asked, place 2"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not read %q: %s", name, want, text)
			}
		}
		if strings.Contains(text, "41") != c.ownA || strings.Contains(text, "57") != c.ownB || strings.Contains(said(no), reason) != c.no {
			t.Errorf("%s reads %s; %s", name, text, said(no))
		}
	}
	if missing := words.Missing(); len(missing) > 0 {
		t.Errorf("words are missing: %v", missing)
	}
}

// Every event, outcome and rule has its words in every language.
func TestReceiptsHaveAllTheirWords(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	draw := int64(3)
	for _, locale := range i18n.Locales() {
		w := receiptWriter{b: Base{P: words.Printer(locale)}, reader: ReceiptReader{Office: true}, name: func(d id.Dealer) string { return string(d) }}
		for _, e := range []allocation.Event{allocation.EventOffer, allocation.EventAccept, allocation.EventDecline, allocation.EventExpire, allocation.EventWithdraw, allocation.EventPassOn,
			allocation.EventHandOver, allocation.EventAskBuyer, allocation.EventRemind, allocation.EventSite, allocation.EventCountry, allocation.EventQuestion, allocation.EventAnswer} {
			for _, s := range []allocation.Strategy{"", allocation.Named, allocation.Nearest, allocation.Capacity, allocation.RoundRobin, allocation.Balance, allocation.Record} {
				note := allocation.Note{Event: e, Strategy: s, Dealer: "a", Draw: &draw, Weights: 9, LeftOut: 2, Reason: "other"}
				for _, out := range []allocation.Out{"", allocation.OutAsked, allocation.OutFar, allocation.OutGone, allocation.OutLate} {
					note.Candidates = append(note.Candidates, allocation.CandidateNote{Dealer: "b", Out: out}, allocation.CandidateNote{Dealer: "a", LastOffer: "2026-11-24T09:00:00Z"})
				}
				for _, by := range []string{"buyer", "system"} {
					note.By = by
					w.step(allocation.Receipt{Seq: 1, Note: note, Hash: make([]byte, 32)})
				}
			}
		}
	}
	if missing := words.Missing(); len(missing) > 0 {
		t.Errorf("words are missing: %v", missing)
	}
}
