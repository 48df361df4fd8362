// Package assets serves the files of static under names that carry a hash of their content. Such a URL never changes its
// meaning, so browsers may keep it for a year; a page that names an unknown file fails when the process starts, not when
// somebody looks at it.
//
// The sheet is the files of static/css joined, with the colours of the brands behind them; a brand that changes makes a new
// name, and the old one is served on for pages that are still open. It owns no table.
package assets
