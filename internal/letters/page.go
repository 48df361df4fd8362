package letters

import (
	"bytes"
	htmltemplate "html/template"
	"io/fs"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	"forecourt/internal/platform/palette"
)

// page is a written letter before it is set.
type page struct {
	Lang   string
	Title  string // the subject
	Brand  string
	Look   look
	Blocks []block
	Footer []string
	car    []byte // a picture of it
}

// block is one piece of a letter; Kind says which fields count.
type block struct {
	Kind  string // heading, para, lines, rows, list, link, button, picture
	Text  string
	Rows  []row
	Items []string
	Link  string
}

// row is a fact with its name; Line is both as the language writes them in one line.
type row struct{ Label, Value, Line string }

// Rule underlines the title of the text part.
func (p page) Rule() string { return strings.Repeat("=", min(utf8.RuneCountInString(p.Title), 72)) }

// look is what a mail shows of a brand's colours: style sheets of mails have no variables. Mails are light.
type look struct {
	Head, OnHead, Button, OnButton string
	light, dark                    string // the floor that the car stands on
}

func lookOf(p palette.Palette) look {
	p = p.OrHouse()
	return look{Head: p.Light["head"], OnHead: p.Light["on-head"], Button: p.Light["accent"], OnButton: p.Light["on-accent"],
		light: p.Light["stage-1"], dark: p.Light["stage-2"]}
}

type layouts struct {
	html *htmltemplate.Template
	text *texttemplate.Template
}

func readLayouts(files fs.FS) (layouts, error) {
	text, err := texttemplate.New("layout.txt").Funcs(texttemplate.FuncMap{"upper": strings.ToUpper}).ParseFS(files, "mail/layout.txt")
	if err != nil {
		return layouts{}, err
	}
	html, err := htmltemplate.ParseFS(files, "mail/layout.html")
	return layouts{html: html, text: text}, err
}

func (l layouts) render(p page) (text, html string, err error) {
	var t, h bytes.Buffer
	if err := l.text.Execute(&t, p); err != nil {
		return "", "", err
	}
	if err := l.html.Execute(&h, p); err != nil {
		return "", "", err
	}
	return t.String(), h.String(), nil
}
