package carart

// wheels draws the front wheel and uses it again at the rear.
func (d *sketchpad) wheels() {
	d.wheel(` transform="` + d.upright(d.axles[0]) + `"`)
	d.add(`<use href="#%s-w" x="%.0f"/>`, idMark, d.axles[1]-d.axles[0])
}

// wheel draws one, around its hub.
func (d *sketchpad) wheel(place string) {
	r := d.tyre
	d.add(`<g id="%s-w"%s>`, idMark, place)
	d.add(`<circle r="%.0f" fill="#17191b"/><circle r="%.0f" fill="none" stroke="#383c40" stroke-width="8"/>`, r, r*.93)
	d.add(`<circle r="%.0f" fill="#0a0b0c"/><circle r="%.0f" fill="none" stroke="#4a4f55" stroke-width="%.0f"/>`, r*.76, r*.4, r*.2)
	rim := r * .7
	d.rim(rim)
	d.add(`<circle r="%.0f" fill="none" stroke="url(#%s-r)" stroke-width="13"/><circle r="%.0f" fill="#3b4045"/></g>`, rim*.985, idMark, rim*.1)
}

// A design is one spoke, pointing up, in hundredths of the rim's radius; it is repeated around the hub.
type design struct {
	spokes int
	face   string // bright metal
	shade  string // dark over the face: the side of the spoke that the light misses
	back   string // fill of the disc behind, or none
	hub    float64
}

var designs = map[Wheel]design{
	Steel:   {spokes: 9, shade: "M-11-82Q0-90 11-82L7-56Q0-52-7-56Z", back: "metal", hub: 20},
	Aero:    {spokes: 6, face: "M-30-90Q8-102 42-86L10-20L-10-20Z", back: "#24282c", hub: 30},
	Multi:   {spokes: 10, face: "M-5-18L-10-95L10-95L5-18Z", shade: "M2-18L5-18L10-95L4-95Z", hub: 26},
	Y5:      {spokes: 5, face: "M-13-15L-11-45L-33-93L-17-97L0-60L17-97L33-93L11-45L13-15Z", shade: "M0-15L13-15L11-45L33-93L25-95L0-50Z", hub: 24},
	Turbine: {spokes: 9, face: "M-9-16C-20-48-8-76 14-95L31-90C12-72 2-48 6-16Z", shade: "M0-16C-3-48 6-74 24-92L31-90C12-72 2-48 6-16Z", hub: 24},
	Blade:   {spokes: 5, face: "M-12-12L-28-94A98 98 0 0 1 8-97L13-12Z", shade: "M-12-12L-28-94A98 98 0 0 1-17-96L0-12Z", back: "#1c1f22", hub: 22},
}

func (d *sketchpad) rim(r float64) {
	w := designs[d.spec.Wheels]
	d.add(`<g transform="scale(%s)">`, num(r/100))
	switch w.back {
	case "":
	case "metal":
		d.add(`<circle r="97" fill="url(#%s-r)"/>`, idMark)
	default:
		d.add(`<circle r="97" fill="%s"/>`, w.back)
	}
	d.add(`<g id="%s-y">`, idMark)
	if w.face != "" {
		d.add(`<path d="%s" fill="url(#%s-r)"/><path d="%s" fill-opacity=".3"/>`, w.face, idMark, w.shade)
	} else {
		d.add(`<path d="%s" fill="#1b1d20"/>`, w.shade)
	}
	d.out.WriteString(`</g>`)
	for i := 1; i < w.spokes; i++ {
		d.add(`<use href="#%s-y" transform="rotate(%s)"/>`, idMark, num(360/float64(w.spokes)*float64(i)))
	}
	if d.spec.Wheels == Steel {
		d.add(`<circle r="42" fill="none" stroke="#fff" stroke-opacity=".35" stroke-width="2"/><circle r="20" fill="#8d949a"/></g>`)
		return
	}
	d.add(`<circle r="%.0f" fill="url(#%s-r)"/><circle r="%.0f" fill="none" stroke-opacity=".3" stroke="#000"/></g>`, w.hub, idMark, w.hub*.62)
}
