package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// wire is one keep-alive connection. It is leaner than net/http's client on purpose: what the load
// generator uses of the shared cores is missing on both sides of the table.
type wire struct {
	addr string
	conn net.Conn
	r    *bufio.Reader
	body []byte
	zip  *gzip.Reader
}

// answer is one response; body is valid until the wire's next request.
type answer struct {
	status   int
	location string
	cookie   string
	encoding string
	body     []byte
}

const wireTimeout = 30 * time.Second

func dial(addr string) (*wire, error) {
	c, err := net.DialTimeout("tcp", addr, wireTimeout)
	if err != nil {
		return nil, err
	}
	return &wire{addr: addr, conn: c, r: bufio.NewReaderSize(c, 64<<10)}, nil
}

func (w *wire) close() { _ = w.conn.Close() }

// request is the text of a request as a browser would send it.
func request(method, host, path, encodings, cookie, body string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) bench\r\nAccept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.8\r\nAccept-Encoding: %s\r\n",
		method, path, host, encodings)
	if cookie != "" {
		b.WriteString("Cookie: " + cookie + "\r\n")
	}
	if method == "POST" {
		fmt.Fprintf(&b, "Origin: http://%s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", host, len(body))
	}
	b.WriteString("\r\n" + body)
	return []byte(b.String())
}

// send writes a request and reads the whole answer.
func (w *wire) send(req []byte) (answer, error) {
	_ = w.conn.SetDeadline(time.Now().Add(wireTimeout))
	if _, err := w.conn.Write(req); err != nil {
		return answer{}, err
	}
	a, length, err := w.head()
	if err != nil {
		return a, err
	}
	w.body = w.body[:0]
	switch {
	case a.status == 204 || a.status == 304:
	case length >= 0:
		err = w.take(length)
	default:
		err = w.chunks()
	}
	a.body = w.body
	return a, err
}

// head reads the status line and the header fields that matter here; length is -1 for chunks.
func (w *wire) head() (a answer, length int, err error) {
	line, err := w.line()
	if err != nil {
		return a, 0, err
	}
	if len(line) < 12 {
		return a, 0, fmt.Errorf("no status line: %q", line)
	}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return a, 0, err
	}
	length = -1
	for {
		line, err = w.line()
		if err != nil || len(line) == 0 {
			return a, length, err
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) {
		case "Content-Length":
			if length, err = strconv.Atoi(string(value)); err != nil {
				return a, 0, err
			}
		case "Location":
			a.location = string(value)
		case "Content-Encoding":
			a.encoding = string(value)
		case "Set-Cookie":
			a.cookie, _, _ = strings.Cut(string(value), ";")
		}
	}
}

func (w *wire) line() ([]byte, error) {
	line, err := w.r.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

func (w *wire) take(n int) error {
	at := len(w.body)
	if cap(w.body) < at+n {
		grown := make([]byte, at, 2*(at+n))
		copy(grown, w.body)
		w.body = grown
	}
	w.body = w.body[:at+n]
	_, err := io.ReadFull(w.r, w.body[at:])
	return err
}

func (w *wire) chunks() error {
	for {
		line, err := w.line()
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(line), 16, 32)
		if err != nil {
			return err
		}
		if err := w.take(int(n)); err != nil {
			return err
		}
		if _, err := w.r.Discard(2); err != nil || n == 0 {
			return err
		}
	}
}

// text is the answer's body, unpacked.
func (w *wire) text(a answer) (string, error) {
	switch a.encoding {
	case "":
		return string(a.body), nil
	case "gzip":
	default:
		return "", errors.New("unexpected encoding " + a.encoding)
	}
	var err error
	if w.zip == nil {
		w.zip, err = gzip.NewReader(bytes.NewReader(a.body))
	} else {
		err = w.zip.Reset(bytes.NewReader(a.body))
	}
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(w.zip)
	return string(b), err
}
