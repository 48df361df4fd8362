package dealer_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"forecourt/internal/flow/newcar"
	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/sale"
)

func TestTheQueueIsExportedAsItIsShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, other := b.staffOf(leeds), b.staffOf(london)
	waiting := b.offer(leeds)
	evil := buyer
	evil.Name = `=HYPERLINK("http://evil.example";"Zoe")`
	taken := b.offerOf(newcar.Build{Shop: sale.Shop{Brand: "dacia", Market: "gb", Flow: id.FlowNew}, Model: "duster"}, evil, leeds)
	b.walk(taken, s, ordering.InTransit)
	read := func(who *staff, path string) [][]string {
		t.Helper()
		a := who.get(path)
		rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
		if a.status != 200 || err != nil {
			t.Fatalf("%s: %d, %v", path, a.status, err)
		}
		return rows
	}
	rows := read(s, "/dealer/queue.csv")
	if len(rows) != 3 || rows[1][0] != waiting.Number || rows[2][0] != taken.Number {
		t.Fatalf("the file has %d rows: %v", len(rows), rows)
	}
	if rows[1][4] != "" || rows[1][9] != "" || rows[1][1] != "2026-11-24 17:30" && rows[1][1] == "" {
		t.Errorf("before the accept the file says %v", rows[1])
	}
	if got := rows[2]; got[4] != "'"+evil.Name || len(got[7]) != 17 || !strings.Contains(got[9], ".") || got[10] != "GBP" {
		t.Errorf("after the accept the file says %v", got)
	}
	if rows := read(s, "/dealer/queue.csv?tab=answer"); len(rows) != 2 {
		t.Errorf("a tab has %d rows", len(rows)-1)
	}
	if rows := read(other, "/dealer/queue.csv?q=FC"); len(rows) != 1 {
		t.Error("another dealer's file has rows of ours")
	}
	if page := s.get("/dealer?tab=answer").body; !strings.Contains(page, `href="/dealer/queue.csv?tab=answer"`) {
		t.Error("the page does not lead to its file")
	}
}
