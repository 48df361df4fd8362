package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"forecourt/internal/document/pack"
)

func TestVerifyTellsATruePackFromAChangedOne(t *testing.T) {
	t.Parallel()
	k, err := pack.NewKey([]byte("a test secret of 32 bytes or more"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := k.Seal("FC-7K3M-29QX", time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC), []pack.File{{Name: "history.json", Data: []byte("[]")}})
	if err != nil {
		t.Fatal(err)
	}
	other, _ := pack.NewKey([]byte("another secret of 32 bytes or more"))
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	good, key, wrong := file("good.zip", raw), file("key.pem", k.PEM()), file("other.pem", other.PEM())
	for _, c := range []struct {
		args []string
		ok   bool
	}{
		{[]string{good}, true}, {[]string{"-key", key, good}, true}, {[]string{"-key", wrong, good}, false}, {[]string{file("bad.zip", raw[:len(raw)-9])}, false},
		{[]string{key}, false}, {nil, false}, {[]string{filepath.Join(dir, "none")}, false}, {[]string{"-key", good, good}, false},
	} {
		if err := verifyCmd(t.Context(), c.args); (err == nil) != c.ok {
			t.Errorf("%v: %v", c.args, err)
		}
	}
}
