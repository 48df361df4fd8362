package smoke

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// person is a visitor without scripts: opens pages, follows redirects, fills forms and presses.
type person struct {
	client *http.Client
	at     *url.URL
	status int
	doc    *html.Node
	body   string
}

// newPerson makes a visitor with an empty cookie jar. transport may be shared.
func newPerson(transport http.RoundTripper) *person {
	jar, _ := cookiejar.New(nil)
	return &person{client: &http.Client{Jar: jar, Transport: transport, Timeout: 30 * time.Second}}
}

// open reads a page; a relative address is taken from where the person is.
func (p *person) open(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if p.at != nil {
		u = p.at.ResolveReference(u)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	return p.do(req)
}

func (p *person) do(req *http.Request) error {
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return err
	}
	p.at, p.status, p.body = resp.Request.URL, resp.StatusCode, string(b)
	if p.doc, err = html.Parse(strings.NewReader(p.body)); err != nil {
		return err
	}
	if p.status >= 400 {
		return fmt.Errorf("%s answered %d: %s", p.at.Path, p.status, heading(p.doc))
	}
	return nil
}

// press fills the posting form whose action ends with suffix and sends it. fill overrides what the
// page filled in; hidden and chosen values go along, as in a browser.
func (p *person) press(ctx context.Context, suffix string, fill url.Values) error {
	form := find(p.doc, func(n *html.Node) bool {
		return n.Data == "form" && strings.EqualFold(attr(n, "method"), "post") && strings.HasSuffix(strings.SplitN(attr(n, "action"), "?", 2)[0], suffix)
	})
	if form == nil {
		return fmt.Errorf("no form %q on %s (%s)", suffix, p.at.Path, heading(p.doc))
	}
	values := defaults(form)
	for k, v := range fill {
		values[k] = v
	}
	action, err := url.Parse(attr(form, "action"))
	if err != nil {
		return err
	}
	to := p.at.ResolveReference(action)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(req)
}

// value is the first value that a field of the page offers: of a radio group its first button.
func (p *person) value(name string) string {
	n := find(p.doc, func(n *html.Node) bool { return n.Data == "input" && attr(n, "name") == name })
	if n == nil {
		return ""
	}
	return attr(n, "value")
}

// defaults are the values a browser would send if nothing was touched.
func defaults(form *html.Node) url.Values {
	v := url.Values{}
	walk(form, func(n *html.Node) {
		name := attr(n, "name")
		if name == "" || has(n, "disabled") {
			return
		}
		switch n.Data {
		case "input":
			switch attr(n, "type") {
			case "radio", "checkbox":
				if has(n, "checked") {
					v.Add(name, or(attr(n, "value"), "on"))
				}
			case "submit", "button", "image", "file", "reset":
			default:
				v.Add(name, attr(n, "value"))
			}
		case "textarea":
			v.Add(name, text(n))
		case "select":
			v.Add(name, selected(n))
		}
	})
	return v
}

func selected(sel *html.Node) string {
	first, chosen := "", ""
	seen := false
	walk(sel, func(n *html.Node) {
		if n.Data != "option" {
			return
		}
		val := attr(n, "value")
		if !seen {
			first, seen = val, true
		}
		if has(n, "selected") {
			chosen = val
		}
	})
	return or(chosen, first)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func walk(n *html.Node, fn func(*html.Node)) {
	if n.Type == html.ElementNode {
		fn(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, fn)
	}
}

func find(n *html.Node, ok func(*html.Node) bool) *html.Node {
	if n == nil {
		return nil
	}
	if n.Type == html.ElementNode && ok(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if f := find(c, ok); f != nil {
			return f
		}
	}
	return nil
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
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func text(n *html.Node) string {
	var b strings.Builder
	var rec func(*html.Node)
	rec = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			rec(c)
		}
	}
	rec(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func heading(doc *html.Node) string {
	h := find(doc, func(n *html.Node) bool { return n.Data == "h1" })
	if h == nil {
		return "no heading"
	}
	s := text(h)
	if e := find(doc, func(n *html.Node) bool { return attr(n, "role") == "alert" }); e != nil {
		s += ": " + text(e)
	}
	return s
}
