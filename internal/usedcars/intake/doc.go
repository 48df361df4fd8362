// Package intake owns the files of used cars that dealers send: what a line says of a car, which column is what, and what would
// become of each line. What it finds good is written by usedcars; flow/usedcar/stock_file.go moves both.
//
// Begin with Field in field.go. columns.go guesses from a header's words what a column is, value.go reads numbers, days and
// words as people of six countries write them, line.go makes a car of a line, judge.go compares it with what stands there.
//
// A file is mapped (its sender looks at the columns), checking (looked at, nothing changes), checked, applying, and done:
//
//	(new)    --> mapping
//	mapping  --> checking
//	checking --> checked
//	checked  --> applying, mapping
//	applying --> done
//
// Tables, and how long their rows are kept:
//
//   - used_imports, used_import_rows: 30 days; what they brought stays
//   - used_import_columns: as long as the dealer is one; what a header's word meant the last time
//
// A doubt is no refusal: a mileage that fell and an American VIN whose check digit is wrong are said, and the line counts.
//
// It never guesses: what can be read in two ways is refused with its line and reason. A car in somebody else's stock is
// refused without a word about whose.
package intake
