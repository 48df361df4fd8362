// Package migrations holds the schema as plain SQL, applied in the order of the file numbers.
// A release's schema must serve the code before it and after it: add first, remove a release later.
package migrations

import "embed"

// Files are the migrations for goose.
//
//go:embed *.sql
var Files embed.FS
