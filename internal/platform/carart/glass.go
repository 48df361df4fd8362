package carart

// screensEdge shows wind screen and rear screen as one sees them from the side: a dark edge in the outline.
func (d *sketchpad) screensEdge() {
	front, rear := d.screens()
	b := d.shape.body
	p, q := b[front], b[front+1]
	d.add(`<g clip-path="url(#%s-b)" fill="none" stroke="#1b2024"><path d="%s" stroke-width="75"/>`, idMark,
		d.quad(at(p.x+40, p.h+30), at((p.x+q.x)/2-26, (p.h+q.h)/2+42), at(q.x-40, q.h-6)))
	if !d.blind {
		p, q = b[rear], b[rear+1]
		d.add(`<path d="%s" stroke-width="60"/>`, d.line(at(p.x+40, p.h-50), at(q.x+6, q.h+40)))
	}
	d.add(`</g>`)
}

func (d *sketchpad) windows() {
	if d.spec.Trim == Chrome {
		d.add(`<use href="#%s-m" fill="none" stroke="#dfe3e5" stroke-width="58"/>`, idMark)
	}
	d.add(`<use href="#%[1]s-m" fill="#0b0d0e" stroke="#0b0d0e" stroke-width="35" stroke-linejoin="round"/><use href="#%[1]s-m" fill="url(#%[1]s-g)"/>`, idMark)
	d.add(`<g clip-path="url(#%s-d)">`, idMark)
	d.cabin()
	top, low, door := d.top(), d.belt[0]-60, d.doors[1]
	d.add(`<path d="%s" fill="#fff" fill-opacity=".13"/>`, d.line(at(door-640, low), at(door-180, top), at(door-20, top), at(door-480, low)))
	d.add(`<path d="%s" fill="#fff" fill-opacity=".09"/>`, d.line(at(door+330, low), at(door+720, top), at(door+800, top), at(door+410, low)))
	painted := d.pillars()
	d.add(`<path d="%s" stroke="#0b0d0e" stroke-width="25"/></g>`, d.line(at(d.vent, d.belt[0]-80), at(d.vent-10, top)))
	if painted != "" { // same colour under the same light as the body, so that it melts into roof and flank
		d.add(`<path d="%[1]s" fill="%[2]s"/><path d="%[1]s" fill="url(#%[3]s-p)"/><path d="%[1]s" fill="url(#%[3]s-e)"/>`, painted, d.spec.Paint.Hex, idMark)
	}
	g := d.glass
	d.add(`<path d="%s" fill="none" stroke="#fff" stroke-opacity=".28" stroke-width="8"/>`, d.quad(at(g[0].x+20, d.belt[0]-26), at(d.length*.5, d.belt[0]+4), at(g[len(g)-1].x, g[len(g)-1].h-26)))
}

// cabin hints at seats and a steering wheel behind the glass.
func (d *sketchpad) cabin() {
	low, door := d.belt[0]-40, d.doors[1]
	seats := []float64{door - 120}
	if !d.blind {
		seats = append(seats, (door+d.doors[2])/2+380)
	}
	s := ""
	for _, x := range seats {
		s += d.patch(round(x, low, 20), round(x+30, low+255, 50), round(x+150, low+255, 50), round(x+170, low, 20))
	}
	d.add(`<path d="%s" fill="#0b0d0e" fill-opacity=".55"/>`, s)
	d.add(`<path d="%s" stroke="#0b0d0e" stroke-opacity=".6" stroke-width="26" stroke-linecap="round"/>`, d.line(at(door-560, low), at(door-480, low+165)))
}

// pillars draws the dark posts and answers the outline of the painted ones.
func (d *sketchpad) pillars() (painted string) {
	for _, p := range d.posts {
		post := func(low, high float64) string {
			return d.line(at(p.from, low), at(p.to, low), at(p.to-p.lean, high), at(p.from-p.lean, high)) + "Z"
		}
		d.add(`<path d="%s" fill="#0b0d0e"/>`, post(d.belt[0]-100, d.top()))
		if p.to-p.from > 90 && !d.spec.TwoTone {
			painted += post(d.belt[0]+10, d.top()-74)
		}
	}
	return painted
}

func (d *sketchpad) mirror() {
	x, h := d.glass[0].x+130, d.belt[0]+10
	fill := d.mirrorPaint()
	d.add(`<path d="%s" fill="%s"/>`, d.patch(round(x-90, h, 30), round(x-70, h+105, 40), round(x+70, h+115, 40), round(x+95, h+20, 30), round(x+30, h-14, 20)), fill)
	d.add(`<path d="%s" fill-opacity=".3"/>`, d.patch(round(x-90, h, 30), round(x-84, h+44, 12), round(x+92, h+44, 12), round(x+95, h+16, 30), round(x+30, h-14, 20)))
	d.add(`<path d="%s" fill="none" stroke="#fff" stroke-opacity=".35" stroke-width="9" stroke-linecap="round"/>`, d.quad(at(x-60, h+88), at(x, h+104), at(x+58, h+98)))
}

func (d *sketchpad) lamps() {
	l, t := d.lamp, d.tail
	d.add(`<path d="%s" fill="#101315"/>`, d.rounded(l, 26))
	d.add(`<path d="%s" fill="none" stroke="#f4fbff" stroke-width="25" stroke-linecap="round" stroke-linejoin="round"/>`, d.line(between(l[0], l[5], .4), between(l[1], l[4], .45), between(l[2], l[3], .5)))
	eye := between(l[2], l[4], .52)
	d.add(`<circle cx="%.0f" cy="%.0f" r="25" fill="#cfe0ea"/>`, d.off+eye.x, ground-eye.h)
	last := len(t) - 1
	d.add(`<g clip-path="url(#%s-b)"><path d="%s" fill="#8e0f1b"/><path d="%s" fill="none" stroke="#ff5a52" stroke-width="16" stroke-linecap="round"/></g>`,
		idMark, d.rounded(t, 22), d.line(between(t[0], t[last], .35), between(t[1], t[last-1], .35)))
}

func (d *sketchpad) rounded(pts []pt, r float64) string {
	out := make([]pt, len(pts))
	for i, p := range pts {
		p.r = r
		out[i] = p
	}
	return d.loop(outline(out))
}
