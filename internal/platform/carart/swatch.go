package carart

import (
	"html/template"
	"strings"
)

// Swatch is a dot of paint for a picker. The name of the colour stands beside it in the page, so the dot is
// hidden from screen readers.
func Swatch(hex string, finish Finish) template.HTML {
	hex = safeHex(hex, plainGrey)
	var b strings.Builder
	b.WriteString(`<svg class="swatch" viewBox="0 0 40 40" aria-hidden="true"><circle cx="20" cy="20" r="18" fill="` + hex + `" stroke="#77756b"/>`)
	switch finish {
	case Metallic:
		b.WriteString(`<path d="M3 24a17.5 17.5 0 0 0 34 0C28 30 12 16 3 24Z" fill-opacity=".14"/><path d="M4 15Q16 9 36 17" fill="none" stroke="#fff" stroke-opacity=".22" stroke-width="5"/>`)
	case Pearl:
		b.WriteString(`<path d="M3 22a17.5 17.5 0 0 0 34 0C28 28 12 16 3 22Z" fill="#9db8e6" fill-opacity=".2"/><path d="M4 15Q16 9 36 17" fill="none" stroke="#ffe3c4" stroke-opacity=".3" stroke-width="5"/>`)
	}
	b.WriteString(`<path d="M8 14a14 14 0 0 1 20-6" fill="none" stroke="#fff" stroke-opacity=".55" stroke-width="3" stroke-linecap="round"/></svg>`)
	return template.HTML(b.String())
}

// Upholstery is a patch of seat: the cloth in hexSeat, a seam in hexStitch.
func Upholstery(hexSeat, hexStitch string) template.HTML {
	seat, stitch := safeHex(hexSeat, "#3a3d40"), safeHex(hexStitch, "#b9bcc0")
	return template.HTML(`<svg class="swatch" viewBox="0 0 40 40" aria-hidden="true"><rect x="2" y="2" width="36" height="36" rx="9" fill="` + seat + `" stroke="#77756b"/>` +
		`<path d="M2.5 27C12 23 28 23 37.5 27V30a8.5 8.5 0 0 1-8 7.5H11A8.5 8.5 0 0 1 2.5 30Z" fill-opacity=".22"/><path d="M13 3C11 14 11 20 12 24M27 3C29 14 29 20 28 24" fill="none" stroke="#000" stroke-opacity=".3" stroke-width="2.5"/>` +
		`<path d="M15 4C13.5 14 13.5 19 14 23.5M25 4C26.5 14 26.5 19 26 23.5M4 28.5C13 25 27 25 36 28.5" fill="none" stroke="` + stitch + `" stroke-width="1.3" stroke-dasharray="2.6 1.6"/></svg>`)
}
