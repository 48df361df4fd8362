package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/html"
)

// visitor is a person without scripts and with patience: a request without an answer is sent again,
// the same with the same form key, until there is one.
type visitor struct {
	crowd  *crowd
	client *http.Client
	stay   bool // does not follow the way out of the card bank: the tab is closed there
	at     *url.URL
	status int
	doc    *html.Node
	body   string
	asked  time.Time // when the last request was sent; a redirect is another one
}

// hopKey is where a request keeps the time of its last redirect: two clicks at once share a client.
type hopKey struct{}

// crowd counts what all visitors saw.
type crowd struct {
	transport http.RoundTripper
	password  string // of the dealers' staff

	mu      sync.Mutex
	again   int // requests sent again
	failing []failure
}

// failure is an answer 5xx, or none at all (status 0).
type failure struct {
	at     time.Time
	took   time.Duration
	status int
	what   string
}

func (c *crowd) visitor() *visitor {
	jar, _ := cookiejar.New(nil)
	v := &visitor{crowd: c}
	v.client = &http.Client{Jar: jar, Transport: c.transport, Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if h, ok := r.Context().Value(hopKey{}).(*time.Time); ok {
			*h = time.Now()
		}
		if v.stay && r.URL.Host != via[0].URL.Host {
			return http.ErrUseLastResponse
		}
		if len(via) > 9 {
			return errors.New("too many redirects")
		}
		return nil
	}}
	return v
}

var errNoForm = errors.New("the page has no such form")

// open reads a page; a relative address is taken from where the person is.
func (v *visitor) open(ctx context.Context, address string, allowed ...int) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if v.at != nil {
		u = v.at.ResolveReference(u)
	}
	return v.send(ctx, http.MethodGet, u.String(), "", allowed)
}

// press sends the form whose action ends with suffix, filled as a browser would and with fill.
// allowed are statuses from 400 on that are an answer too.
func (v *visitor) press(ctx context.Context, suffix string, fill url.Values, allowed ...int) error {
	to, body, err := v.form(suffix, fill)
	if err != nil {
		return err
	}
	return v.send(ctx, http.MethodPost, to, body, allowed)
}

// pressTwice is a double click: the same form at once from two tabs.
func (v *visitor) pressTwice(ctx context.Context, suffix string, fill url.Values) error {
	to, body, err := v.form(suffix, fill)
	if err != nil {
		return err
	}
	twin, other := *v, make(chan error, 1)
	go func() { other <- twin.send(ctx, http.MethodPost, to, body, nil) }()
	err = v.send(ctx, http.MethodPost, to, body, nil)
	return errors.Join(err, <-other)
}

func (v *visitor) form(suffix string, fill url.Values) (to, body string, err error) {
	form := find(v.doc, func(n *html.Node) bool {
		action, _, _ := strings.Cut(attr(n, "action"), "?")
		return n.Data == "form" && strings.EqualFold(attr(n, "method"), "post") && strings.HasSuffix(action, suffix)
	})
	if form == nil {
		return "", "", fmt.Errorf("%w: %q on %s (%s)", errNoForm, suffix, v.at.Path, v.heading())
	}
	values := defaults(form)
	for k, x := range fill {
		values[k] = x
	}
	action, err := url.Parse(attr(form, "action"))
	if err != nil {
		return "", "", err
	}
	return v.at.ResolveReference(action).String(), values.Encode(), nil
}

// has tells whether the page offers a form.
func (v *visitor) has(suffix string) bool { _, _, err := v.form(suffix, nil); return err == nil }

// send repeats a request until it is answered by something other than a 5xx.
func (v *visitor) send(ctx context.Context, method, to, body string, allowed []int) error {
	for n := 0; ; n++ {
		err := v.once(ctx, method, to, body)
		if err == nil && v.status < 500 {
			if v.status >= 400 && !slices.Contains(allowed, v.status) {
				return fmt.Errorf("%s %s (sent %d times) answered %d: %s", method, v.at.Path, n+1, v.status, v.heading())
			}
			return nil
		}
		v.crowd.note(err, v, to, time.Since(v.asked))
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s %s had no answer: %w (%v)", method, to, ctx.Err(), err)
		case <-time.After(40 * time.Millisecond):
		}
	}
}

func (c *crowd) note(err error, v *visitor, to string, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.again++
	f := failure{at: time.Now(), took: took, what: fmt.Sprintf("%s had no answer: %v", to, err)}
	if err == nil {
		f.status, f.what = v.status, fmt.Sprintf("%s answered %d after %v: %s", v.at.Path, v.status, took.Round(time.Millisecond), v.heading())
	}
	c.failing = append(c.failing, f)
}

func (v *visitor) once(ctx context.Context, method, to, body string) error {
	hop := time.Now()
	defer func() { v.asked = hop }()
	req, err := http.NewRequestWithContext(context.WithValue(ctx, hopKey{}, &hop), method, to, strings.NewReader(body))
	if err != nil {
		return err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := v.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return err
	}
	v.at, v.status, v.body = resp.Request.URL, resp.StatusCode, string(b)
	v.doc, err = html.Parse(strings.NewReader(v.body))
	return err
}

// values are what a field of the page offers.
func (v *visitor) values(name string) (out []string) {
	walk(v.doc, func(n *html.Node) {
		if n.Data == "input" && attr(n, "name") == name {
			out = append(out, attr(n, "value"))
		}
		if n.Data == "select" && attr(n, "name") == name {
			walk(n, func(o *html.Node) {
				if o.Data == "option" && attr(o, "value") != "" {
					out = append(out, attr(o, "value"))
				}
			})
		}
	})
	return out
}

// link is the first address on the page that contains part.
func (v *visitor) link(part string) string {
	a := find(v.doc, func(n *html.Node) bool { return n.Data == "a" && strings.Contains(attr(n, "href"), part) })
	if a == nil {
		return ""
	}
	return attr(a, "href")
}

func (v *visitor) heading() string {
	h := find(v.doc, func(n *html.Node) bool { return n.Data == "h1" })
	if h == nil {
		return "no heading"
	}
	s := text(h)
	walk(v.doc, func(n *html.Node) {
		if attr(n, "role") == "alert" || attr(n, "class") == "error" {
			s += ": " + text(n)
		}
	})
	return s
}

// defaults are the values a browser would send if nothing was touched.
func defaults(form *html.Node) url.Values {
	v := url.Values{}
	walk(form, func(n *html.Node) {
		name := attr(n, "name")
		switch {
		case name == "":
		case n.Data == "textarea":
			v.Add(name, text(n))
		case n.Data == "select":
			v.Add(name, selected(n))
		case n.Data == "input" && (attr(n, "type") == "radio" || attr(n, "type") == "checkbox"):
			if has(n, "checked") {
				v.Add(name, attr(n, "value"))
			}
		case n.Data == "input" && attr(n, "type") != "submit":
			v.Add(name, attr(n, "value"))
		}
	})
	return v
}

func selected(sel *html.Node) string {
	chosen := find(sel, func(n *html.Node) bool { return n.Data == "option" && has(n, "selected") })
	if chosen == nil {
		chosen = find(sel, func(n *html.Node) bool { return n.Data == "option" })
	}
	if chosen == nil {
		return ""
	}
	return attr(chosen, "value")
}

func walk(n *html.Node, fn func(*html.Node)) {
	if n.Type == html.ElementNode {
		fn(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, fn)
	}
}

func find(n *html.Node, ok func(*html.Node) bool) (hit *html.Node) {
	walk(n, func(x *html.Node) {
		if hit == nil && ok(x) {
			hit = x
		}
	})
	return hit
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
