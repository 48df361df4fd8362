package dealer

import (
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/network"
	"forecourt/internal/usedcars"
)

// What is due about a car between sites stands in the parts of the queue that its date and its owner's task belong to.
func TestACarBetweenSitesStandsWhereItsDateBelongs(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	day := func(d, h int) time.Time { return time.Date(2026, 11, d, h, 0, 0, 0, rome) }
	s := site{now: day(24, 11), dealer: &network.Dealer{Code: "it-sample", TimeZone: "Europe/Rome"}}
	for name, c := range map[string]struct {
		at time.Time
		st usedcars.TransferState
		in string
	}{
		"to be sent by the end of today":    {day(25, 0), usedcars.ToSend, "today"},
		"to be sent by the end of tomorrow": {day(26, 0), usedcars.ToSend, "tomorrow"},
		"to be sent later":                  {day(28, 0), usedcars.ToSend, ""},
		"not sent in time":                  {day(24, 0), usedcars.ToSend, "overdue"},
		"expected today":                    {day(25, 0), usedcars.OnWay, "all work today"},
		"here, its handover tomorrow":       {day(25, 9), usedcars.There, "all handovers tomorrow"},
		"here, its handover missed":         {day(24, 9), usedcars.There, "all handovers overdue"},
		"here, nothing booked":              {time.Time{}, usedcars.There, "all handovers"},
		"to come back":                      {time.Time{}, usedcars.Back, "all work"},
	} {
		got := ""
		for _, x := range []struct {
			tab  allocation.Tab
			word string
		}{{allocation.All, "all"}, {allocation.Work, "work"}, {allocation.Handovers, "handovers"}, {allocation.Late, "overdue"}, {allocation.Today, "today"}, {allocation.Tomorrow, "tomorrow"}, {allocation.Answer, "answer"}, {allocation.Closed, "closed"}} {
			if s.dated(x.tab, c.at, c.st) {
				if got != "" {
					got += " "
				}
				got += x.word
			}
		}
		if got != c.in {
			t.Errorf("%s: it stands in %q, not in %q", name, got, c.in)
		}
	}
}
