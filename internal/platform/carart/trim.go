package carart

import "slices"

// Trim names what a version adds to its body.
type Trim string

// The trims. The empty one is plain.
const (
	Rugged Trim = "rugged" // skid plates and copper
	Chrome Trim = "chrome" // a bright line around the windows, a framed grille
	Sport  Trim = "sport"  // a spoiler, black mirrors, a blade under the nose
)

// Trims lists the trims that are not plain.
func Trims() []Trim { return []Trim{Rugged, Chrome, Sport} }

// Known reports whether t is a trim; Draw takes anything else as plain.
func (t Trim) Known() bool { return slices.Contains(Trims(), t) }

const (
	copper = "#c07a45"
	bright = "#b9bfc3"
)

// mirrorPaint is the colour of the mirrors' shells.
func (d *sketchpad) mirrorPaint() string {
	switch {
	case d.spec.TwoTone:
		return d.spec.RoofHex
	case d.spec.Trim == Sport:
		return "#15181b"
	case d.spec.Trim == Rugged:
		return copper
	}
	return d.spec.Paint.Hex
}

// sideTrim is what the version adds to the flank: drawn before the windows.
func (d *sketchpad) sideTrim() {
	n := d.length
	switch d.spec.Trim {
	case Rugged:
		low := d.shape.body[0].h
		d.add(`<path d="%s" fill="%s"/>`, d.line(at(60, low+5), at(330, low+5), at(420, low+75), at(40, low+115))+d.line(at(n-400, low+5), at(n, low+5), at(n, low+110), at(n-330, low+110)), bright)
		d.stripe(copper)
	case Chrome:
		d.stripe("#d5d9dc")
	case Sport:
		x := d.roof[1]
		h := topAt(d.body, x-90)
		d.add(`<path d="%s" fill="#101315"/>`, d.line(at(x-260, topAt(d.body, x-260)+2), at(x-60, h+22), at(x+70, h-6), at(x+50, h-40), at(x-90, h-24)))
		d.stripe("#101315")
	}
}

// stripe runs along the sill.
func (d *sketchpad) stripe(colour string) {
	f, r, w := d.axles[0], d.axles[1], d.tyre
	d.add(`<path d="%s" fill="none" stroke="%s" stroke-width="18"/>`, d.line(at(f+w+130, d.sill+14), at(r-w-130, d.sill+24)), colour)
}

// noseTrim is what the version adds to the face.
func (d *sketchpad) noseTrim() {
	switch d.spec.Trim {
	case Rugged:
		d.add(`<path d="%s" fill="%s"/>`, d.facing([]pt{at(-.5, -2.7), at(-.42, -2.5), at(.42, -2.5), at(.5, -2.7), at(.4, -3.1), at(-.4, -3.1)}, 20), bright)
	case Sport:
		d.add(`<path d="%s" fill="none" stroke="%s" stroke-width="22"/>`, d.along(-1.04, 1.04, -2.66), bright)
	}
}
