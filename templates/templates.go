// Package templates carries the pages and letters inside the binary, one folder per surface. A new
// surface is one more name in the pattern below.
package templates

import "embed"

// Files holds the folders as they are written.
//
//go:embed dealer layout mail manager shared storefront styleguide
var Files embed.FS
