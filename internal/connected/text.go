package connected

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"forecourt/internal/platform/fault"
)

// Text is a short message to a telephone.
type Text struct {
	ID   string // the same text has the same; a provider that knows it sends it once
	To   string // +447700900123
	Body string
}

// Texter sends texts. It may be called again with the same one.
type Texter interface {
	SendText(ctx context.Context, t Text) error
}

// SimulatedTexts is the provider of a demo: it leaves each text as a file in a folder.
type SimulatedTexts struct{ Dir string }

// SendText implements Texter.
func (s SimulatedTexts) SendText(_ context.Context, t Text) error {
	if t.ID == "" || strings.ContainsAny(t.ID, `/\`) {
		return fault.New(fault.Internal, "fault.internal", "connected.SendText")
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return err
	}
	name := filepath.Join(s.Dir, t.ID+".txt")
	if err := os.WriteFile(name+".half", fmt.Appendf(nil, "To: %s\n\n%s\n", t.To, t.Body), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".half", name)
}
