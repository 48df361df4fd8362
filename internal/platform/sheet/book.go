package sheet

import (
	"archive/zip"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	mostParts  = 2000     // of a workbook
	inMemory   = 4 << 20  // bytes of a part that is not laid on disk while it is read
	otherParts = 24 << 20 // bytes of all parts that are no rows: looks, pictures
)

// openBook reads the first sheet of a workbook. Numbers come as they are kept, with a dot, days as their number.
func (s *Sheet) openBook(r io.ReaderAt, size int64) error {
	if err := s.bounded(r, size); err != nil {
		return err
	}
	return careful(func() error { return s.unpack(io.NewSectionReader(r, 0, size)) })
}

// bounded looks at what the parts say they will be when unpacked, before any is. The library for packed files refuses a part
// that is longer than it said.
func (s *Sheet) bounded(r io.ReaderAt, size int64) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return ErrKind
	}
	if len(z.File) > mostParts {
		return ErrPacked
	}
	var all, others uint64
	book := false
	for _, f := range z.File {
		name := strings.ToLower(strings.ReplaceAll(f.Name, "\\", "/"))
		book = book || name == "xl/workbook.xml"
		if f.UncompressedSize64 > uint64(s.limits.Unpacked) {
			return ErrPacked
		}
		all += f.UncompressedSize64
		if !strings.HasPrefix(name, "xl/worksheets/sheet") && name != "xl/sharedstrings.xml" {
			others += f.UncompressedSize64
		}
	}
	switch {
	case !book:
		return ErrKind
	case all > uint64(s.limits.Unpacked), others > otherParts:
		return ErrPacked
	}
	return nil
}

func (s *Sheet) unpack(r io.Reader) error {
	f, err := excelize.OpenReader(r, excelize.Options{RawCellValue: true, UnzipSizeLimit: s.limits.Unpacked, UnzipXMLSizeLimit: inMemory})
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrKind, err)
	}
	s.close = f.Close
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil && *p.Date1904 {
		return ErrOldDays
	}
	names := f.GetSheetList()
	if len(names) == 0 {
		return ErrEmpty
	}
	rows, err := f.Rows(names[0])
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrKind, err)
	}
	s.close = func() error {
		_ = rows.Close() // its temporary file, which goes with the workbook
		return f.Close()
	}
	line := 0
	s.next = func() (cells []string, _ int, err error) {
		err = careful(func() error {
			if !rows.Next() {
				if rows.Error() != nil {
					return ErrKind
				}
				return io.EOF
			}
			line++
			if cells, err = rows.Columns(); err != nil {
				return ErrKind
			}
			return nil
		})
		if err == nil && len(cells) > s.limits.Columns*2 {
			err = ErrWide
		}
		for i, c := range cells {
			cells[i] = number(c)
		}
		return cells, line, err
	}
	return nil
}

// careful keeps what a broken workbook makes its library stumble over from being more than a broken workbook.
func careful(fn func() error) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("%w (%v)", ErrKind, x)
		}
	}()
	return fn()
}

// floating is a number as workbooks keep those that are not whole.
var floating = regexp.MustCompile(`^-?[0-9]+\.[0-9]+([eE][+-]?[0-9]{1,2})?$`)

// number takes the dust of binary fractions off: 13990.000000000002 is 13990.
func number(cell string) string {
	if len(cell) < 9 || !floating.MatchString(cell) {
		return cell
	}
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil || n > 1e15 || n < -1e15 {
		return cell
	}
	text := strconv.FormatFloat(n, 'f', 6, 64)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}
