package letters

import (
	"bytes"
	htmltemplate "html/template"
	"io/fs"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	"forecourt/internal/id"
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
	Kind  string // heading, para, lines, rows, list, button, picture
	Text  string
	Rows  []row
	Items []string
	Link  string
}

// row is a fact with its name; Line is both as the language writes them in one line.
type row struct{ Label, Value, Line string }

// Rule underlines the title of the text part.
func (p page) Rule() string { return strings.Repeat("=", min(utf8.RuneCountInString(p.Title), 72)) }

// look is a brand's colours. Style sheets of mails have no variables, so they stand here.
type look struct {
	Head, OnHead, Button, OnButton string
	light, dark                    string // the floor that the car stands on
}

var looks = map[id.Brand]look{
	"dacia":   {Head: "#23251e", OnHead: "#f6f4ee", Button: "#4a5638", OnButton: "#ffffff", light: "#fbfaf6", dark: "#e4e0d4"},
	"renault": {Head: "#141416", OnHead: "#ffffff", Button: "#f2e11c", OnButton: "#141416", light: "#fcfcfc", dark: "#dfe1e5"},
}

var plainLook = look{Head: "#24292f", OnHead: "#ffffff", Button: "#1f4f86", OnButton: "#ffffff", light: "#fbfcfd", dark: "#dce3e8"}

func lookOf(b id.Brand) look {
	if l, ok := looks[b]; ok {
		return l
	}
	return plainLook
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
