package carart

// aboveWaist is what a second colour covers: posts and roof.
func (d *sketchpad) aboveWaist() string {
	d.to = d.solid.onScreen
	pts := []pt{d.xy(at(-1.04, -.02)), d.xy(at(1.0, -.02))}
	d.to = d.solid.onSide
	for i := range 9 {
		x := d.cowl + 150 + (d.length-d.cowl-350)*float64(i)/8
		pts = append(pts, d.xy(at(x, d.waist(x)+70*float64(i)/8)))
	}
	end, start := pts[len(pts)-1], pts[0]
	pts = append(pts, pt{x: end.x + 400, h: end.h}, pt{x: end.x + 400, h: d.sky()}, pt{x: start.x, h: d.sky()})
	return polygon(pts)
}

// noseAndFlank are the two halves of the lower body, parted where the corner turns.
func (d *sketchpad) noseAndFlank() (nose, flank string) {
	var edge, crest []pt
	d.to = d.solid.onFront
	s := d.half * 1.06
	lip := d.onFace(at(0, 1)).h
	for i := range 9 {
		edge = append(edge, d.xy(at(s, d.foot+5+(lip-d.foot)*float64(i)/8)))
	}
	var brow []pt
	for i := range 9 {
		brow = append(brow, d.xy(at(s-2*s*float64(i)/8, lip)))
	}
	nose = polygon(append(append(append([]pt{}, edge...), brow...), pt{h: brow[len(brow)-1].h}, pt{h: edge[0].h + 200}, pt{x: edge[0].x, h: edge[0].h + 200}))
	crest = append(crest, d.bonnetEdge(d.half * .8)[1:]...)
	d.to = d.solid.onScreen
	for i := range 5 {
		crest = append(crest, d.xy(at(1, float64(i)/4)))
	}
	d.to = d.solid.onRoof
	for i := range 9 {
		crest = append(crest, d.xy(at(d.head+60+(d.roof[1]+40-d.head)*float64(i)/8, .97)))
	}
	end := crest[len(crest)-1]
	flank = polygon(append(append(append([]pt{}, edge...), crest...), pt{x: end.x + 900, h: end.h - 300}, pt{x: end.x + 900, h: edge[0].h + 200}, pt{x: edge[0].x, h: edge[0].h + 200}))
	return nose, flank
}

// bonnetEdge is where the bonnet ends, z aside of its middle, from nose to cowl.
func (d *sketchpad) bonnetEdge(z float64) (out []pt) {
	d.to = d.solid.onBonnet
	lip := d.leanAt(d.onFace(at(0, .9)).h)
	for i := range 7 {
		x := lip + .8*d.bow(z) + (d.cowl-20-lip-.4*d.bow(z))*float64(i)/6
		out = append(out, d.xy(at(x, z*(1-.02*float64(i)))))
	}
	return out
}

// topLight is the sky on bonnet and roof, and the shut line around the bonnet.
func (d *sketchpad) topLight() {
	d.to = d.solid.onBonnet
	w, lip := d.half*.8, d.leanAt(d.onFace(at(0, .9)).h)
	near, far := d.bonnetEdge(w), d.bonnetEdge(-w)
	d.to = d.solid.onBonnet
	ring := append([]pt{}, near...)
	for i := len(far) - 1; i >= 0; i-- {
		ring = append(ring, far[i])
	}
	d.add(`<path d="%s" fill="url(#%s-h)"/>`, polygon(ring), idMark)
	fold := func(z float64) string {
		return d.line(at(lip+140, z), at(lip+350, z*1.06), at(d.cowl-40, z*1.25))
	}
	d.add(`<path d="%s" fill="none" stroke="#fff" stroke-opacity=".3" stroke-width="16"/>`, fold(w*.55)+fold(-w*.55))
	open := &trace{to: flat}
	open.line(thin(near, 2)).line(thin(far, 2))
	d.add(`<path d="%s" fill="none" stroke="#000" stroke-opacity=".36" stroke-width="8"/>`, open.buf)
	d.to = d.solid.onRoof
	var roof []pt
	for i := range 9 {
		roof = append(roof, d.xy(at(d.head+60+(d.roof[1]-d.head)*float64(i)/8, .96)))
	}
	for i := range 9 {
		roof = append(roof, d.xy(at(d.roof[1]+60-(d.roof[1]-d.head)*float64(i)/8, -.96)))
	}
	d.add(`<path d="%s" fill="url(#%s-h)"/>`, polygon(roof), idMark)
}

