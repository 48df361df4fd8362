// Package filecheck reads data files that people write by hand. It refuses unknown keys, keys given
// twice and values of the wrong kind, and it collects every mistake with its line instead of
// stopping at the first: whoever edits a file mends it in one go.
package filecheck
