// Package migrations holds the schema as plain SQL, applied in the order of the file numbers.
// A release's schema must serve the code before it and after it: add first, remove a release later.
package migrations

import (
	"bytes"
	"embed"
	"io/fs"
	"strconv"
	"strings"
)

// Files are the migrations for goose.
//
//go:embed *.sql
var Files embed.FS

// mayWait is the mark of a migration that this build works without, until somebody runs it. What is not marked is needed.
const mayWait = "-- May wait:"

// Newest is the number of the last migration that this build knows.
func Newest() int64 { newest, _ := Of(Files); return newest }

// Needed is the number of the last migration that this build cannot work without.
func Needed() int64 { _, needed := Of(Files); return needed }

// Of are the numbers of the last migration among files, and of the last one that is needed.
func Of(files fs.FS) (newest, needed int64) {
	names, _ := fs.Glob(files, "*.sql") // sorted; the pattern is right
	for i := len(names) - 1; i >= 0; i-- {
		n := Number(names[i])
		newest = max(newest, n)
		text, err := fs.ReadFile(files, names[i])
		if err != nil || !bytes.Contains(text, []byte(mayWait)) {
			return newest, n
		}
	}
	return newest, 0
}

// Number is that of a migration's file: 177 of "00177_instances.sql".
func Number(name string) int64 {
	number, _, _ := strings.Cut(name, "_")
	n, _ := strconv.ParseInt(number, 10, 64)
	return n
}
