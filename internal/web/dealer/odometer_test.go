package dealer

import (
	"testing"

	"forecourt/internal/platform/i18n"
)

func TestOdometersAreReadInTheMarketsUnit(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		typed string
		unit  i18n.Unit
		km    int
		ok    bool
	}{
		{"11", i18n.Miles, 18, true}, {"0", i18n.Miles, 0, true}, {"1242", i18n.Miles, 1999, true}, {"1243", i18n.Miles, 2000, true}, {"1244", i18n.Miles, 2002, true},
		{"12 mi", i18n.Miles, 19, true}, {"2000", i18n.Kilometres, 2000, true}, {"2001", i18n.Kilometres, 2001, true}, {"7 km", i18n.Kilometres, 7, true},
		{"93.120", i18n.Kilometres, 93120, true}, {"93,120 km", i18n.Kilometres, 93120, true}, {"93\u202f120", i18n.Kilometres, 93120, true}, {"41,200", i18n.Miles, 66305, true},
		{"9.31", i18n.Kilometres, 0, false}, {"1.5.000", i18n.Kilometres, 0, false}, {"1.000.000", i18n.Kilometres, 0, false}, {"", i18n.Kilometres, 0, false}, {"-1", i18n.Kilometres, 0, false}, {"1.5", i18n.Kilometres, 0, false}, {"999999", i18n.Kilometres, 999999, true}, {"1000000", i18n.Kilometres, 0, false},
	} {
		km, ok := readKm(x.typed, x.unit)
		if ok != x.ok || ok && km != x.km {
			t.Errorf("%q %s is %d %v, want %d %v", x.typed, x.unit, km, ok, x.km, x.ok)
		}
	}
}
