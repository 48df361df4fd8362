package carart

import (
	"fmt"
	"strings"
)

// plain leaves out what a stop is anyway: at the start, black.
var plain = strings.NewReplacer(` offset="0"`, "", ` stop-color="#000"`, "")

// defs holds the light: every paint is one flat colour under the same gradients, so any colour of a price
// list works without art of its own.
func (d *sketchpad) defs() {
	d.add(`<defs>`)
	d.paintLight(fmt.Sprintf(`x1="0" y1="%.0f" x2="0" y2="%d"`, ground-d.top(), ground-200))
	d.endLight(d.off, d.off+d.length)
	d.glints()
	d.add(`<clipPath id="%[1]s-b"><path id="%[1]s-n" d="%[2]s"/></clipPath><clipPath id="%[1]s-d"><path id="%[1]s-m" d="%[3]s"/></clipPath></defs>`, idMark, d.bodyPath, d.glassPath)
}

// glints are the materials that no paint changes: glass, bright metal, grained plastic, shade on the road.
func (d *sketchpad) glints() {
	d.add(`<linearGradient id="%[1]s-g" x1="0" y1="0" x2=".12" y2="1"><stop stop-color="#8fa2ae"/><stop offset=".32" stop-color="#3d4850"/><stop offset="1" stop-color="#12161a"/></linearGradient>`+
		`<linearGradient id="%[1]s-r" x1="0" y1="0" x2=".7" y2="1"><stop stop-color="#f3f5f6"/><stop offset=".55" stop-color="#a9b0b6"/><stop offset="1" stop-color="#6a7178"/></linearGradient>`+
		`<linearGradient id="%[1]s-k" x1="0" y1="0" x2="0" y2="1"><stop stop-color="#3e4347"/><stop offset="1" stop-color="#17191b"/></linearGradient>`+
		`<radialGradient id="%[1]s-s"><stop stop-opacity=".55"/><stop offset=".65" stop-opacity=".26"/><stop offset="1" stop-opacity="0"/></radialGradient>`, idMark)
}

// band is one stop of the light.
type band struct {
	h      float64 // or the part of the way along the car
	colour string
	alpha  float64
}

func (d *sketchpad) bands(bs []band) {
	for _, b := range bs {
		stop := fmt.Sprintf(`<stop offset="%s" stop-color="%s" stop-opacity="%s"/>`, num(b.h), b.colour, num(b.alpha))
		d.add("%s", plain.Replace(stop))
	}
	d.add(`</linearGradient>`)
}

const white, black = "#fff", "#000"

// Pearl splits the light into a warm and a cool tint, and a rosy one between them.
const warm, cool, rosy = "#ffdcb0", "#a9d0ff", "#f3c4ee"

// paintLight is the sky above and the road below, mirrored in the flank: bright on the shoulder, a soft dark
// band under the crease, dark towards the sill. Solid paint mirrors softly. Metal flake throws the light back
// in a narrow line and is deep below it; pearl glows, without hard edges, in other colours than its own.
func (d *sketchpad) paintLight(along string) {
	top, shoulder := d.top(), .62
	if d.dark {
		shoulder = .46
	}
	b0, b1, c0, c1 := d.belt[0], d.belt[1], d.crease[0], d.crease[1]
	var bs []band
	switch d.spec.Paint.Finish {
	case Metallic:
		flake := tint(d.spec.Paint.Hex, .62)
		bs = []band{{top, white, .44}, {b1 + 60, white, .1}, {b0 + 4, white, shoulder * .5}, {b0 - 24, white, shoulder}, {b0 - 64, flake, .3}, {c1 + 35, black, .12},
			{c1 - 15, flake, .5}, {c0 - 70, black, .16}, {560, black, .42}, {430, black, .3}, {200, black, .66}}
	case Pearl:
		bs = []band{{top, cool, .42}, {b1 + 60, rosy, .16}, {b0 - 10, white, shoulder * .6}, {b0 - 110, warm, .18},
			{c1 - 15, rosy, .17}, {c0 - 120, cool, .1}, {520, black, .1}, {430, black, .2}, {200, black, .56}}
	default:
		bs = []band{{top, white, .38}, {b1 + 60, white, .12}, {b0 - 20, white, shoulder * .6}, {b0 - 95, white, .08},
			{c1 + 35, black, .04}, {c1 - 15, white, .16}, {c0 - 90, black, .08}, {560, black, .26}, {430, black, .2}, {200, black, .58}}
	}
	for i := range bs {
		bs[i].h = (top - bs[i].h) / (top - 200)
	}
	d.add(`<linearGradient id="%s-p" gradientUnits="userSpaceOnUse" %s>`, idMark, along)
	d.bands(bs)
}

// endLight darkens nose and tail and lays reflections along the flank: two faint ones on solid paint, two
// sharp ones with shade between them on metal flake, a broad change of tint on pearl.
func (d *sketchpad) endLight(from, to float64) {
	var bs []band
	switch d.spec.Paint.Finish {
	case Metallic:
		flake := tint(d.spec.Paint.Hex, .7)
		bs = []band{{0, black, .5}, {.07, black, .16}, {.13, flake, .06}, {.22, flake, .38}, {.31, flake, .06}, {.47, black, .17}, {.62, flake, .05}, {.73, flake, .3}, {.83, flake, .05}, {.94, black, .2}, {1, black, .55}}
	case Pearl:
		bs = []band{{0, black, .3}, {.08, cool, .1}, {.28, warm, .24}, {.5, rosy, .08}, {.74, cool, .3}, {.94, black, .1}, {1, black, .45}}
	default:
		bs = []band{{0, black, .42}, {.07, black, .08}, {.2, white, .06}, {.42, white, 0}, {.74, white, .05}, {.93, black, .12}, {1, black, .5}}
	}
	d.add(`<linearGradient id="%s-e" gradientUnits="userSpaceOnUse" x1="%.0f" x2="%.0f" y1="0" y2="0">`, idMark, from, to)
	d.bands(bs)
}

// shadow is one soft pool of shade and, where the tyres touch the road, two hard ones.
func (d *sketchpad) shadow() {
	d.add(`<ellipse cx="%d" cy="%d" rx="%.0f" ry="76" fill="url(#%s-s)"/>`, width/2, ground+8, d.length*.53, idMark)
	for _, x := range d.axles {
		d.add(`<ellipse cx="%.0f" cy="%d" rx="%.0f" ry="26" fill-opacity=".5"/>`, d.off+x, ground+2, d.tyre*.72)
	}
}
