// Package assets serves the files of static under names that carry a hash of their content. Such a URL never
// changes its meaning, so browsers may keep it for a year; a page that names an unknown file fails when the
// process starts, not when somebody looks at it.
package assets
