package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Stream is an answer of server-sent events. Its connection lasts longer than other answers may.
type Stream struct {
	w *echo.Response
	c *http.ResponseController
}

// streamWrite is how long a reader may take nothing before it counts as gone.
const streamWrite = 10 * time.Second

// OpenStream begins an answer of events; false when the reader is gone already.
func OpenStream(c echo.Context) (Stream, bool) {
	s := Stream{c.Response(), http.NewResponseController(c.Response().Writer)}
	// The server's time to read a request must not end the connection that only writes from now on.
	if err := s.c.SetReadDeadline(time.Time{}); err != nil {
		return s, false
	}
	head := s.w.Header()
	head.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Accel-Buffering", "no") // a proxy must not gather what is meant for now
	s.w.WriteHeader(http.StatusOK)
	return s, s.write("retry: 3000\n\n")
}

// Send writes an event; false when the reader is gone. No argument may contain a line break.
func (s Stream) Send(id, event, data string) bool {
	return s.write("id: " + id + "\nevent: " + event + "\ndata: " + data + "\n\n")
}

// Beat shows both ends that the connection is alive; false when it is not.
func (s Stream) Beat() bool { return s.write(": still here\n\n") }

func (s Stream) write(text string) bool {
	if err := s.c.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
		return false
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return false
	}
	return s.c.Flush() == nil
}
