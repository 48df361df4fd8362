package carart

import "html/template"

// Swatch is a dot of paint for a picker: the paint's gloss comes from the sheet of symbols at the address
// sprite, the colour from here. The name of the colour stands beside it in the page, so the dot is hidden
// from screen readers.
func Swatch(sprite, hex string, finish Finish) template.HTML {
	if finish != Metallic && finish != Pearl {
		finish = Solid
	}
	return template.HTML(`<svg class="swatch" viewBox="0 0 40 40" aria-hidden="true" fill="` + safeHex(hex, plainGrey) + `"><use href="` +
		template.HTMLEscapeString(sprite) + `#paint-` + string(finish) + `"/></svg>`)
}

// Upholstery is a patch of seat: the cloth in hexSeat, a seam in hexStitch, its shape from the sheet of
// symbols at the address sprite.
func Upholstery(sprite, hexSeat, hexStitch string) template.HTML {
	return template.HTML(`<svg class="swatch" viewBox="0 0 40 40" aria-hidden="true" fill="` + safeHex(hexSeat, "#3a3d40") + `" color="` + safeHex(hexStitch, "#b9bcc0") + `"><use href="` +
		template.HTMLEscapeString(sprite) + `#seat"/></svg>`)
}
