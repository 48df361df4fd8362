package carart

import "strings"

// front is what a shape's side does not tell: its width and its face.
type front struct {
	width  float64
	depth  float64 // how far the corners of the nose lie back
	square float64 // how square they are: 2 is an ellipse
	tumble float64 // how far the windows lean in, per mm of height
	look   *look
}

// look is a design of lamps and grille. x is a part of the half width, along the skin from the middle of the
// nose; h counts in lamps, from the lamp's lower edge (0) to its upper edge (1), so that a taller nose lifts
// the whole face.
type look struct {
	lamp   []pt
	glow   [][]pt  // lines of light
	eyes   []pt    // beams
	grille []pt    // half an outline; its mirror image closes it
	mouth  []pt    // half an outline: the air intake
	bars   int     // lines across the grille
	frame  bool    // a bright line around the grille
	plate  float64 // h of the number plate
	pods   []pt    // fog lamps' dark corners
}

// rugged is broad and dark from lamp to lamp.
var rugged = look{
	lamp:   []pt{{x: .53, h: .02}, {x: .55, h: .92}, {x: 1.2, h: 1}, {x: 1.24, h: .42}, {x: 1.06, h: -.02}},
	glow:   [][]pt{{{x: .6, h: .52}, {x: .9, h: .5}, {x: 1.14, h: .82}}, {{x: .9, h: .5}, {x: 1.1, h: .2}}},
	eyes:   []pt{{x: .7, h: .25}},
	grille: []pt{{x: 0, h: .8}, {x: .53, h: .9}, {x: .53, h: .04}, {x: .42, h: -.3}, {x: 0, h: -.36}},
	mouth:  []pt{{x: 0, h: -1.35}, {x: .6, h: -1.3}, {x: .74, h: -1.75}, {x: .62, h: -2.35}, {x: 0, h: -2.4}},
	pods:   []pt{{x: .86, h: -1.2}, {x: 1.06, h: -1.1}, {x: 1.08, h: -1.7}, {x: .9, h: -1.9}},
	bars:   2, plate: -.95,
}

// keen has slim lamps and a light that runs down the bumper.
var keen = look{
	lamp:   []pt{{x: .5, h: .4}, {x: .46, h: .86}, {x: 1.2, h: 1.02}, {x: 1.22, h: .55}, {x: .95, h: .2}},
	glow:   [][]pt{{{x: .98, h: .16}, {x: 1.04, h: -.4}, {x: .94, h: -1}}, {{x: .55, h: .62}, {x: .86, h: .66}, {x: 1.14, h: .85}}},
	eyes:   []pt{{x: .72, h: .46}, {x: .9, h: .5}},
	grille: []pt{{x: 0, h: .74}, {x: .46, h: .82}, {x: .52, h: .3}, {x: .4, h: -.75}, {x: 0, h: -.9}},
	mouth:  []pt{{x: 0, h: -1.6}, {x: .6, h: -1.55}, {x: .72, h: -2.2}, {x: .55, h: -2.55}, {x: 0, h: -2.6}},
	bars:   4, plate: -1.2,
}

// calm needs no air: a closed nose with lamps joined by one line.
var calm = look{
	lamp:  []pt{{x: .44, h: .5}, {x: .42, h: .86}, {x: 1.2, h: 1}, {x: 1.22, h: .5}, {x: .92, h: .28}},
	glow:  [][]pt{{{x: .5, h: .66}, {x: .86, h: .66}, {x: 1.14, h: .84}}, {{x: .84, h: .2}, {x: 1, h: -.5}, {x: .96, h: -1.2}}},
	eyes:  []pt{{x: .66, h: .52}, {x: .84, h: .54}},
	mouth: []pt{{x: 0, h: -1.1}, {x: .58, h: -1.05}, {x: .84, h: -1.9}, {x: .66, h: -2.45}, {x: 0, h: -2.5}},
	bars:  0, plate: -.55,
}

// stately is a saloon's: bright bars in a bright frame.
var stately = look{
	lamp:   []pt{{x: .48, h: .12}, {x: .48, h: .86}, {x: 1.18, h: 1}, {x: 1.2, h: .5}, {x: .9, h: .04}},
	glow:   [][]pt{{{x: .54, h: .34}, {x: .9, h: .3}, {x: 1.12, h: .8}}},
	eyes:   []pt{{x: .66, h: .58}, {x: .84, h: .62}},
	grille: []pt{{x: 0, h: .8}, {x: .42, h: .84}, {x: .4, h: -.3}, {x: .26, h: -.95}, {x: 0, h: -1}},
	mouth:  []pt{{x: 0, h: -1.7}, {x: .55, h: -1.7}, {x: .8, h: -1.6}, {x: .78, h: -2.1}, {x: .5, h: -2.5}, {x: 0, h: -2.5}},
	bars:   5, frame: true, plate: -1.3,
}

