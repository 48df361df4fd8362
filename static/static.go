// Package static carries the style sheet, the script and the pictures inside the binary, as they are
// written: there is no build step.
package static

import "embed"

// Files holds css, js and img; internal/web/assets serves them.
//
//go:embed css js img
var Files embed.FS
