package mail

import (
	"errors"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var shop = Address{Name: "Forecourt Vente", Mail: "orders@forecourt.example.com"}

func sample() Message {
	return Message{
		ID: "GB-1042.order_booked.1", To: "zoe@example.com", ToName: "Zoë Müller, \"Z\"",
		Subject: "Votre commande est enregistrée — à bientôt",
		Text:    "Bonjour Zoë,\n\nvoir https://shop.example.com/o/abc?x=1&y=2.\n",
		HTML:    `<!doctype html><html lang="fr"><body><p>Bonjour Zoë</p><script>alert(1)</script></body></html>`,
		Lang:    "fr", Date: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		Headers: map[string]string{"X-Order": "GB-1042"},
	}
}

func TestAPictureTravelsInTheLetter(t *testing.T) {
	t.Parallel()
	m := sample()
	m.HTML = `<!doctype html><html lang="fr"><body><img src="cid:car@shop" alt="une voiture"></body></html>`
	m.Pictures = []Picture{{ID: "car@shop", Name: "car.png", PNG: []byte("\x89PNG of a car")}}
	_, l := caught(t, m)
	if l.HTML != m.HTML || l.Text != m.Text || string(l.pictures["car@shop"]) != string(m.Pictures[0].PNG) {
		t.Errorf("read back %+v", l)
	}
	if shown := l.shown(); !strings.Contains(shown, `<img src="data:image/png;base64,iVBORyBvZiBhIGNhcg==" alt`) {
		t.Errorf("the mailbox shows %s", shown)
	}
	for _, bad := range []Picture{{ID: "car", Name: "car.png", PNG: []byte("x")}, {ID: "car@shop", Name: "../car", PNG: []byte("x")}, {ID: "a@b>\r\nX: y", Name: "car.png", PNG: []byte("x")}, {ID: "car@shop", Name: "car.png"}} {
		m.Pictures = []Picture{bad}
		if _, err := compose(shop, m); !errors.Is(err, ErrUnsendable) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func folder(t *testing.T) (*Folder, string) {
	t.Helper()
	dir := t.TempDir()
	f, err := NewFolder(dir, shop)
	if err != nil {
		t.Fatal(err)
	}
	return f, dir
}

// caught sends a letter and reads its headers back as a mail program does.
func caught(t *testing.T, m Message) (netmail.Header, letter) {
	t.Helper()
	f, dir := folder(t)
	if err := f.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(dir, m.ID+".1.eml"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	msg, err := netmail.ReadMessage(file)
	if err != nil {
		t.Fatal(err)
	}
	l, err := readLetter(dir, m.ID+".1.eml")
	if err != nil {
		t.Fatal(err)
	}
	return msg.Header, l
}

func TestALetterArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	m := sample()
	h, l := caught(t, m)
	if got := h.Get("Message-Id"); got != "<GB-1042.order_booked.1@forecourt.example.com>" {
		t.Errorf("Message-ID %s", got)
	}
	to, err := h.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Name != m.ToName || to[0].Address != m.To {
		t.Errorf("To %v, %v", to, err)
	}
	from, err := h.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != shop.Name || from[0].Address != shop.Mail {
		t.Errorf("From %v, %v", from, err)
	}
	if l.Subject != m.Subject || l.Text != m.Text || l.HTML != m.HTML || !l.Date.Equal(m.Date) || l.Lang != "fr" {
		t.Errorf("read back %+v", l)
	}
	if h.Get("X-Order") != "GB-1042" || h.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("headers %v", h)
	}
}

func TestLineBreaksCannotForgeHeaders(t *testing.T) {
	t.Parallel()
	for _, evil := range []string{"\r\nBcc: all@example.com", "\nBcc: all@example.com", "\rBcc: all@example.com",
		"\r\n\r\nanother body", "\u2028Bcc: all@example.com", "\x00\x1b[31m"} {
		m := sample()
		m.Subject, m.ToName = "Hello"+evil+" there", "Ana"+evil
		h, l := caught(t, m)
		if len(h["Bcc"]) != 0 || strings.ContainsAny(l.Subject+l.To, "\r\n\x00\x1b") {
			t.Errorf("%q: %v, subject %q", evil, h, l.Subject)
		}
		if l.Text != m.Text || !strings.HasPrefix(l.Subject, "Hello") || !strings.HasSuffix(l.Subject, " there") {
			t.Errorf("%q: the letter changed: %q, %q", evil, l.Subject, l.Text)
		}
		to, err := h.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != m.To {
			t.Errorf("%q: To %v, %v", evil, to, err)
		}
	}
}

func TestTurnedReadingDirectionIsDropped(t *testing.T) {
	t.Parallel()
	m := sample()
	m.Subject = "Order \u202egpj.exe\u202c"
	if _, l := caught(t, m); l.Subject != "Order gpj.exe" {
		t.Errorf("%q", l.Subject)
	}
}

func TestWhatCanNeverBeSentIsRefused(t *testing.T) {
	t.Parallel()
	f, dir := folder(t)
	for name, spoil := range map[string]func(*Message){
		"no address":         func(m *Message) { m.To = "" },
		"two addresses":      func(m *Message) { m.To = "a@example.com, b@example.com" },
		"a name in it":       func(m *Message) { m.To = "Ana <a@example.com>" },
		"a header in it":     func(m *Message) { m.To = "a@example.com\r\nBcc: b@example.com" },
		"no id":              func(m *Message) { m.ID = "" },
		"a path as id":       func(m *Message) { m.ID = "../../etc/passwd" },
		"a header in id":     func(m *Message) { m.ID = "a\r\nBcc: b@example.com" },
		"a bracket in id":    func(m *Message) { m.ID = "a>b" },
		"an endless id":      func(m *Message) { m.ID = strings.Repeat("a", longestID+1) },
		"no text":            func(m *Message) { m.Text = " \n" },
		"no subject":         func(m *Message) { m.Subject = "\r\n" },
		"no date":            func(m *Message) { m.Date = time.Time{} },
		"a broken language":  func(m *Message) { m.Lang = "fr\r\nBcc: b@example.com" },
		"a second subject":   func(m *Message) { m.Headers = map[string]string{"Subject": "other"} },
		"a broken name":      func(m *Message) { m.Headers = map[string]string{"X\r\nBcc": "b@example.com"} },
		"a header in header": func(m *Message) { m.Headers = map[string]string{"X-A": "b\r\nBcc: b@example.com"} },
	} {
		m := sample()
		spoil(&m)
		if err := f.Send(t.Context(), m); !errors.Is(err, ErrUnsendable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

func TestARepeatIsSeen(t *testing.T) {
	t.Parallel()
	f, dir := folder(t)
	var senders sync.WaitGroup
	for range 8 {
		senders.Go(func() {
			if err := f.Send(t.Context(), sample()); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	letters, all, err := lettersIn(dir, 100)
	if err != nil || all != 8 || len(letters) != 8 {
		t.Fatalf("%d letters, %v", all, err)
	}
	var repeats []int
	for _, l := range letters {
		repeats = append(repeats, l.Repeat)
	}
	slices.Sort(repeats)
	if !slices.Equal(repeats, []int{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("counters %v", repeats)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 8 {
		t.Errorf("half-written letters left: %v, %v", entries, err)
	}
}

func TestASenderNeedsAnAddress(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "orders", "Shop <orders@example.com>", "a@example.com\nb"} {
		if _, err := NewFolder(t.TempDir(), Address{Mail: bad}); err == nil {
			t.Errorf("folder from %q", bad)
		}
		if _, err := NewSMTP(SMTPSettings{Host: "localhost", From: Address{Mail: bad}}); err == nil {
			t.Errorf("smtp from %q", bad)
		}
	}
}
