package carart

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestSheet writes a page with every body when CARART_SHEET names a file: the way to judge a change by eye.
func TestSheet(t *testing.T) {
	t.Parallel()
	name := os.Getenv("CARART_SHEET")
	if name == "" {
		t.Skip("CARART_SHEET is empty")
	}
	paints := []Paint{{"#2f4a3c", Metallic}, {"#1c4f8f", Metallic}, {"#b4532d", Metallic}, {"#f0f1ee", Solid}, {"#15181b", Metallic}, {"#a3162a", Pearl}, {"#6f7360", Solid}, {"#e0a526", Solid}}
	var b strings.Builder
	b.WriteString(`<!doctype html><meta charset="utf-8"><style>body{margin:8px;font:14px sans-serif;background:#eee;display:grid;grid-template-columns:repeat(4,1fr);gap:8px}svg{width:100%;background:#f6f5f1;display:block}.d svg{background:#44453e}</style>`)
	for i, body := range Bodies() {
		for j, v := range Views() {
			for k, rich := range []bool{false, true} {
				s := Spec{Body: body, View: v, Paint: paints[(i+3*k)%len(paints)], Wheels: Wheels()[(i+k)%6], Rails: rich, Trim: append([]Trim{""}, Trims()...)[(i+2*k)%4], TwoTone: rich && i%2 == 0, ID: fmt.Sprintf("s%d-%d-%d", i, j, k)}
				fmt.Fprintf(&b, `<div class="%s">%s %s %s %s</div>`, map[bool]string{true: "d"}[rich], Draw(s), body, v, s.Paint.Finish+" "+Finish(s.Trim))
			}
		}
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
