package raster

import (
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"strconv"
	"strings"
)

// Drawing is a parsed drawing.
type Drawing struct {
	Box  [4]float64 // viewBox: x, y, width, height
	root *node
	ids  map[string]*node
}

type node struct {
	name string
	attr map[string]string
	kids []*node
}

// Parse reads a drawing.
func Parse(svg string) (*Drawing, error) {
	d := &Drawing{ids: map[string]*node{}}
	dec := xml.NewDecoder(strings.NewReader(svg))
	var open []*node
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("raster: %w", err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local, attr: map[string]string{}}
			for _, a := range t.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			if id := n.attr["id"]; id != "" {
				d.ids[id] = n
			}
			if len(open) == 0 {
				d.root = n
			} else {
				up := open[len(open)-1]
				up.kids = append(up.kids, n)
			}
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	if d.root == nil || d.root.name != "svg" {
		return nil, errors.New("raster: no drawing")
	}
	for i, f := range strings.Fields(d.root.attr["viewBox"]) {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil || i > 3 {
			return nil, fmt.Errorf("raster: viewBox %q", d.root.attr["viewBox"])
		}
		d.Box[i] = v
	}
	if d.Box[2] <= 0 || d.Box[3] <= 0 {
		return nil, errors.New("raster: a drawing without a size")
	}
	return d, nil
}

// Paint draws onto dst so that the drawing's box begins at x, y and is width pixels wide.
func (d *Drawing) Paint(dst *image.RGBA, x, y, width float64) error {
	k := width / d.Box[2]
	p := &painter{d: d, dst: dst}
	base := style{fill: "#000", fillA: 1, stroke: "none", strokeA: 1, width: 1}
	for _, kid := range d.root.kids {
		p.node(kid, matrix{k, 0, 0, k, x - d.Box[0]*k, y - d.Box[1]*k}, base, nil)
	}
	return p.err
}

// style is what elements inherit.
type style struct {
	fill, stroke   string
	fillA, strokeA float64
	width          float64
	cap, join      string
}

type painter struct {
	d   *Drawing
	dst *image.RGBA
	err error
}

func (p *painter) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("raster: "+format, args...)
	}
}

func (p *painter) node(n *node, m matrix, s style, clip *image.Alpha) {
	if p.err != nil {
		return
	}
	if n.name == "defs" {
		return
	}
	m, s, clip = p.enter(n, m, s, clip)
	switch n.name {
	case "g":
		for _, kid := range n.kids {
			p.node(kid, m, s, clip)
		}
	case "use":
		of := p.d.ids[strings.TrimPrefix(n.attr["href"], "#")]
		if of == nil {
			p.fail("no element %q", n.attr["href"])
			return
		}
		m = m.then(matrix{1, 0, 0, 1, p.number(n, "x"), p.number(n, "y")})
		p.node(of, m, s, clip)
	case "path", "circle", "ellipse":
		p.shape(p.outline(n), m, s, clip)
	default:
		p.fail("element %q", n.name)
	}
}

// enter applies what an element says of itself and of all in it.
func (p *painter) enter(n *node, m matrix, s style, clip *image.Alpha) (matrix, style, *image.Alpha) {
	for name, v := range n.attr {
		switch name {
		case "fill":
			s.fill = v
		case "stroke":
			s.stroke = v
		case "fill-opacity":
			s.fillA = p.parse(v)
		case "stroke-opacity":
			s.strokeA = p.parse(v)
		case "stroke-width":
			s.width = p.parse(v)
		case "stroke-linecap":
			s.cap = v
		case "stroke-linejoin":
			s.join = v
		case "transform":
			t, err := parseTransform(v)
			if err != nil {
				p.fail("%v", err)
			}
			m = m.then(t)
		case "id", "d", "r", "rx", "ry", "cx", "cy", "x", "y", "href", "clip-path":
		default:
			p.fail("attribute %q", name)
		}
	}
	if ref := n.attr["clip-path"]; ref != "" {
		clip = p.clip(ref, m, clip)
	}
	return m, s, clip
}

// clip is the mask of a clip path, within an outer one.
func (p *painter) clip(ref string, m matrix, outer *image.Alpha) *image.Alpha {
	of := p.d.ids[reference(ref)]
	if of == nil || len(of.kids) != 1 || of.kids[0].name != "path" {
		p.fail("clip path %q", ref)
		return outer
	}
	b := p.dst.Bounds()
	mask := image.NewAlpha(b)
	part, at := cover(fillOf(p.outline(of.kids[0]), m), b)
	if part == nil {
		return mask
	}
	for y := range part.Rect.Dy() {
		for x := range part.Rect.Dx() {
			a := int(part.Pix[y*part.Stride+x])
			if outer != nil {
				a = a * int(outer.AlphaAt(at.X+x, at.Y+y).A) / 255
			}
			mask.Pix[mask.PixOffset(at.X+x, at.Y+y)] = uint8(a)
		}
	}
	return mask
}

func reference(ref string) string { return strings.TrimSuffix(strings.TrimPrefix(ref, "url(#"), ")") }

// shape fills, then strokes.
func (p *painter) shape(o outline, m matrix, s style, clip *image.Alpha) {
	if s.fill != "none" && s.fillA > 0 {
		p.lay(fillOf(o, m), p.ink(s.fill, s.fillA, o, m), clip)
	}
	if s.stroke != "none" && s.width > 0 && s.strokeA > 0 {
		p.lay(strokeOf(o, m, s), p.ink(s.stroke, s.strokeA, o, m), clip)
	}
}

// lay puts ink on the picture where polygons cover it.
func (p *painter) lay(polys [][]vec, ink inkOf, clip *image.Alpha) {
	if ink == nil {
		return
	}
	mask, at := cover(polys, p.dst.Bounds())
	if mask == nil {
		return
	}
	for y := range mask.Rect.Dy() {
		for x := range mask.Rect.Dx() {
			a := float64(mask.Pix[y*mask.Stride+x]) / 255
			if a == 0 {
				continue
			}
			px, py := at.X+x, at.Y+y
			if clip != nil {
				if a *= float64(clip.AlphaAt(px, py).A) / 255; a == 0 {
					continue
				}
			}
			c := ink(float64(px)+.5, float64(py)+.5)
			over(p.dst.Pix[p.dst.PixOffset(px, py):], c, a*c.a)
		}
	}
}

// over lays a colour with an alpha on a pixel with its alpha multiplied in.
func over(pix []uint8, c colour, a float64) {
	for i, v := range [4]float64{c.r * a, c.g * a, c.b * a, 255 * a} {
		pix[i] = uint8(math.Min(255, v+float64(pix[i])*(1-a)+.5))
	}
}

func (p *painter) parse(v string) float64 {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		p.fail("number %q", v)
	}
	return f
}

func (p *painter) number(n *node, name string) float64 {
	if v, ok := n.attr[name]; ok {
		return p.parse(v)
	}
	return 0
}