func (d *sketchpad) windscreen() {
	d.to = d.solid.onScreen
	patch := func(aside, low, high float64) string {
		var pts []pt
		for i := range 7 {
			pts = append(pts, d.xy(at(aside*(float64(i)/3-1), low)))
		}
		for i := range 7 {
			pts = append(pts, d.xy(at((aside-.02)*(1-float64(i)/3), high)))
		}
		return polygon(pts)
	}
	d.add(`<path d="%s" fill="#0b0d0e"/><path d="%s" fill="url(#%s-g)"/>`, patch(.95, -.03, .99), patch(.9, .06, .93), idMark)
	d.add(`<path d="%s" fill="#0b0d0e" fill-opacity=".5"/>`, d.patch(round(.3, .08, .05), round(.33, .5, .1), round(.62, .5, .1), round(.7, .08, .05))+d.patch(round(-.62, .08, .05), round(-.6, .5, .1), round(-.3, .5, .1), round(-.28, .08, .05)))
	d.add(`<path d="%s" fill="#fff" fill-opacity=".12"/>`, d.line(at(-.75, .06), at(-.2, .93), at(.12, .93), at(-.45, .06))+"Z"+d.line(at(-.3, .06), at(.24, .93), at(.3, .93), at(-.22, .06))+"Z")
	d.add(`<path d="%s" fill="none" stroke="#050606" stroke-width="13" stroke-linecap="round"/>`, d.line(at(.06, .02), at(.72, .09))+d.line(at(-.66, .02), at(.02, .09)))
}

func (d *sketchpad) rearLamp() {
	d.add(`<path d="%s" fill="#8e0f1b"/>`, d.rounded(d.tail, 22))
}

// quarterCladding is the plastic around nose and sills.
func (d *sketchpad) quarterCladding() {
	f, r, w, sill, n := d.axles[0], d.axles[1], d.tyre, d.sill, d.length
	high, arch, rear := d.foot+70, d.foot+100, sill+60
	if d.clad > 0 {
		high, arch, rear = sill+110, sill+80, sill+170
	}
	end := d.run[60]
	d.to = d.solid.onFront
	var skirt []pt
	for i := range 13 {
		skirt = append(skirt, d.xy(at(-end+2*end*float64(i)/12, high)))
	}
	left, right := skirt[0], skirt[len(skirt)-1]
	d.to = d.solid.onSide
	for _, p := range []pt{at(f-w, arch), at(f, sill), at(r, sill+10), at(r+w, sill+90), at(n-380, rear)} {
		skirt = append(skirt, d.xy(p))
	}
	tail := skirt[len(skirt)-1]
	skirt = append(skirt, pt{x: tail.x + 500, h: tail.h - 60}, pt{x: tail.x + 500, h: right.h + 400}, pt{h: right.h + 400}, pt{h: left.h})
	d.add(`<path d="%s" fill="url(#%s-k)"/>`, polygon(skirt), idMark)
	if d.clad >= 1 {
		d.add(`<path d="%s" fill="none" stroke="#c3c8cb" stroke-width="15"/>`, d.line(at(f+w+120, sill-45), at(r-w-120, sill-35)))
	}
}

func (d *sketchpad) quarterTrim() {
	d.to = d.solid.onSide
	switch d.spec.Trim {
	case Rugged:
		d.stripe(copper)
	case Chrome:
		d.stripe("#d5d9dc")
	case Sport:
		d.stripe("#101315")
		x := d.roof[1]
		d.to = d.solid.onRoof
		d.add(`<path d="%s" fill="#101315"/>`, d.line(at(x-190, -1), at(x-190, 1), at(x+60, 1), at(x+60, -1)))
	}
	d.to = d.solid.onSide
}
