package carart

// defs holds the light: every paint is one flat colour under the same gradients, so any colour of a price
// list works without art of its own.
func (d *sketchpad) defs() {
	d.add(`<defs>`)
	d.paintLight()
	d.endLight()
	d.add(`<linearGradient id="%[1]s-g" x1="0" y1="0" x2=".12" y2="1"><stop stop-color="#8fa2ae"/><stop offset=".32" stop-color="#3d4850"/><stop offset="1" stop-color="#12161a"/></linearGradient>`+
		`<linearGradient id="%[1]s-r" x1="0" y1="0" x2=".7" y2="1"><stop stop-color="#f3f5f6"/><stop offset=".55" stop-color="#a9b0b6"/><stop offset="1" stop-color="#6a7178"/></linearGradient>`+
		`<linearGradient id="%[1]s-k" x1="0" y1="0" x2="0" y2="1"><stop stop-color="#3e4347"/><stop offset="1" stop-color="#17191b"/></linearGradient>`+
		`<radialGradient id="%[1]s-s"><stop stop-opacity=".55"/><stop offset=".65" stop-opacity=".26"/><stop offset="1" stop-opacity="0"/></radialGradient>`, idMark)
	d.add(`<clipPath id="%s-b"><path d="%s"/></clipPath><clipPath id="%s-d"><path d="%s"/></clipPath></defs>`, idMark, d.bodyPath, idMark, d.glassPath)
}

// paintLight is the sky above and the road below, mirrored in the flank: bright on the shoulder, a soft dark
// band under the crease, dark towards the sill.
func (d *sketchpad) paintLight() {
	top, m := d.top(), d.spec.Paint.Finish.depth()
	place := func(h float64) float64 { return (top - h) / (top - 200) }
	shoulder := .62
	if d.dark {
		shoulder = .46
	}
	d.add(`<linearGradient id="%s-p" gradientUnits="userSpaceOnUse" x1="0" y1="%.0f" x2="0" y2="%d">`, idMark, ground-top, ground-200)
	for _, s := range []struct {
		h      float64
		colour string
		alpha  float64
	}{
		{top, "fff", .42}, {d.belt[1] + 60, "fff", .12}, {d.belt[0] - 20, "fff", shoulder * .7}, {d.belt[0] - 75, "fff", .08 + .1*m},
		{d.crease[1] + 35, "000", .05 + .05*m}, {d.crease[1] - 15, "fff", .2 + .1*m}, {d.crease[0] - 90, "000", .1},
		{560, "000", .3}, {430, "000", .2}, {200, "000", .6},
	} {
		d.add(`<stop offset="%s" stop-color="#%s" stop-opacity="%s"/>`, num(place(s.h)), s.colour, num(s.alpha))
	}
	d.add(`</linearGradient>`)
}

// endLight darkens nose and tail and lays two broad reflections along the flank. Metal flake makes them
// stronger; pearl breaks the light into a warm and a cool one.
func (d *sketchpad) endLight() {
	m, warm, cool := d.spec.Paint.Finish.depth(), "#fff", "#fff"
	if d.spec.Paint.Finish == Pearl {
		warm, cool = "#ffe3c4", "#cfe2ff"
	}
	d.add(`<linearGradient id="%s-e" gradientUnits="userSpaceOnUse" x1="%.0f" x2="%.0f" y1="0" y2="0">`, idMark, d.off, d.off+d.length)
	d.add(`<stop stop-opacity=".42"/><stop offset=".07" stop-opacity=".08"/>`+
		`<stop offset=".2" stop-color="%s" stop-opacity="%s"/><stop offset=".42" stop-color="%s" stop-opacity="0"/>`+
		`<stop offset=".74" stop-color="%s" stop-opacity="%s"/><stop offset=".93" stop-opacity=".12"/><stop offset="1" stop-opacity=".5"/></linearGradient>`,
		warm, num(.06+.2*m), warm, cool, num(.05+.15*m))
}

// shadow is one soft pool of shade and, where the tyres touch the road, two hard ones.
func (d *sketchpad) shadow() {
	d.add(`<ellipse cx="%d" cy="%d" rx="%.0f" ry="76" fill="url(#%s-s)"/>`, width/2, ground+8, d.length*.53, idMark)
	for _, x := range d.axles {
		d.add(`<ellipse cx="%.0f" cy="%d" rx="%.0f" ry="26" fill-opacity=".5"/>`, d.off+x, ground+2, d.tyre*.72)
	}
}
