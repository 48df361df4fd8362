package mail

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"testing"
)

// relay is an SMTP server for one connection that keeps what it is told. It offers no encryption.
type relay struct {
	port int
	got  chan []string
}

func newRelay(t *testing.T) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	r := &relay{port: l.Addr().(*net.TCPAddr).Port, got: make(chan []string, 1)}
	go func() {
		if c, err := l.Accept(); err == nil {
			r.got <- talk(c)
		}
	}()
	return r
}

func talk(c net.Conn) (lines []string) {
	defer c.Close()
	answer := func(s string) { _, _ = c.Write([]byte(s + "\r\n")) }
	answer("220 relay ready")
	inLetter := false
	for s := bufio.NewScanner(c); s.Scan(); {
		line := s.Text()
		lines = append(lines, line)
		switch {
		case inLetter && line == ".":
			inLetter = false
			answer("250 taken")
		case inLetter:
		case strings.HasPrefix(line, "EHLO"):
			answer("250-relay\r\n250 8BITMIME")
		case line == "DATA":
			inLetter = true
			answer("354 go on")
		case line == "QUIT":
			answer("221 bye")
			return lines
		default:
			answer("250 fine")
		}
	}
	return lines
}

func TestALetterGoesOverSMTP(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	s, err := NewSMTP(SMTPSettings{Host: "127.0.0.1", Port: r.port, TLS: Opportunistic, From: shop})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	said := "\n" + strings.Join(<-r.got, "\n") + "\n"
	for _, want := range []string{"\nEHLO forecourt.example.com\n", "\nMAIL FROM:<orders@forecourt.example.com>",
		"\nRCPT TO:<zoe@example.com>", "\nMessage-ID: <GB-1042.order_booked.1@forecourt.example.com>\n", "\nContent-Language: fr\n"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q was not said in:%s", want, said)
		}
	}
}

func TestMandatoryTLSKeepsTheLetterFromAnOpenLine(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	s, err := NewSMTP(SMTPSettings{Host: "127.0.0.1", Port: r.port, From: shop, Username: "shop", Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), sample()); err == nil || errors.Is(err, ErrUnsendable) {
		t.Errorf("got %v", err)
	}
	for _, line := range <-r.got {
		if strings.HasPrefix(line, "MAIL") || strings.HasPrefix(line, "AUTH") || line == "DATA" {
			t.Errorf("said in clear: %s", line)
		}
	}
}

func TestUnknownTLSPolicyIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := NewSMTP(SMTPSettings{Host: "localhost", TLS: "perhaps", From: shop}); err == nil {
		t.Error("taken")
	}
}
