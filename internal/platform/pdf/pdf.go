package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Measures in millimetres, letters in points.
const (
	left, top, right, bottom = 20.0, 18.0, 20.0, 22.0
	pageWidth, pageHeight    = 210.0, 297.0
	width                    = pageWidth - left - right
	body, small              = 10.0, 8.5
	leading                  = 5.0 // of body text
	pad                      = 1.2
	family                   = "go"
)

// Meta is what a paper says of itself. Created is written into the file and nothing else decides its
// bytes beside the content: give the day of the document, never the time of the printing.
type Meta struct {
	Title   string // of the window and the file, in the paper's language
	Lang    string // BCP 47: "de-DE"
	Author  string
	Created time.Time
	Footer  string                    // left, on every page
	Page    func(page, of int) string // right, on every page; numbers only when nil
}

// Doc is a paper being written, top to bottom.
type Doc struct {
	f        *fpdf.Fpdf
	meta     Meta
	replaced bool
}

// New begins a paper.
func New(m Meta) *Doc {
	f := fpdf.New("P", "mm", "A4", "")
	d := &Doc{f: f, meta: m}
	f.SetCatalogSort(true)
	f.SetCreationDate(m.Created.UTC())
	f.SetModificationDate(m.Created.UTC())
	f.SetProducer("Forecourt", true)
	f.SetTitle(m.Title, true)
	f.SetAuthor(m.Author, true)
	f.SetLang(m.Lang)
	f.AddUTF8FontFromBytes(family, "", goregular.TTF)
	f.AddUTF8FontFromBytes(family, "B", gobold.TTF)
	f.SetMargins(left, top, right)
	f.SetAutoPageBreak(false, bottom)
	f.AddPage()
	return d
}

// Title is the paper's own heading.
func (d *Doc) Title(s string) { d.heading(s, 17, 8, 0) }

// Heading begins a part.
func (d *Doc) Heading(s string) { d.heading(s, 12, 6, 4) }

func (d *Doc) heading(s string, size, line, before float64) {
	d.f.SetFont(family, "B", size)
	lines := d.wrap(s, width)
	d.room(before + line*float64(len(lines)) + 2*leading) // a heading never stands alone at the foot
	d.f.SetFont(family, "B", size)
	d.f.SetY(d.f.GetY() + before)
	for _, l := range lines {
		d.line(left, width, line, l, false)
	}
	d.f.SetY(d.f.GetY() + 1)
}

// Text is a paragraph; line breaks in it are kept.
func (d *Doc) Text(s string) { d.text(s, body, leading) }

// Small is a paragraph in small letters.
func (d *Doc) Small(s string) { d.text(s, small, 4.2) }

func (d *Doc) text(s string, size, line float64) {
	for _, part := range strings.Split(s, "\n") {
		d.f.SetFont(family, "", size)
		for _, l := range d.wrap(part, width) {
			d.room(line)
			d.f.SetFont(family, "", size)
			d.line(left, width, line, l, false)
		}
	}
	d.f.SetY(d.f.GetY() + 1.5)
}

// Fact is a key with its value; line breaks in the value are kept.
type Fact struct{ Key, Value string }

// Facts are rows of key and value. Rows without a value are left out.
func (d *Doc) Facts(rows ...Fact) {
	const keys = 0.32
	for _, r := range rows {
		if r.Value != "" {
			d.row([]Column{{Width: keys}, {Width: 1 - keys}}, []string{r.Key, r.Value}, []bool{false, true}, false)
		}
	}
	d.f.SetY(d.f.GetY() + 1.5)
}

// Column is a column of a table. Width is its share of the page; money stands right.
type Column struct {
	Head  string
	Width float64
	Right bool
}

// Row is a row of a table; a strong one is a sum, in bold under a line.
type Row struct {
	Cells  []string
	Strong bool
}

// Table draws rows under their heads, if they have any; the heads come again on each page.
func (d *Doc) Table(cols []Column, rows []Row) {
	heads, bold := make([]string, len(cols)), make([]bool, len(cols))
	for i, c := range cols {
		heads[i], bold[i] = c.Head, true
	}
	head := func() {
		if strings.Join(heads, "") != "" {
			d.row(cols, heads, bold, false)
		}
		d.rule()
	}
	d.room(3 * leading)
	head()
	for _, r := range rows {
		style := make([]bool, len(cols))
		if r.Strong {
			style = bold
		}
		if d.f.GetY()+d.height(cols, r.Cells, style) > pageHeight-bottom {
			d.f.AddPage()
			head()
		}
		if r.Strong {
			d.rule()
		}
		d.row(cols, r.Cells, style, true)
	}
	d.f.SetY(d.f.GetY() + 2)
}

