package pack

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"forecourt/internal/document"
)

var at = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

func key(t *testing.T, secret string) Key {
	t.Helper()
	k, err := NewKey([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func evidence(t *testing.T) []File {
	t.Helper()
	words := "Terms\n\nOne.\n\nTwo."
	inv, err := json.Marshal(document.Content{Number: "GB01-I-2026-00001", Texts: []document.TextRef{{Name: "terms", Version: "1", SHA256: document.Hash(words)}}})
	if err != nil {
		t.Fatal(err)
	}
	note, err := json.Marshal(document.Content{Number: "GB01-C-2026-00001", Refers: &document.Ref{Number: "GB01-I-2026-00001", SHA256: document.Hash(string(inv))}})
	if err != nil {
		t.Fatal(err)
	}
	return []File{{"texts/terms-1.txt", []byte(words)}, {"papers/GB01-I-2026-00001.json", inv}, {"papers/GB01-C-2026-00001.json", note}, {"history.json", []byte("[]")}}
}

func sealed(t *testing.T, k Key, files []File) []byte {
	t.Helper()
	raw, err := k.Seal("FC-7K3M-29QX", at, files)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestASealedPackIsTrueByItself(t *testing.T) {
	t.Parallel()
	k := key(t, "one secret of the house of 32 bytes")
	raw := sealed(t, k, evidence(t))
	if !bytes.Equal(raw, sealed(t, k, evidence(t))) {
		t.Error("two packs of the same differ")
	}
	public, err := ParsePEM(k.PEM())
	if err != nil {
		t.Fatal(err)
	}
	r, err := Check(raw, nil)
	if err != nil || !r.OK() || r.Trusted || r.Order != "FC-7K3M-29QX" || r.Files != 4 || r.Papers != 2 || r.Texts != 1 || r.Fingerprint != Fingerprint(public) {
		t.Fatalf("%+v %v", r, err)
	}
	if r, err := Check(raw, public); err != nil || !r.OK() || !r.Trusted {
		t.Errorf("with the house's key: %+v %v", r, err)
	}
	foreign, _ := ParsePEM(key(t, "another secret that is long enough").PEM())
	if r, _ := Check(raw, foreign); r.OK() || r.Trusted {
		t.Error("a pack passes under a key that did not sign it")
	}
}

// rezip changes files of a pack: nil takes one away.
func rezip(t *testing.T, raw []byte, change map[string][]byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var files []File
	seen := map[string]bool{}
	for _, f := range z.File {
		seen[f.Name] = true
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(in)
		if to, ok := change[f.Name]; ok {
			if to == nil {
				continue
			}
			data = to
		}
		files = append(files, File{f.Name, data})
	}
	for name, data := range change {
		if !seen[name] {
			files = append(files, File{name, data})
		}
	}
	out, err := zipped(files, at)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryTamperingIsFound(t *testing.T) {
	t.Parallel()
	k := key(t, "one secret of the house of 32 bytes")
	raw := sealed(t, k, evidence(t))
	forged := sealed(t, key(t, "the secret of somebody else, long"), evidence(t))
	files, err := unzip(forged)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change map[string][]byte
		want   string
	}{
		"a paper changed":         {map[string][]byte{"papers/GB01-I-2026-00001.json": []byte(`{}`)}, "papers/GB01-I-2026-00001.json was changed"},
		"a text changed":          {map[string][]byte{"texts/terms-1.txt": []byte("Terms\n\nOther.")}, "texts/terms-1.txt was changed"},
		"a file taken away":       {map[string][]byte{"history.json": nil}, "history.json is missing"},
		"a file added":            {map[string][]byte{"papers/x.pdf": []byte("x")}, "papers/x.pdf was added"},
		"the manifest changed":    {map[string][]byte{manifestName: bytes.Replace(must(unzip(raw))[manifestName], []byte("FC-7K3M-29QX"), []byte("FC-7K3M-29QY"), 1)}, "the signature is not that of this manifest"},
		"the signature taken":     {map[string][]byte{signatureName: nil}, "the signature is not that of this manifest"},
		"the key taken":           {map[string][]byte{keyName: nil}, "the public key is missing or broken"},
		"somebody else's key":     {map[string][]byte{keyName: files[keyName]}, "another key"},
		"somebody else's sealing": {map[string][]byte{keyName: files[keyName], signatureName: files[signatureName], manifestName: files[manifestName]}, "another key"},
	} {
		public, _ := ParsePEM(k.PEM())
		r, err := Check(rezip(t, raw, c.change), public)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !strings.Contains(strings.Join(r.Problems, "; "), c.want) {
			t.Errorf("%s: %v, want %q", name, r.Problems, c.want)
		}
	}
	without := evidence(t)[1:] // signed, but the text that the invoice names is not there
	if r, _ := Check(sealed(t, k, without), nil); len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "whose words are not here") {
		t.Errorf("%v", r.Problems)
	}
}

func must(files map[string][]byte, err error) map[string][]byte {
	if err != nil {
		panic(err)
	}
	return files
}

func TestNoPackIsAnError(t *testing.T) {
	t.Parallel()
	k := key(t, "one secret of the house of 32 bytes")
	for name, raw := range map[string][]byte{"nothing": nil, "no zip": []byte("hello"), "another zip": rezip(t, sealed(t, k, nil), map[string][]byte{manifestName: []byte("{}")})} {
		if _, err := Check(raw, nil); err == nil {
			t.Errorf("%s passes for a pack", name)
		}
	}
	for _, name := range []string{"", "/etc/passwd", "../x", "a//b", "a/../b", manifestName, `a\b`, "c:x"} {
		if _, err := k.Seal("x", at, []File{{Name: name}}); err == nil {
			t.Errorf("%q was packed", name)
		}
	}
	if _, err := k.Seal("x", at, []File{{Name: "a"}, {Name: "a"}}); err == nil {
		t.Error("one name twice")
	}
	if _, err := (Key{}).Seal("x", at, nil); err == nil {
		t.Error("sealed without a key")
	}
}

func FuzzCheck(f *testing.F) {
	k, _ := NewKey([]byte("one secret of the house of 32 bytes"))
	raw, _ := k.Seal("x", at, []File{{"a", []byte("b")}})
	f.Add(raw)
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = Check(b, nil) })
}
