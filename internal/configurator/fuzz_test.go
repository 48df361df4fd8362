package configurator

import "testing"

// FuzzDecode: a selection in an address is refused, or written again as it was.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "essential.tce-130.white", "!", "!.a", "a..b", ".", "A", "a b", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := Decode(text); err == nil && Encode(s) != text {
			t.Fatalf("%q is written %q", text, Encode(s))
		}
	})
}
