package letters

import (
	"fmt"
	"strings"

	"forecourt/internal/platform/mail"
	"forecourt/internal/platform/palette"
)

var _ mail.Setter = (*Letters)(nil)

// house is who writes what no brand does.
const house = "Forecourt"

// Set sets a notice in the house's own look.
func (s *Letters) Set(n mail.Notice) (mail.Message, error) {
	p := page{Lang: n.Words.Language(), Title: clean(n.Subject), Brand: house, Look: lookOf(palette.Palette{}), Footer: []string{n.Words.T("shared.demo_note")}}
	for _, x := range n.Parts {
		p.Blocks = append(p.Blocks, blockOf(x))
	}
	text, html, err := s.set.render(p)
	if err != nil {
		return mail.Message{}, fmt.Errorf("letters: notice %s: %w", n.ID, err)
	}
	m := mail.Message{ID: n.ID, To: n.To, ToName: clean(n.ToName), Subject: p.Title, Text: text, HTML: html, Lang: n.Words.Lang(), Date: n.At, Headers: n.Headers()}
	return m, nil
}

func blockOf(x mail.Part) block {
	switch {
	case x.Link != "":
		return block{Kind: "link", Link: x.Link}
	case len(x.Items) > 0:
		return block{Kind: "list", Items: x.Items}
	}
	if lines := strings.Split(x.Text, "\n"); len(lines) > 1 {
		return block{Kind: "lines", Items: lines}
	}
	return block{Kind: "para", Text: x.Text}
}
