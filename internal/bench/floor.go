package main

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"
)

// floorBytes is the size of the fixed page.
const floorBytes = 20 << 10

// floorPage is the small template of the second floor.
var floorPage = template.Must(template.New("page").Parse(`<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{{.Number}}</title></head>
<body><main><h1>Order {{.Number}}</h1><dl><dt>State</dt><dd>{{.State}}</dd><dt>Total</dt><dd>{{.Total}} {{.Currency}}</dd><dt>Dealer</dt><dd>{{.Dealer}}</dd>
<dt>Changed</dt><dd>{{.At}}</dd></dl></main></body></html>`))

type floorOrder struct {
	Number, State, Currency, Dealer string
	Total                           int64
	At                              time.Time
}

// serveFloor is the child process that ours are compared with: echo, and nothing that a shop needs.
func serveFloor(ctx context.Context, dsn string) error {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return err
	}
	defer pool.Close()
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	fixed := []byte("<!DOCTYPE html><html lang=\"en\"><title>Floor</title><p>" + strings.Repeat("all work and no play ", floorBytes/21) + "</p>")
	e.GET("/static", func(c echo.Context) error { return c.HTMLBlob(http.StatusOK, fixed) })
	e.GET("/query/:id", func(c echo.Context) error {
		var o floorOrder
		err := pool.QueryRow(c.Request().Context(), `SELECT number, state, currency, dealer, total_minor, updated_at FROM orders WHERE id = $1`, c.Param("id")).
			Scan(&o.Number, &o.State, &o.Currency, &o.Dealer, &o.Total, &o.At)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := floorPage.Execute(&b, o); err != nil {
			return err
		}
		return c.HTMLBlob(http.StatusOK, b.Bytes())
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, l.Addr())
	s := &http.Server{Handler: e, ReadHeaderTimeout: 5 * time.Second}
	go func() { <-ctx.Done(); _ = s.Close() }()
	if err := s.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}
