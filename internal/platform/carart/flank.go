package carart

import "fmt"

// paintwork is everything inside the silhouette: colour, light, pressed lines, plastic and wheel arches.
func (d *sketchpad) paintwork() {
	f, r := d.axles[0], d.axles[1]
	d.add(`<path d="%s" fill="#0d0f10"/>`, d.line(at(f, 190), at(r, 190), at(r, 420), at(f, 420)))
	d.add(`<use href="#%[1]s-n" fill="%[2]s" stroke="#000" stroke-opacity=".22" stroke-width="9"/><g clip-path="url(#%[1]s-b)">`, idMark, d.spec.Paint.Hex)
	if d.spec.TwoTone {
		n, belt := d.length, d.belt
		d.add(`<path d="%s" fill="%s"/>`, d.line(at(.23*n, belt[0]-10), at(.28*n, belt[0]-12), at(n-520, belt[1]+60), at(n-300, belt[1]+80), at(n, d.top()+200), at(900, d.top()+200)), d.spec.RoofHex)
	}
	d.add(`<use href="#%[1]s-n" fill="url(#%[1]s-p)"/><use href="#%[1]s-n" fill="url(#%[1]s-e)"/>`, idMark)
	d.pressings()
	d.cladding()
	d.sideTrim()
	d.arches()
	d.grille()
	d.add(`</g>`)
}

func (d *sketchpad) pressings() {
	n, c, f, r, w := d.length, d.crease, d.axles[0], d.axles[1], d.tyre
	shine := ".55"
	if d.dark {
		shine = ".35"
	}
	d.add(`<path d="%s" fill="none" stroke="#fff" stroke-opacity="%s" stroke-width="12" stroke-linecap="round"/>`, d.quad(at(300, c[0]+70), at(n*.45, c[1]+70), at(n-420, c[1]+50)), shine)
	d.add(`<path d="%s" fill="none" stroke="#000" stroke-opacity=".22" stroke-width="15"/>`, d.quad(at(320, c[0]+54), at(n*.45, c[1]+54), at(n-440, c[1]+34)))
	d.add(`<path d="%s" fill="none" stroke="#fff" stroke-opacity=".13" stroke-width="30" stroke-linecap="round"/>`, d.quad(at(f+w+190, 560), at((f+r)/2, 500), at(r-w-190, 585)))
}

func (d *sketchpad) cladding() {
	n, f, r, w, sill := d.length, d.axles[0], d.axles[1], d.tyre, d.sill
	front, rear := 330.0, sill+60
	if d.clad > 0 {
		front, rear = sill+150, sill+170
	}
	d.add(`<path d="%s" fill="url(#%s-k)"/>`, d.line(at(-50, 150), at(-50, front), at(f-w, sill+80), at(f, sill), at(r, sill+10), at(r+w, sill+90), at(n+50, rear), at(n+50, 150)), idMark)
	if d.clad < 1 {
		return
	}
	d.add(`<path d="%s" fill="none" stroke="#c3c8cb" stroke-width="15"/>`, d.line(at(f+w+120, sill-45), at(r-w-120, sill-35)))
}

func (d *sketchpad) arches() {
	d.add(`<defs><g id="%s-a">`, idMark)
	switch {
	case d.clad >= 1:
		d.add(`<circle r="%.0f" fill="#2b2f32"/>`, d.tyre+118)
	case d.clad > 0:
		d.add(`<circle r="%.0f" fill="#2b2f32"/>`, d.tyre+84)
	default:
		d.add(`<circle r="%.0f" fill="none" stroke="#fff" stroke-opacity=".28" stroke-width="8"/>`, d.tyre+58)
	}
	d.add(`<circle r="%.0f" fill="#0a0b0c"/></g></defs>`, d.tyre+46)
	for _, x := range d.axles {
		d.add(`<use href="#%s-a" transform="%s"/>`, idMark, d.upright(x))
	}
}

// upright puts what is drawn around a wheel's hub into the picture.
func (d *sketchpad) upright(x float64) string {
	if d.solid == nil {
		return fmt.Sprintf("translate(%.0f %.0f)", d.off+x, ground-d.tyre)
	}
	return d.matrix(x, d.half-24)
}

func (d *sketchpad) grille() {
	nose, under := d.shape.body[2], d.lamp[5]
	d.add(`<path d="%s" fill="#121517" fill-opacity=".9"/>`, d.line(at(-20, nose.h-60), at(74, nose.h-40), at(92, under.h-40), at(-20, under.h-10)))
}

// seams are the shut lines of doors, bonnet and cargo panels.
func (d *sketchpad) seams() {
	a, b, c := d.doors[0], d.doors[1], d.doors[2]
	belt := func(x float64) float64 { return d.belt[0] - 30 + (d.belt[1]-d.belt[0])*(x-a)/(c-a) }
	arch := d.axles[1] - d.tyre
	s := d.cubic(at(a, belt(a)), at(a-45, 820), at(a-20, 620), at(a+20, d.sill)) +
		d.line(at(b, belt(b)), at(b+6, d.sill)) +
		d.cubic(at(c+30, belt(c)+10), at(c+40, 880), at(arch-30, 760), at(arch-130, d.sill))
	if d.blind {
		top, n := d.top(), d.length
		s += d.line(at(b, top-70), at(b, belt(b))) + d.line(at(c-20, top-90), at(c-20, 900)) + d.line(at(b+60, 1145), at(n-330, 1145)) +
			d.patch(round(b+110, 1230, 60), round(b+110, 1690, 60), round(c-90, 1690, 60), round(c-90, 1230, 60)) +
			d.patch(round(c+80, 1230, 60), round(c+80, 1690, 60), round(n-330, 1680, 60), round(n-290, 1230, 60))
	}
	if d.solid == nil { // from the front the whole bonnet is seen, and drawn as such
		front, _ := d.screens()
		s += d.quad(at(470, d.lamp[2].h+10), at(760, d.belt[0]-52), at(d.shape.body[front].x+60, d.belt[0]-20))
	}
	d.add(`<path d="%s" fill="none" stroke="#000" stroke-opacity=".4" stroke-width="8.5"/>`, s)
}

func (d *sketchpad) handles() {
	fill := d.spec.Paint.Hex
	if d.dark {
		fill = "#2b3036"
	}
	bars := func(over, in float64) string {
		h, s := d.crease[1]+118+over, ""
		for _, x := range []float64{d.doors[1] - 250, d.doors[2] - 230} {
			s += d.line(at(x+in, h), at(x+165-in, h))
		}
		return s
	}
	d.add(`<g fill="none" stroke-linecap="round"><path d="%s" stroke="%s" stroke-width="33"/><path d="%s" stroke="#fff" stroke-opacity=".5" stroke-width="9"/><path d="%s" stroke="#000" stroke-opacity=".35" stroke-width="12"/></g>`,
		bars(-16, 16), fill, bars(-5, 12), bars(-33, 10))
}
