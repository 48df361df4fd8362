package instance

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// element is a piece of an XML file with its text and the elements within.
type element struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Within  []*element `xml:",any"`
}

// maxDepth of elements; real files have six.
const maxDepth = 40

func parseXML(text []byte) (*element, error) {
	if err := shallow(text); err != nil {
		return nil, err
	}
	d := decoder(text)
	var root element
	if err := d.Decode(&root); err != nil {
		return nil, refuse("not an XML file: %v", err)
	}
	return &root, nil
}

func decoder(text []byte) *xml.Decoder {
	d := xml.NewDecoder(bytes.NewReader(text))
	// Names and numbers are ASCII in any encoding that such files are written in.
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return d
}

// shallow refuses a file of nothing but opening brackets before it is unfolded into a tree.
func shallow(text []byte) error {
	d, depth := decoder(text), 0
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return refuse("not an XML file: %v", err)
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
		if depth > maxDepth {
			return refuse("elements stand %d deep", depth)
		}
	}
}

func (e *element) name() string { return e.XMLName.Local }

func (e *element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

func (e *element) child(name string) *element {
	for _, c := range e.Within {
		if c.name() == name {
			return c
		}
	}
	return nil
}

// children are the elements of this name within one of that name.
func (e *element) children(outer, name string) []*element {
	var out []*element
	for _, o := range e.Within {
		if o.name() != outer {
			continue
		}
		for _, c := range o.Within {
			if c.name() == name {
				out = append(out, c)
			}
		}
	}
	return out
}
