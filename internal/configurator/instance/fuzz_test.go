package instance

import (
	"errors"
	"testing"
)

// A hostile file is refused with ErrInstance; it neither panics nor makes a malformed problem.
func FuzzParse(f *testing.F) {
	f.Add([]byte(old))
	f.Add(three(`<array id="x" size="[2][1]"><domain for="x[0][0]">0..2</domain><domain for="others">a</domain></array><var id="y" as="x"/>`,
		`<group><extension><list>%0 %...</list><supports>(0,*)(1,a)</supports></extension><args>x[][0]</args></group>`))
	f.Add(three(`<var id="x">0..3</var><var id="y">1 4</var>`, `<intension>le(x,y)</intension><extension><list>x</list><conflicts>0..1</conflicts></extension>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		in, err := Parse(text)
		if err != nil {
			if !errors.Is(err, ErrInstance) {
				t.Errorf("refused with %v", err)
			}
			return
		}
		if err := in.Problem.Check(); err != nil {
			t.Error(err)
		}
		if len(in.Values) != len(in.Problem.Vars) {
			t.Error("variables and names do not fit")
		}
		_, _ = ParseOrders(string(text), in)
	})
}
