package stripesim

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed pages
var pageFiles embed.FS

//go:embed pages/bank.svg
var icon []byte

// pages are what people see of the bank.
type pages struct {
	b      *Bank
	tmpl   *template.Template
	css    []byte
	cssURL string
}

// base is what every page shows.
type base struct {
	Words pageWords
	Title string
	CSS   string
}

func newPages(b *Bank) (*pages, error) {
	tmpl, err := template.ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("stripesim: %w", err)
	}
	css, err := pageFiles.ReadFile("pages/bank.css")
	if err != nil {
		return nil, fmt.Errorf("stripesim: %w", err)
	}
	sum := sha256.Sum256(css)
	return &pages{b: b, tmpl: tmpl, css: css, cssURL: "/c/bank.css?v=" + hex.EncodeToString(sum[:6])}, nil
}

func (p *pages) base(w pageWords, title string) base {
	return base{Words: w, Title: title, CSS: p.cssURL}
}

func (p *pages) serveCSS(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(p.css)
}

func (p *pages) serveIcon(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write(icon)
}

// render writes a page under a strict policy. formTo are further addresses that a form of the page
// may end up at: browsers check them against form-action after a redirect, too.
func (p *pages) render(w http.ResponseWriter, status int, name string, data any, formTo ...string) {
	var buf bytes.Buffer
	if err := p.tmpl.ExecuteTemplate(&buf, name, data); err != nil {
		http.Error(w, "The card bank cannot show this page.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"+
		origins(formTo))
	w.WriteHeader(status)
	_, _ = buf.WriteTo(w)
}

func origins(addresses []string) string {
	var out strings.Builder
	for _, a := range addresses {
		if u, err := url.Parse(a); err == nil && u.Host != "" && !strings.ContainsAny(u.Host, "; ,'\"") {
			out.WriteString(" " + u.Scheme + "://" + u.Host)
		}
	}
	return out.String()
}

// payPage is the card form.
type payPage struct {
	base
	Action    string
	Items     []payItem
	Amount    string
	Manual    bool
	CancelURL string
	Form      cardForm
	Problems  []fieldProblem
	Number    string // problem beside the field, "" for none
	Expiry    string
	CVC       string
	Name      string
	Declined  string
	Groups    []cardGroup
}

type payItem struct{ Name, Text, Amount string }

type fieldProblem struct{ Field, Text string }

type cardRow struct{ Number, Text, URL string }

type cardGroup struct {
	Title string
	Cards []cardRow
}

// groupsOf lists the test cards; page is the address whose form a card can fill, "" for none.
func groupsOf(words pageWords, page string) []cardGroup {
	var out []cardGroup
	for _, name := range cardGroups {
		g := cardGroup{Title: words.Groups[name]}
		for _, c := range testCards {
			if c.group() == name {
				g.Cards = append(g.Cards, cardRow{Number: spaced(c.Number), Text: words.Tests[c.Test], URL: page + "?card=" + c.Test + "#card"})
			}
		}
		out = append(out, g)
	}
	return out
}

func (p *pages) payPage(s *session, words pageWords, f cardForm) payPage {
	v := payPage{
		base: p.base(words, words.PayTitle), Action: "/c/pay/" + s.ID, Manual: s.Manual, CancelURL: s.CancelURL,
		Amount: amountText(s.Amount, s.Currency, words.Lang), Form: f,
	}
	v.Form.Attempt = newID("", 20)
	for _, it := range s.Items {
		v.Items = append(v.Items, payItem{Name: it.Name, Text: it.Text,
			Amount: amountText(it.Unit*it.Quantity, s.Currency, words.Lang)})
	}
	v.Groups = groupsOf(words, v.Action)
	return v
}

func (v *payPage) add(p cardProblems) {
	w := v.Words
	v.Number, v.Expiry, v.CVC, v.Name = w.problem(p.Number), w.problem(p.Expiry), w.problem(p.CVC), w.problem(p.Name)
	for _, f := range []fieldProblem{{"number", v.Number}, {"expiry", v.Expiry}, {"cvc", v.CVC}, {"name", v.Name}} {
		if f.Text != "" {
			v.Problems = append(v.Problems, f)
		}
	}
}

func spaced(number string) string {
	var b strings.Builder
	for i, d := range number {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// messagePage says one thing.
type messagePage struct {
	base
	Text string
	Link string
	Href string
}

func (p *pages) showExpired(w http.ResponseWriter, s *session, words pageWords) {
	v := messagePage{base: p.base(words, words.ExpiredTitle), Text: words.ExpiredText}
	if s.CancelURL != "" {
		v.Link, v.Href = words.DoneLink, s.CancelURL
	}
	p.render(w, http.StatusGone, "message.html", v)
}

func (p *pages) showDone(w http.ResponseWriter, s *session, words pageWords) {
	p.render(w, http.StatusOK, "message.html", messagePage{
		base: p.base(words, words.DoneTitle), Text: words.DoneText, Link: words.DoneLink, Href: s.successAddress(),
	})
}

// showRefused tells a person why a switch did not move.
func (p *pages) showRefused(w http.ResponseWriter, err error, back string) {
	p.render(w, http.StatusBadRequest, "message.html", messagePage{
		base: p.base(wordsEN, "This did not work"), Text: "The bank says: " + err.Error() + ".", Link: "Go back", Href: back,
	})
}

func (p *pages) showUnknown(w http.ResponseWriter, words pageWords) {
	p.render(w, http.StatusNotFound, "message.html", messagePage{base: p.base(words, words.GoneTitle), Text: words.GoneText})
}

// successAddress fills in the session's id where the shop asked for it.
func (s *session) successAddress() string {
	return strings.ReplaceAll(s.SuccessURL, "{CHECKOUT_SESSION_ID}", s.ID)
}
