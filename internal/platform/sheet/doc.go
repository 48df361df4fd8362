// Package sheet reads rows out of the files that people make with spreadsheets: CSV in the encodings and with the separators
// that programs of several countries write, and XLSX. One row is in memory at a time, and what a file may cost is bounded
// before anything of it is unpacked. It keeps nothing and knows no business.
//
// Begin with Open in sheet.go; csv.go and book.go are the two kinds. A formula is never computed: of a workbook's formula the
// value is read that its program kept, in a CSV file it is text. What Defuse wrote for a spreadsheet is read as it was.
//
// It refuses what is no table (ErrKind), what is packed to burst (ErrPacked), more rows or columns than were asked for, and
// a quotation mark that never ends.
package sheet
