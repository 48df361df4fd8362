package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

var small = Limits{Bytes: 1 << 20, Unpacked: 8 << 20, Rows: 1000, Columns: 20, Cell: 50}

// all reads a file through.
func all(data []byte, l Limits) (head []string, rows []Row, err error) {
	s, err := Open(bytes.NewReader(data), int64(len(data)), l)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for {
		r, err := s.Next()
		if errors.Is(err, io.EOF) {
			return s.Header, rows, nil
		}
		if err != nil {
			return s.Header, rows, err
		}
		rows = append(rows, r)
	}
}

func wide16(s string, order binary.ByteOrder, mark bool) []byte {
	u := utf16.Encode([]rune(s))
	if mark {
		u = append([]uint16{0xfeff}, u...)
	}
	out := make([]byte, 2*len(u))
	for i, x := range u {
		order.PutUint16(out[2*i:], x)
	}
	return out
}

func western(s string) []byte {
	b, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return []byte(b)
}

// What programs of several countries write is the same table.
func TestTextIsReadAsItWasMeant(t *testing.T) {
	t.Parallel()
	const text = "vin;prezzo;descrizione\r\nA1;14.990,00;\"è \"\"bella\"\"; più €\"\r\n\r\nB2;7.500;\r\n"
	for name, data := range map[string][]byte{
		"UTF-8": []byte(text), "UTF-8 with its mark": []byte("\ufeff" + text), "Windows-1252": western(text), "UTF-16 little": wide16(text, binary.LittleEndian, true), "UTF-16 big": wide16(text, binary.BigEndian, true),
		"UTF-16 without its mark": wide16(text, binary.LittleEndian, false), "tabs": []byte(strings.ReplaceAll(strings.ReplaceAll(text, "; ", "@ "), ";", "\t")), "bars": []byte(strings.ReplaceAll(strings.ReplaceAll(text, "; ", "@ "), ";", "|")),
		"told": []byte("sep=;\r\n" + text), "a title": []byte("Elenco usato del 30/11\r\n\r\n" + text), "old Macs": []byte(strings.ReplaceAll(text, "\r\n", "\n")),
	} {
		head, rows, err := all(data, small)
		if err != nil || !slices.Equal(head, []string{"vin", "prezzo", "descrizione"}) || len(rows) != 2 {
			t.Errorf("%s: %q, %v, %v", name, head, rows, err)
			continue
		}
		if got := strings.ReplaceAll(strings.Join(rows[0].Cells, "/"), "@", ";"); got != `A1/14.990,00/è "bella"; più €` || rows[1].Cells[2] != "" || rows[0].Extra {
			t.Errorf("%s: %q", name, got)
		}
	}
	if _, rows, err := all([]byte("a,b\n1,2,3\n1\n,,\n"), small); err != nil || len(rows) != 2 || !rows[0].Extra || rows[1].Extra || rows[1].Line != 3 {
		t.Errorf("cells too many and too few: %v, %v", rows, err)
	}
	if _, rows, err := all([]byte("a,b\n'=1+1,\"=cmd|'/c calc'!A1\"\n\u202eevil\x00,x\n"), small); err == nil {
		t.Errorf("a nought is no text: %v", rows)
	}
	if _, rows, err := all([]byte("a,b\n'=1+1,=cmd\n"+strings.Repeat("x", 80)+",\u202eevil \u200b x\n"), small); err != nil || rows[0].Cells[0] != "=1+1" || rows[0].Cells[1] != "=cmd" || rows[1].Cells[0] != strings.Repeat("x", 50) || rows[1].Cells[1] != "evil x" {
		t.Errorf("formulas and signs that nobody sees: %v, %v", rows, err)
	}
}