// onFace turns a point of a look into one of the front's skin.
func (d *sketchpad) onFace(p pt) pt {
	low, high := d.lamp[0].h, d.lamp[0].h
	for _, q := range d.lamp {
		low, high = min(low, q.h), max(high, q.h)
	}
	return pt{x: p.x * d.half, h: low + (high-low)*p.h, r: p.r}
}

// facing is a closed patch of the face. It follows the skin: long edges are cut into short ones.
func (d *sketchpad) facing(pts []pt, r float64) string {
	var cut []pt
	for i, p := range pts {
		q := pts[(i+1)%len(pts)]
		n := 1 + int(max(p.x-q.x, q.x-p.x)/.3)
		for k := range n {
			m := d.onFace(between(p, q, float64(k)/float64(n)))
			if k == 0 {
				m.r = r
			}
			cut = append(cut, m)
		}
	}
	return d.loop(outline(cut))
}

func mirrored(pts []pt) []pt {
	out := make([]pt, len(pts))
	for i, p := range pts {
		out[len(pts)-1-i] = pt{x: -p.x, h: p.h, r: p.r}
	}
	return out
}

// whole closes half an outline by its mirror image.
func whole(half []pt) []pt {
	out := append([]pt{}, half[1:len(half)-1]...)
	return append(out, mirrored(half[1:len(half)-1])...)
}

// face draws what is in the nose: grille, intake, plate, lamps.
func (d *sketchpad) face() {
	l := d.front.look
	d.to = d.solid.onFront
	d.add(`<path d="%s" fill="#0d0f11"/>`, d.facing(whole(l.mouth), 60))
	d.louvres(l.mouth, 2)
	if l.pods != nil {
		d.add(`<path d="%s" fill="#15181a"/>`, d.facing(l.pods, 30)+d.facing(mirrored(l.pods), 30))
	}
	if l.grille != nil {
		d.add(`<path d="%s" fill="#101315"/>`, d.facing(whole(l.grille), 36))
		d.louvres(l.grille, l.bars)
		if l.frame || d.spec.Trim == Chrome {
			d.add(`<path d="%s" fill="none" stroke="url(#%s-r)" stroke-width="14"/>`, d.facing(whole(l.grille), 36), idMark)
		}
	}
	w := 260 / d.half
	d.add(`<path d="%s" fill="#e8eaea" stroke="#8b9094" stroke-width="5"/>`, d.facing([]pt{at(-w, l.plate-.34), at(-w, l.plate+.34), at(w, l.plate+.34), at(w, l.plate-.34)}, 12))
	for _, side := range [][]pt{mirrored(l.lamp), l.lamp} {
		d.add(`<path d="%s" fill="#0f1214" stroke="#000" stroke-opacity=".5" stroke-width="8"/>`, d.facing(side, 26))
	}
	d.lights(l)
	d.noseTrim()
}

// louvres are the lines across an opening.
func (d *sketchpad) louvres(half []pt, n int) {
	var s strings.Builder
	top, low := half[0].h, half[len(half)-1].h
	for i := range n {
		h := top + (low-top)*float64(i+1)/float64(n+1)
		w := 0.0
		for k := 1; k < len(half); k++ {
			a, b := half[k-1], half[k]
			if (a.h-h)*(b.h-h) <= 0 && a.h != b.h {
				w = max(w, a.x+(b.x-a.x)*(h-a.h)/(b.h-a.h))
			}
		}
		s.WriteString(d.along(-w*.95, w*.95, h))
	}
	if n > 0 {
		d.add(`<path d="%s" fill="none" stroke="#4b5157" stroke-width="11"/>`, s.String())
	}
}

// along is a line across the face at one height.
func (d *sketchpad) along(from, to, h float64) string {
	mid := d.xy(d.onFace(at((from+to)/2, h)))
	a, z := d.xy(d.onFace(at(from, h))), d.xy(d.onFace(at(to, h)))
	bend := pt{x: 2*mid.x - (a.x+z.x)/2, h: 2*mid.h - (a.h+z.h)/2}
	return string((&trace{to: flat}).move(a).steps('q', bend, z).buf)
}

func (d *sketchpad) lights(l *look) {
	var glow, eyes strings.Builder
	for _, g := range l.glow {
		for _, side := range [][]pt{mirrored(g), g} {
			pts := make([]pt, len(side))
			for i, p := range side {
				pts[i] = d.onFace(p)
			}
			glow.WriteString(d.line(pts...))
		}
	}
	for _, e := range l.eyes {
		for _, x := range []float64{-e.x, e.x} {
			p := d.onFace(at(x, e.h))
			eyes.WriteString(d.line(p, at(p.x+1, p.h)))
		}
	}
	d.add(`<path d="%s" stroke="#cfe0ea" stroke-width="52" stroke-linecap="round"/>`, eyes.String())
	d.add(`<path d="%s" fill="none" stroke="#f4fbff" stroke-width="17" stroke-linecap="round" stroke-linejoin="round"/>`, glow.String())
}
