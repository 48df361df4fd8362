package pdf

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// box stands for a sign that can not be drawn.
const box = '□'

// near are signs that the fonts lack and what readers take for the same.
var near = map[rune]string{
	'\u202f': "\u00a0", // narrow no-break space, in French and German amounts
	'\u2007': "\u00a0", // figure space
	'\u2009': " ",      // thin space
	'\u2011': "-",      // no-break hyphen
	'\u2010': "-",
	'ẞ':      "SS",
	'\u200b': "", '\u200c': "", '\u200d': "", '\ufeff': "", '\u00ad': "", // never visible
}

// faces are the fonts in use: a sign must be in all of them.
var faces = sync.OnceValue(func() (out []*sfnt.Font) {
	for _, ttf := range [][]byte{goregular.TTF, gobold.TTF} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			panic("pdf: the fonts of the house do not parse: " + err.Error())
		}
		out = append(out, f)
	}
	return out
})

func known(r rune) bool {
	if r > 0xffff { // the PDF library numbers signs with 16 bits
		return false
	}
	var b sfnt.Buffer
	for _, f := range faces() {
		if i, err := f.GlyphIndex(&b, r); err != nil || i == 0 {
			return false
		}
	}
	return true
}

// drawable writes a text in signs that the fonts have: the sign itself, its near one, the letter under
// its accents, else a box. It tells whether no box was needed. Tabs and other controls become spaces.
func drawable(s string) (string, bool) {
	var out strings.Builder
	all := true
	for _, r := range norm.NFC.String(strings.ToValidUTF8(s, string(box))) {
		n, mapped := near[r]
		switch {
		case unicode.IsControl(r):
			out.WriteByte(' ')
		case known(r):
			out.WriteRune(r)
		case mapped:
			out.WriteString(n)
		default:
			bare, ok := underAccents(r)
			all = all && ok
			out.WriteString(bare)
		}
	}
	return out.String(), all
}

// underAccents is the letter that carries the marks of r; a box when there is none.
func underAccents(r rune) (string, bool) {
	if unicode.Is(unicode.Mn, r) {
		return "", true // a mark that no single sign holds
	}
	first := []rune(norm.NFKD.String(string(r)))[0]
	if first != r && known(first) {
		return string(first), true
	}
	return string(box), false
}