// Nothing about a broken file is guessed, and none costs more than its limits.
func TestBrokenFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"nothing": {nil, ErrEmpty}, "a header": {[]byte("a,b\n"), ErrEmpty}, "blanks": {[]byte(" \n \n"), ErrEmpty}, "one column": {[]byte("a\nb\n"), ErrKind}, "too long": {make([]byte, 1<<20+1), ErrLarge},
		"a page": {[]byte("<html><table><tr><td>vin</td></tr></table>"), ErrKind}, "an old workbook": {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xxxxxxxx"), ErrKind}, "a PDF": {[]byte("%PDF-1.7 a,b"), ErrKind}, "packed": {[]byte("\x1f\x8b\x08\x00"), ErrKind},
		"bytes": {[]byte("a,b\n\x01\x02\x03,\x04"), ErrKind}, "rows": {[]byte("a,b\n" + strings.Repeat("1,2\n", 1001)), ErrMany}, "columns": {[]byte(strings.Repeat("a,", 30) + "a\n1,2\n"), ErrWide}, "cells": {[]byte("a,b\n" + strings.Repeat("1,", 50) + "\n"), ErrWide},
		"a quotation that never ends": {[]byte("a,b\n\"x,1\n" + strings.Repeat("row,2\n", 100_000)), ErrQuote}, "half a packed file": {[]byte("PK\x03\x04xxxxxxxxxxxxxxxxxxxx"), ErrKind},
		"a packed file that is no workbook": {packed(t, map[string]string{"readme.txt": "hello"}), ErrKind}, "a workbook of nonsense": {packed(t, map[string]string{"xl/workbook.xml": "<<<", "[Content_Types].xml": ">>>"}), ErrKind},
		"a bomb": {packed(t, map[string]string{"xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": strings.Repeat(" ", 9<<20)}), ErrPacked}, "a bomb beside the rows": {packed(t, map[string]string{"xl/workbook.xml": "<workbook/>", "xl/media/a.bin": strings.Repeat(" ", 8<<20+1)}), ErrPacked},
		"many parts": {parts(t, mostParts+1), ErrPacked}, "a bomb that lies": {liar(t), ErrKind},
	} {
		if _, _, err := all(c.data, small); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func packed(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func parts(t testing.TB, n int) []byte {
	files := map[string]string{"xl/workbook.xml": "<workbook/>"}
	for i := range n {
		files[fmt.Sprintf("xl/x%d.xml", i)] = ""
	}
	return packed(t, files)
}

// liar is a workbook whose sheet says that it is short, and is not.
func liar(t testing.TB) []byte {
	t.Helper()
	long := bytes.Repeat([]byte("<row/>"), 8<<20)
	var body bytes.Buffer
	w, _ := flate.NewWriter(&body, flate.BestCompression)
	_, _ = w.Write(long)
	_ = w.Close()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name string, data []byte, said uint64) {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(long), CompressedSize64: uint64(len(data)), UncompressedSize64: said}
		x, err := z.CreateRaw(h)
		if err == nil {
			_, err = x.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("xl/workbook.xml", body.Bytes(), 100)
	put("xl/worksheets/sheet1.xml", body.Bytes(), 100)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// book is a workbook with some rows.
func book(t testing.TB, rows [][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, r := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookIsReadAsItIsKept(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	for cell, v := range map[string]any{"A1": "VIN", "B1": "Prezzo", "C1": "Immatricolazione", "A3": "VF1", "B3": 14990.5, "C3": 44260, "A4": "=HYPERLINK(1)", "B4": 13990.000000000002, "A5": " due\nrighe "} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellFormula("Sheet1", "C4", "=1+1"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	head, rows, err := all(b.Bytes(), small)
	if err != nil || !slices.Equal(head, []string{"VIN", "Prezzo", "Immatricolazione"}) || len(rows) != 3 {
		t.Fatalf("%q %v %v", head, rows, err)
	}
	if !slices.Equal(rows[0].Cells, []string{"VF1", "14990.5", "44260"}) || rows[0].Line != 3 || rows[1].Cells[0] != "=HYPERLINK(1)" || rows[1].Cells[1] != "13990" || rows[1].Cells[2] != "" || rows[2].Cells[0] != "due righe" {
		t.Errorf("%v", rows)
	}
	old := true
	if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &old}); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	if _, _, err := all(b.Bytes(), small); !errors.Is(err, ErrOldDays) {
		t.Errorf("days from 1904: %v", err)
	}
}

// A long file is in memory one row at a time.
func TestALongFileStaysSmall(t *testing.T) {
	line := strings.Repeat("x", 90) + ";" + strings.Repeat("y", 9) + "\n"
	data := []byte("a;b\n" + strings.Repeat(line, 300_000))
	l := Limits{Bytes: 64 << 20, Unpacked: 64 << 20, Rows: 400_000, Columns: 5, Cell: 100}
	s, err := Open(bytes.NewReader(data), int64(len(data)), l)
	if err != nil {
		t.Fatal(err)
	}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for n := 0; ; n++ {
		if _, err := s.Next(); errors.Is(err, io.EOF) {
			if n != 300_000 {
				t.Errorf("%d rows", n)
			}
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&now)
	if grown := int64(now.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("%d bytes more after 30 MB", grown)
	}
}

// Whatever comes, reading ends, nothing is longer than its limit, and what is read and written again is read the same.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("vin;price\nA;1\n\"x\";\"=1\"\n"))
	f.Add([]byte("\xff\xfea\x00;\x00b\x00\n\x001\x00;\x002\x00"))
	f.Add([]byte("sep=|\na|b\n1|2"))
	f.Add(western("è;é\nà;ù\n"))
	f.Add(book(f, [][]any{{"a", "b"}, {1, 2.5}, {"=x", "y"}}))
	f.Add(liar(f))
	tight := Limits{Bytes: 1 << 16, Unpacked: 1 << 18, Rows: 100, Columns: 10, Cell: 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		head, rows, err := all(data, tight)
		if err != nil {
			return
		}
		if len(head) > tight.Columns || len(rows) > tight.Rows {
			t.Fatalf("%d columns, %d rows", len(head), len(rows))
		}
		for _, r := range rows {
			if len(r.Cells) != len(head) {
				t.Fatalf("%d cells below %d", len(r.Cells), len(head))
			}
			for _, c := range r.Cells {
				if n := len([]rune(c)); n > tight.Cell {
					t.Fatalf("%d runes", n)
				}
				if again := Clean(Defuse(c), tight.Cell+1); again != c {
					t.Fatalf("%q is read again as %q", c, again)
				}
			}
		}
	})
}

// BenchmarkBook reads a workbook of 2,000 rows with twenty columns.
func BenchmarkBook(b *testing.B) {
	rows := [][]any{{"vin"}}
	for range 19 {
		rows[0] = append(rows[0], "column "+string(rune('a'+len(rows[0]))))
	}
	for i := range 2000 {
		r := []any{fmt.Sprintf("VF1RJA000%08d", i)}
		for j := range 19 {
			r = append(r, i*j)
		}
		rows = append(rows, r)
	}
	data := book(b, rows)
	l := Limits{Bytes: 1 << 24, Unpacked: 1 << 26, Rows: 10_000, Columns: 30, Cell: 100}
	for b.Loop() {
		if _, got, err := all(data, l); err != nil || len(got) != 2000 {
			b.Fatal(len(got), err)
		}
	}
}
