package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

var css = []byte(strings.Repeat("a { color: red; }\n", 50))

const looks = "b { color: blue; }\n"

var served = []byte(string(css) + looks)

func set(t *testing.T) *Set {
	t.Helper()
	s, err := New(files(css), looks)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files are a static folder whose sheet is one file long.
func files(sheet []byte) fstest.MapFS {
	fsys := fstest.MapFS{"js/app.js": {Data: []byte("//")}, "img/dot.png": {Data: []byte("png")}}
	for _, noun := range sheetOrder {
		fsys["css/"+noun+".css"] = &fstest.MapFile{}
	}
	fsys["css/base.css"] = &fstest.MapFile{Data: sheet}
	return fsys
}

func url(t *testing.T, s *Set, name string) string {
	t.Helper()
	u, err := s.URL(name)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func ask(s *Set, method, path string, header ...string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func TestURLCarriesTheHashOfTheContent(t *testing.T) {
	t.Parallel()
	s := set(t)
	u := url(t, s, "css/app.css")
	if !strings.HasPrefix(u, "/static/css/app.") || !strings.HasSuffix(u, ".css") || len(u) != len("/static/css/app..css")+12 {
		t.Errorf("URL = %q", u)
	}
	other, err := New(files(append([]byte("b"), css...)), looks)
	if err != nil {
		t.Fatal(err)
	}
	if url(t, other, "css/app.css") == u {
		t.Error("other content, same URL")
	}
	for _, name := range []string{"", "app.css", "/css/app.css", "css/../css/app.css", "css"} {
		if got, err := s.URL(name); err == nil {
			t.Errorf("URL(%q) = %q, want an error", name, got)
		}
	}
}

func TestNegotiatesThePacking(t *testing.T) {
	t.Parallel()
	s := set(t)
	for accept, want := range map[string]string{
		"": "", "identity": "", "gzip": "gzip", "gzip, deflate, br": "br", "br;q=0, gzip": "gzip", "*": "br",
		"*;q=0": "", "br;q=0, *": "gzip", "GZIP;q=0.5": "gzip", "br;q=x": "", "gzip;q=0,br;q=0": "", "zstd": "",
	} {
		res := ask(s, "GET", url(t, s, "css/app.css"), "Accept-Encoding", accept)
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: answered %q, want %q", accept, got, want)
		}
		if got := unpack(t, res); !bytes.Equal(got, served) {
			t.Errorf("Accept-Encoding %q: %d bytes, want the file", accept, len(got))
		}
	}
}

func unpack(t *testing.T, res *http.Response) []byte {
	t.Helper()
	var r io.Reader = res.Body
	switch res.Header.Get("Content-Encoding") {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		zr, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = zr
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := set(t)
	res := ask(s, "GET", url(t, s, "css/app.css"), "Accept-Encoding", "br")
	for name, want := range map[string]string{
		"Content-Type": "text/css; charset=utf-8", "Cache-Control": "public, max-age=31536000, immutable",
		"Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	again := ask(s, "GET", url(t, s, "css/app.css"), "Accept-Encoding", "br", "If-None-Match", res.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("known ETag: %d", again.StatusCode)
	}
	if got := ask(s, "GET", url(t, s, "js/app.js"), "Accept-Encoding", "br").Header; got.Get("Content-Encoding") != "" || got.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("a file that packing makes larger: %v", got)
	}
	if got := ask(s, "GET", url(t, s, "img/dot.png"), "Accept-Encoding", "br").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("picture packed as %q", got)
	}
}

func TestHeadHasTheHeadersAndNoBody(t *testing.T) {
	t.Parallel()
	s := set(t)
	u := url(t, s, "css/app.css")
	res := ask(s, "HEAD", u)
	body, err := io.ReadAll(res.Body)
	if err != nil || len(body) != 0 {
		t.Errorf("body %q, %v", body, err)
	}
	if got, want := res.Header.Get("Content-Length"), ask(s, "GET", u).Header.Get("Content-Length"); got != want || got == "" {
		t.Errorf("Content-Length %q, GET says %q", got, want)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := set(t)
	for _, p := range []string{"/static/", "/static/css/app.css", "/static/css/app.000000000000.css", "/static/../go.mod", "/css/app.css", "/"} {
		res := ask(s, "GET", p)
		if res.StatusCode != http.StatusNotFound || strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, cached as %q", p, res.StatusCode, res.Header.Get("Cache-Control"))
		}
	}
	for _, m := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		res := ask(s, m, url(t, s, "css/app.css"))
		if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d, Allow %q", m, res.StatusCode, res.Header.Get("Allow"))
		}
	}
	odd := files(css)
	odd["img/dot.bmp"] = &fstest.MapFile{}
	if _, err := New(odd, looks); err == nil {
		t.Error("a file without a content type was taken")
	}
}
