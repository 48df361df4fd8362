package sheet

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"forecourt/internal/platform/fault"
)

// What is wrong with a file as a whole.
var (
	ErrKind    = fault.New(fault.Invalid, "sheet.kind", "sheet.Open")
	ErrEmpty   = fault.New(fault.Invalid, "sheet.empty", "sheet.Open")
	ErrPacked  = fault.New(fault.Invalid, "sheet.packed", "sheet.Open")
	ErrMany    = fault.New(fault.Invalid, "sheet.many", "sheet.Next")
	ErrWide    = fault.New(fault.Invalid, "sheet.wide", "sheet.Next")
	ErrQuote   = fault.New(fault.Invalid, "sheet.quote", "sheet.Next")
	ErrOldDays = fault.New(fault.Invalid, "sheet.old_days", "sheet.Open")
	ErrLarge   = fault.New(fault.TooLarge, "fault.too_large", "sheet.Open")
)

// Limits are what a file may cost.
type Limits struct {
	Bytes    int64 // of the file
	Unpacked int64 // bytes of all parts of a workbook
	Rows     int   // without the header
	Columns  int
	Cell     int // runes; what is longer is cut, and too long for whoever reads it
}

// Row is one line of a table, with as many cells as its header.
type Row struct {
	Line  int // of the file, from 1
	Cells []string
	Extra bool // it had more cells than the header: a separator stands where none should
}

// Sheet is a file that is being read.
type Sheet struct {
	Header []string
	limits Limits
	next   func() (cells []string, line int, err error)
	close  func() error
	n      int
}

// Open begins to read a file and its header: the first line with two cells or more that say something, or the first with one.
func Open(r io.ReaderAt, size int64, l Limits) (*Sheet, error) {
	if size > l.Bytes {
		return nil, ErrLarge
	}
	if size == 0 {
		return nil, ErrEmpty
	}
	head := make([]byte, min(size, 4096))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	s := &Sheet{limits: l, close: func() error { return nil }}
	var err error
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		err = s.openBook(r, size)
	} else {
		err = s.openCSV(r, size, head)
	}
	if err == nil {
		err = s.header()
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// titles are lines above the header that a program may have written: the name of the list, the day.
const titles = 5

func (s *Sheet) header() error {
	var single []string
	for range titles {
		cells, _, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		head, said := s.clean(cells), 0
		for _, c := range head {
			if c != "" {
				said++
			}
		}
		if said > 1 {
			return s.take(head)
		}
		if said == 1 && single == nil {
			single = head
		}
	}
	if single == nil {
		return ErrEmpty
	}
	return ErrKind // one column is no table
}

func (s *Sheet) take(head []string) error {
	for len(head) > 0 && head[len(head)-1] == "" {
		head = head[:len(head)-1]
	}
	if len(head) > s.limits.Columns {
		return ErrWide
	}
	s.Header = head
	return nil
}

// Next is the next row; io.EOF after the last. Empty rows are passed over. A file without a row is refused.
func (s *Sheet) Next() (Row, error) {
	for {
		cells, line, err := s.next()
		if errors.Is(err, io.EOF) && s.n == 0 {
			return Row{}, ErrEmpty
		}
		if err != nil {
			return Row{}, err
		}
		r := Row{Line: line, Cells: s.clean(cells)}
		if strings.Join(r.Cells, "") == "" {
			continue
		}
		if s.n++; s.n > s.limits.Rows {
			return Row{}, ErrMany
		}
		r.fit(len(s.Header))
		return r, nil
	}
}

func (r *Row) fit(n int) {
	for len(r.Cells) < n {
		r.Cells = append(r.Cells, "")
	}
	r.Extra = strings.Join(r.Cells[n:], "") != ""
	r.Cells = r.Cells[:n]
}

// Close gives back what reading took.
func (s *Sheet) Close() error { return s.close() }

// clean makes one line of each cell; the slice is new, its strings do not hold the file's buffer.
func (s *Sheet) clean(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = Clean(c, s.limits.Cell)
	}
	return out
}

// Clean makes one line of a cell of so many runes at most: blanks folded, signs that nobody sees dropped, and what Defuse
// put before it taken off.
func Clean(cell string, most int) string {
	if plain(cell) && len(cell) <= most {
		return strings.Clone(undo(cell))
	}
	cell = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r >= 0x200B && r <= 0x200F, r == 0x061C, r == 0xFEFF, r == utf8.RuneError:
			return -1
		}
		return r
	}, cell)
	cell = undo(strings.Join(strings.Fields(cell), " "))
	if utf8.RuneCountInString(cell) > most {
		cell = strings.TrimSpace(string([]rune(cell)[:most]))
	}
	return strings.Clone(cell)
}

// plain tells whether a cell needs no cleaning: most are.
func plain(cell string) bool {
	for i := range len(cell) {
		if b := cell[i]; b < '!' || b > '~' {
			return false
		}
	}
	return true
}

// formula are the signs with which a spreadsheet lets a formula begin.
const formula = "=+-@\t\r"

// Defuse keeps a spreadsheet from taking a cell for a formula. A number is none.
func Defuse(cell string) string {
	if cell == "" || !strings.ContainsRune(formula, rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil && cell[0] == '-' {
		return cell
	}
	return "'" + cell
}

func undo(cell string) string {
	for len(cell) > 1 && cell[0] == '\'' && (cell[1] == '\'' || strings.ContainsRune(formula, rune(cell[1]))) {
		cell = cell[1:]
	}
	return cell
}
