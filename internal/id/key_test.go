package id

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var form = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestKeysSortByTheTimeTheyWereMade(t *testing.T) {
	t.Parallel()
	before := time.Now().Add(-time.Millisecond)
	var keys []string
	for range 20_000 {
		keys = append(keys, string(New[Order]()))
	}
	if !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != len(keys) {
		t.Error("keys of one process are not in order, or two are the same")
	}
	for _, k := range keys[:100] {
		b, ok := Bytes(k)
		if !form.MatchString(k) || !ok || Text(b) != k {
			t.Fatalf("%s is not of version 7", k)
		}
		ms := int64(b[0])<<40 | int64(b[1])<<32 | int64(b[2])<<24 | int64(b[3])<<16 | int64(b[4])<<8 | int64(b[5])
		if at := time.UnixMilli(ms); at.Before(before) || at.After(time.Now().Add(time.Minute)) {
			t.Fatalf("%s was made %s", k, at)
		}
	}
}

func TestManyAtOnceMakeNoKeyTwice(t *testing.T) {
	t.Parallel()
	made := make(chan string, 8000)
	for range 8 {
		go func() {
			for range 1000 {
				made <- string(New[Draft]())
			}
		}()
	}
	seen := map[string]bool{}
	for range 8000 {
		seen[<-made] = true
	}
	if len(seen) != 8000 {
		t.Errorf("%d different keys of 8000", len(seen))
	}
}

func TestOnlyKeysHaveTheForm(t *testing.T) {
	t.Parallel()
	good := "0198a000-0000-7000-8000-0000000000AA"
	if !IsKey(good) {
		t.Errorf("%s is none", good)
	}
	for _, bad := range []string{"", "0198a000", strings.ReplaceAll(good, "-", ""), "{" + good[1:35] + "}", good[:35] + "g", "0198a0000-000-7000-8000-0000000000aa", good + "0", "urn:uuid:" + good} {
		if IsKey(bad) {
			t.Errorf("%q is one", bad)
		}
	}
}
