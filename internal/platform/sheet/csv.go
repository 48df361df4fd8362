package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// noTable begin files that are none: packed ones, old workbooks, papers, pages.
var noTable = []string{"\x1f\x8b", "\xd0\xcf\x11\xe0", "%PDF", "<!DOC", "<!doc", "<html", "<HTML", "<?xml", "{\\rtf", "Rar!", "7z\xbc\xaf"}

// longestRecord bounds one line of a file, in bytes: a quotation mark that nobody closes would else swallow all behind it.
const longestRecord = 256 << 10

// separators between cells, the likeliest first where two occur alike.
var separators = []byte{';', '\t', ',', '|'}

// openCSV reads a text file.
func (s *Sheet) openCSV(r io.ReaderAt, size int64, head []byte) error {
	for _, begin := range noTable {
		if bytes.HasPrefix(head, []byte(begin)) {
			return ErrKind
		}
	}
	text, err := decode(r, size, head)
	if err != nil {
		return err
	}
	b := bufio.NewReaderSize(text, 64<<10)
	begin, _ := b.Peek(32 << 10)
	m := &meter{r: b}
	c := csv.NewReader(m)
	sep, told := separator(string(begin))
	c.Comma, c.FieldsPerRecord, c.ReuseRecord, c.LazyQuotes = rune(sep), -1, true, true
	c.TrimLeadingSpace = sep != '\t' // a tab is a blank too
	if told {
		if _, err := c.Read(); err != nil {
			return unreadable(err)
		}
	}
	s.next = func() ([]string, int, error) {
		m.n = 0
		rec, err := c.Read()
		if err != nil {
			return nil, 0, unreadable(err)
		}
		if len(rec) > s.limits.Columns*2 {
			return nil, 0, ErrWide
		}
		line, _ := c.FieldPos(0)
		return rec, line, nil
	}
	return nil
}

func unreadable(err error) error {
	var p *csv.ParseError
	switch {
	case errors.Is(err, ErrQuote):
		return ErrQuote
	case errors.As(err, &p):
		return ErrKind
	}
	return err
}

// meter counts what is read for one record.
type meter struct {
	r io.Reader
	n int
}

func (m *meter) Read(p []byte) (int, error) {
	if m.n > longestRecord {
		return 0, ErrQuote
	}
	n, err := m.r.Read(p)
	m.n += n
	return n, err
}

// decode gives a file's text as UTF-8. What is neither marked nor UTF-8 throughout is Windows-1252, in which the programs of
// western Europe save when nobody asks them; a file with signs that no text has is none.
func decode(r io.ReaderAt, size int64, head []byte) (io.Reader, error) {
	all := io.NewSectionReader(r, 0, size)
	switch {
	case bytes.HasPrefix(head, []byte("\ufeff")):
		return io.NewSectionReader(r, 3, size-3), nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(all), nil
	}
	if e, ok := wide(head); ok {
		return unicode.UTF16(e, unicode.IgnoreBOM).NewDecoder().Reader(all), nil
	}
	whole, text, err := scan(all)
	if err != nil {
		return nil, err
	}
	if !text {
		return nil, ErrKind
	}
	if _, err := all.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if whole {
		return all, nil
	}
	return charmap.Windows1252.NewDecoder().Reader(all), nil
}

// wide recognises UTF-16 without its mark by the half of the bytes that is nought.
func wide(head []byte) (unicode.Endianness, bool) {
	var nought [2]int
	for i, b := range head {
		if b == 0 {
			nought[i%2]++
		}
	}
	half := len(head) / 2
	switch {
	case half > 2 && nought[1]*10 > half*7 && nought[0] == 0:
		return unicode.LittleEndian, true
	case half > 2 && nought[0]*10 > half*7 && nought[1] == 0:
		return unicode.BigEndian, true
	}
	return unicode.BigEndian, false
}

// scan reads a file through: whether all of it is UTF-8, and whether it is text at all.
func scan(r io.Reader) (whole, text bool, err error) {
	whole = true
	buf, kept := make([]byte, 64<<10), 0
	for {
		n, err := r.Read(buf[kept:])
		part := buf[:kept+n]
		for _, b := range part[kept:] {
			if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x0b {
				return false, false, nil
			}
		}
		end := len(part)
		if err == nil { // a sign may go on in the next part
			for end > 0 && end > len(part)-utf8.UTFMax && !utf8.FullRune(part[lastRune(part[:end]):]) {
				end = lastRune(part[:end])
			}
		}
		whole = whole && utf8.Valid(part[:end])
		kept = copy(buf, part[end:])
		if errors.Is(err, io.EOF) {
			return whole, true, nil
		}
		if err != nil {
			return false, false, err
		}
	}
}

// lastRune is where the last sign of b begins.
func lastRune(b []byte) int {
	i := len(b) - 1
	for i > 0 && len(b)-i < utf8.UTFMax && !utf8.RuneStart(b[i]) {
		i--
	}
	return max(i, 0)
}

// separator finds what parts the cells: what the first line says ("sep=;"), or else the sign of which the first lines have
// most, outside of quotation marks. told tells that the first line is no part of the table.
func separator(begin string) (sep byte, told bool) {
	if rest, ok := strings.CutPrefix(begin, "sep="); ok && rest != "" && strings.IndexByte(",;|\t", rest[0]) >= 0 {
		return rest[0], true
	}
	least, most := map[byte]int{}, map[byte]int{}
	for i, line := range firstLines(begin) {
		here := map[byte]int{}
		quoted := false
		for j := range len(line) {
			if line[j] == '"' {
				quoted = !quoted
			} else if !quoted {
				here[line[j]]++
			}
		}
		for _, c := range separators {
			if most[c] = max(most[c], here[c]); i == 0 || here[c] < least[c] {
				least[c] = here[c]
			}
		}
	}
	sep = ','
	for _, c := range separators { // what every line has parts the cells; a title has none, then it is what there is most of
		if least[c] > least[sep] || least[c] == least[sep] && most[c] > most[sep] {
			sep = c
		}
	}
	return sep, false
}

// firstLines are the first lines that say something.
func firstLines(begin string) (out []string) {
	for line := range strings.Lines(begin) {
		if strings.TrimSpace(line) != "" && len(out) < titles {
			out = append(out, line)
		}
	}
	return out
}
