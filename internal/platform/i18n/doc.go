// Package i18n holds the words people read and the way each locale writes money, numbers,
// dates, lists and distances.
//
// Words live in locales/<language>/<surface>.yaml, in go-i18n's file format: flat keys, Go
// placeholders such as {{.Name}}, plural forms as a nested map of one, many and other. They are
// compiled once by Load; T and N only look up and join.
//
// Formats equal those of ICU (what browsers call Intl), narrow and no-break spaces included, so
// that a page and a script on it never disagree. testdata/golden.tsv was printed by
// testdata/golden.js; the tests compare line by line.
//
// What stands between a name and its value, or between parts with commas of their own, differs too (French
// has a space before a colon): Label, Pair and Series write it, and nobody else glues a sign to a word.
//
// T returns plain text: html/template does the escaping.
package i18n
