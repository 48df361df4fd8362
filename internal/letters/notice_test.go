package letters

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"forecourt/internal/platform/mail"
)

// A notice is set in the house's look, in both of its parts, and what somebody typed stays text.
func TestANoticeAsWritten(t *testing.T) {
	t.Parallel()
	cat := words(t)
	m, err := writerOf(t, cat).Set(mail.Notice{ID: "notice.1", To: "desk@example.com", ToName: "Desk", ReplyTo: "luca@example.com", Words: cat.Printer("en-GB"), Subject: "Two cars", At: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC),
		Parts: []mail.Part{{Text: "They stand in the pool <now>."}, {Items: []string{"P-7K2M9X", "P-7K2M9Y"}}, {Text: "One line\nand another"}, {Link: "https://shop.example.com/dealer/stock"}}})
	if err != nil {
		t.Fatal(err)
	}
	if m.Headers["Reply-To"] != "luca@example.com" || m.Lang != "en-GB" || m.To != "desk@example.com" || m.Subject != "Two cars" || strings.Contains(m.HTML, "<now>") {
		t.Errorf("%+v", m)
	}
	for kind, got := range map[string]string{"txt": m.Text, "html": m.HTML} {
		name := filepath.Join("testdata", "notice."+kind)
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(name); err != nil || got != string(want) {
			t.Errorf("%s differs (%v); look at it, then run the test with -update:\n%s", name, err, got)
		}
	}
}
