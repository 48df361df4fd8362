package web

import (
	"cmp"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"

	"github.com/labstack/echo/v4"
)

// stream is an answer of server-sent events that goes on after its handler: the connection is taken from the
// server, so that it costs no goroutine and no buffers while nothing happens. It may be used by several.
type stream struct {
	mu   sync.Mutex
	conn net.Conn
}

// streamWrite is how long a reader may take nothing before it counts as gone. What is written fits into the
// connection's own buffer, unless nobody has read for a long time.
const streamWrite = 200 * time.Millisecond

// listening is the stream of an open page; it is told that something changed and nothing else: the page asks for what is
// new itself, with the right that its reader has then.
type listening struct {
	*stream
	event string
}

// Changed implements allocation.Listener.
func (l listening) Changed(m allocation.Moment) bool { return l.send(string(m), l.event, "changed") }

// Listen answers a script that wants to hear of a channel; ?after= is what its page knew, until its stream broke once.
func Listen(c echo.Context, live *allocation.Live, channel id.Dealer, event string) error {
	req := c.Request()
	if !strings.Contains(req.Header.Get("Accept"), "text/event-stream") || req.Method != http.MethodGet {
		return ErrBadForm // an address for scripts: a person who opens it would wait for ever
	}
	after := cmp.Or(req.Header.Get("Last-Event-ID"), c.QueryParam("after"))
	return live.Open(req.Context(), channel, allocation.Moment(after), func() (allocation.Listener, error) {
		to, err := openStream(c)
		return listening{to, event}, err
	})
}

// openStream begins an answer of events and takes its connection. Whoever gets it closes it.
func openStream(c echo.Context) (*stream, error) {
	head := c.Response().Header()
	head.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Accel-Buffering", "no") // a proxy must not gather what is meant for now
	head.Set("Connection", "close")     // it ends when the stream ends
	conn, _, err := http.NewResponseController(c.Response().Writer).Hijack()
	if err != nil {
		return nil, err
	}
	c.Response().Status, c.Response().Committed = http.StatusOK, true // for the log: nothing more is answered
	var b strings.Builder
	b.WriteString("HTTP/1.1 200 OK\r\nDate: " + time.Now().UTC().Format(http.TimeFormat) + "\r\n")
	if err := head.Write(&b); err != nil {
		conn.Close()
		return nil, err
	}
	b.WriteString("\r\nretry: 3000\n\n")
	s := &stream{conn: conn}
	s.write(b.String())
	return s, nil
}

// send writes an event; false when the reader is gone. No argument may contain a line break.
func (s *stream) send(id, event, data string) bool {
	return s.write("id: " + id + "\nevent: " + event + "\ndata: " + data + "\n\n")
}

// Beat shows both ends that the connection is alive; false when it is not.
func (s *stream) Beat() bool { return s.write(": still here\n\n") }

// Close ends the answer.
func (s *stream) Close() { _ = s.conn.Close() }

func (s *stream) write(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.SetDeadline(time.Now().Add(streamWrite)); err != nil {
		return false
	}
	_, err := s.conn.Write([]byte(text))
	return err == nil
}