func (d *Doc) rule() {
	d.f.SetLineWidth(0.2)
	d.f.Line(left, d.f.GetY(), pageWidth-right, d.f.GetY())
}

// room turns the page when less than h millimetres are left.
func (d *Doc) room(h float64) {
	if d.f.GetY()+h > pageHeight-bottom {
		d.f.AddPage()
	}
}

func (d *Doc) cells(cols []Column, texts []string, bold []bool) [][]string {
	out := make([][]string, len(cols))
	for i, c := range cols {
		if i >= len(texts) {
			continue
		}
		d.style(bold[i])
		for _, part := range strings.Split(texts[i], "\n") {
			out[i] = append(out[i], d.wrap(part, c.Width*width-2*pad)...)
		}
	}
	return out
}

func (d *Doc) style(bold bool) {
	s := ""
	if bold {
		s = "B"
	}
	d.f.SetFont(family, s, body)
}

func (d *Doc) height(cols []Column, texts []string, bold []bool) float64 {
	n := 1
	for _, lines := range d.cells(cols, texts, bold) {
		n = max(n, len(lines))
	}
	return leading * float64(n)
}

// row draws cells side by side. One that is higher than a page is continued on the next.
func (d *Doc) row(cols []Column, texts []string, bold []bool, whole bool) {
	cells, n := d.cells(cols, texts, bold), 1
	for _, lines := range cells {
		n = max(n, len(lines))
	}
	if h := leading * float64(n); whole || h < pageHeight/3 {
		d.room(min(h, pageHeight-top-bottom))
	}
	for at := range n {
		d.room(leading)
		x, y := left, d.f.GetY()
		for i, c := range cols {
			if at < len(cells[i]) {
				d.style(bold[i])
				d.f.SetXY(x+pad, y)
				d.cell(c.Width*width-2*pad, leading, cells[i][at], c.Right)
			}
			x += c.Width * width
		}
		d.f.SetXY(left, y+leading)
	}
}

func (d *Doc) line(x, w, h float64, s string, rightward bool) {
	y := d.f.GetY()
	d.f.SetXY(x, y)
	d.cell(w, h, s, rightward)
	d.f.SetXY(left, y+h)
}

func (d *Doc) cell(w, h float64, s string, rightward bool) {
	align := "L"
	if rightward {
		align = "R"
	}
	d.f.SetCellMargin(0)
	d.f.CellFormat(w, h, s, "", 0, align, false, 0, "")
}

// wrap breaks a text at its spaces, and a word that is wider than the line anywhere. What it answers
// can be drawn.
func (d *Doc) wrap(s string, w float64) []string {
	drawn, all := drawable(s)
	d.replaced = d.replaced || !all
	var out []string
	now := ""
	for _, word := range strings.Split(drawn, " ") {
		if next := strings.TrimLeft(now+" "+word, " "); d.f.GetStringWidth(next) <= w {
			now = next
			continue
		}
		if now != "" {
			out = append(out, now)
		}
		for now = word; len([]rune(now)) > 1 && d.f.GetStringWidth(now) > w; {
			n := d.fits(now, w)
			out, now = append(out, string([]rune(now)[:n])), string([]rune(now)[n:])
		}
	}
	return append(out, now)
}

// fits is how many signs of a word go on a line: at least one, so that the breaking ends.
func (d *Doc) fits(word string, w float64) int {
	signs := []rune(word)
	n := 1
	for n < len(signs) && d.f.GetStringWidth(string(signs[:n+1])) <= w {
		n++
	}
	return n
}

// Replaced tells whether some sign could not be drawn so far and a box stands for it.
func (d *Doc) Replaced() bool { return d.replaced }

// Bytes ends the paper with its page numbers.
func (d *Doc) Bytes() ([]byte, error) {
	pages := d.f.PageCount()
	for n := 1; n <= pages; n++ {
		d.f.SetPage(n)
		// The library writes a font only when it believes that it changed; on a page turned back to it is wrong.
		d.f.SetFont(family, "B", small)
		d.f.SetFont(family, "", small)
		number := fmt.Sprintf("%d / %d", n, pages)
		if d.meta.Page != nil {
			number = d.meta.Page(n, pages)
		}
		footer, _ := drawable(d.meta.Footer)
		number, _ = drawable(number)
		d.f.SetXY(left, pageHeight-bottom+8)
		d.cell(width*0.75, 4, footer, false)
		d.f.SetXY(left+width*0.75, pageHeight-bottom+8)
		d.cell(width*0.25, 4, number, true)
	}
	var out bytes.Buffer
	if err := d.f.Output(&out); err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	return out.Bytes(), nil
}
