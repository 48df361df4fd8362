package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

func paper(t *testing.T, fill func(d *Doc)) ([]byte, *Doc) {
	t.Helper()
	d := New(Meta{Title: "Rechnung DE-2026-1", Lang: "de-DE", Author: "Autohaus Lindner", Created: time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC), Footer: "Autohaus Lindner · DE-2026-1"})
	fill(d)
	raw, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return raw, d
}

func sample(d *Doc) {
	d.Title("Rechnung DE-2026-1")
	d.Facts(Fact{"Käufer", "Jürgen Groß\nAm Markt 1"}, Fact{"Leer", ""})
	d.Heading("Preis")
	var rows []Row
	for i := range 120 {
		rows = append(rows, Row{Cells: []string{fmt.Sprintf("Zeile %d mit einem langen Namen, der gewiss nicht auf eine einzige Zeile der Tabelle passt", i), "1\u202f234,56\u00a0€"}})
	}
	d.Table([]Column{{Head: "Was", Width: .7}, {Head: "Betrag", Width: .3, Right: true}}, append(rows, Row{Cells: []string{"Summe", "9 €"}, Strong: true}))
	d.Text(strings.Repeat("Ein Absatz. ", 90))
	d.Small("Klein.")
}

func TestTheSameInputMakesTheSameBytes(t *testing.T) {
	t.Parallel()
	first, d := paper(t, sample)
	for range 5 {
		if again, _ := paper(t, sample); !bytes.Equal(first, again) {
			t.Fatal("two printings of one paper differ")
		}
	}
	if d.Replaced() {
		t.Error("a German paper needed a box")
	}
	if !bytes.HasPrefix(first, []byte("%PDF-1.")) || !bytes.Contains(first, []byte("/Lang (de-DE)")) || !bytes.Contains(first, []byte("/CreationDate (D:20261129090000")) {
		t.Errorf("head of the paper: %.80q", first)
	}
	if n := len(regexp.MustCompile(`/Type /Page\b`).FindAll(first, -1)); n < 4 || n > 12 {
		t.Errorf("%d pages", n)
	}
	if len(first) > 150_000 {
		t.Errorf("%d bytes", len(first))
	}
}

func TestEverySignIsDrawnOrABox(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1\u202f234,56\u00a0€":   "1\u00a0234,56\u00a0€",
		"Ștefan Țiriac, județul": "Ștefan Țiriac, județul",
		"Nguyễn Thị":             "Nguyen Thi",
		"Łódź, Čapek, Ångström":  "Łódź, Čapek, Ångström",
		"Ελένη, Ольга":           "Ελένη, Ольга",
		"e\u0301t":               "ét",
		"a\tb":                   "a b",
	} {
		if got, all := drawable(in); got != want || !all {
			t.Errorf("%q: %q %v, want %q", in, got, all, want)
		}
	}
	if got, all := drawable("王 🚗"); got != "□ □" || all {
		t.Errorf("%q %v", got, all)
	}
	if _, d := paper(t, func(d *Doc) { d.Facts(Fact{"Name", "王小明"}) }); !d.Replaced() {
		t.Error("a name that can not be drawn passes unseen")
	}
}

// A word wider than its column, a cell higher than a page and a text of nothing end.
func TestOddTextsEnd(t *testing.T) {
	t.Parallel()
	raw, _ := paper(t, func(d *Doc) {
		d.Text(strings.Repeat("W", 5000))
		d.Text("")
		d.Facts(Fact{"Lang", strings.Repeat("Zeile\n", 200)})
		d.Table([]Column{{Head: "A", Width: .01}, {Head: "B", Width: .99}}, []Row{{Cells: []string{"breit", strings.Repeat("x ", 6000)}}, {Cells: []string{"kurz"}}})
		d.Text("\xff\x00")
	})
	if n := len(regexp.MustCompile(`/Type /Page\b`).FindAll(raw, -1)); n < 8 {
		t.Errorf("%d pages", n)
	}
}
