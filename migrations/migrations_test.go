package migrations

import (
	"testing"
	"testing/fstest"
)

func TestWhatIsNotMarkedIsNeeded(t *testing.T) {
	t.Parallel()
	waits, needed := &fstest.MapFile{Data: []byte("-- +goose Up\n-- May wait: nobody asks it.\nSELECT 1;")}, &fstest.MapFile{Data: []byte("-- +goose Up\nSELECT 1;")}
	for name, c := range map[string]struct {
		files        fstest.MapFS
		newest, need int64
	}{
		"none":          {fstest.MapFS{}, 0, 0},
		"all needed":    {fstest.MapFS{"00001_a.sql": needed, "00012_b.sql": needed}, 12, 12},
		"the last wait": {fstest.MapFS{"00001_a.sql": needed, "00012_b.sql": waits, "00013_c.sql": waits}, 13, 1},
		"one between":   {fstest.MapFS{"00001_a.sql": waits, "00012_b.sql": needed}, 12, 12},
	} {
		if newest, need := Of(c.files); newest != c.newest || need != c.need {
			t.Errorf("%s: newest %d, needed %d", name, newest, need)
		}
	}
	if Newest() < 177 || Needed() > Newest() {
		t.Errorf("newest %d, needed %d", Newest(), Needed())
	}
}
