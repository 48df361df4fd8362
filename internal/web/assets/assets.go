package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"math/bits"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/andybalholm/brotli"
)

// Prefix is where the files live.
const Prefix = "/static/"

// types is our own list: the machine's mime table must not decide how a browser reads our files.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
	".json": "application/json",
	".png":  "image/png",
	".jpg":  "image/jpeg",
	".webp": "image/webp",
	".ico":  "image/x-icon",
}

type file struct {
	kind, tag     string
	plain, gz, br []byte // a packed form is nil where it would not be smaller
}

// shelf is every file, read and packed once.
type shelf struct {
	urls  map[string]string // name -> URL
	files map[string]file   // URL -> file
}

// Set is the files that are served. It is safe for concurrent use.
type Set struct {
	now   atomic.Pointer[shelf]
	dress sync.Mutex
	sheet []byte // the style sheet without the looks of brands
	looks string
}

// New reads, hashes and packs all files of fsys; those of css become one sheet with the looks behind it.
func New(fsys fs.FS, looks string) (*Set, error) {
	s, first := &Set{}, &shelf{urls: map[string]string{}, files: map[string]file{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Dir(name) == sheetDir {
			return err
		}
		plain, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		return first.add(name, plain)
	})
	if err == nil {
		s.sheet, err = join(fsys)
	}
	if err == nil {
		s.now.Store(first)
		err = s.put(looks)
	}
	if err != nil {
		return nil, fmt.Errorf("assets.New: %w", err)
	}
	return s, nil
}

// Dress puts the looks of brands behind the style sheet. A sheet that was in use before keeps its URL: pages
// that were written with it are still on their way to readers.
func (s *Set) Dress(looks string) error {
	s.dress.Lock()
	defer s.dress.Unlock()
	if looks == s.looks {
		return nil
	}
	return s.put(looks)
}

func (s *Set) put(looks string) error {
	old := s.now.Load()
	next := &shelf{urls: maps.Clone(old.urls), files: maps.Clone(old.files)}
	if err := next.add(Sheet, slices.Concat(s.sheet, []byte(looks))); err != nil {
		return err
	}
	s.looks = looks
	s.now.Store(next)
	return nil
}

// URL answers the address of a file named as it lies in static, for example "js/app.js", or of the Sheet.
func (s *Set) URL(name string) (string, error) {
	u, ok := s.now.Load().urls[name]
	if !ok {
		return "", fmt.Errorf("assets.URL: no file %q in static", name)
	}
	return u, nil
}

func (s *shelf) add(name string, plain []byte) error {
	ext := path.Ext(name)
	kind, ok := types[ext]
	if !ok {
		return fmt.Errorf("%s: no content type for %q", name, ext)
	}
	sum := sha256.Sum256(plain)
	tag := hex.EncodeToString(sum[:])[:12]
	f := file{kind: kind, tag: tag, plain: plain}
	if packable(kind) {
		p, err := packOnce(sum, plain)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f.gz, f.br = p.gz, p.br
	}
	u := Prefix + strings.TrimSuffix(name, ext) + "." + tag + ext
	s.urls[name], s.files[u] = u, f
	return nil
}

func packable(kind string) bool {
	return strings.HasPrefix(kind, "text/") || kind == "image/svg+xml" || kind == "application/json"
}

type packed struct{ gz, br []byte }

// packs keeps what this process has packed, by its hash: packing takes its time, and a sheet that changes its
// looks, or a second set of the same files, comes by the same bytes again. It holds what static and brands hold.
var packs sync.Map

func packOnce(sum [sha256.Size]byte, plain []byte) (packed, error) {
	if p, ok := packs.Load(sum); ok {
		return p.(packed), nil
	}
	gz, br, err := pack(plain)
	if err == nil {
		packs.Store(sum, packed{gz, br})
	}
	return packed{gz, br}, err
}

func pack(plain []byte) (gz, br []byte, err error) {
	var g, b bytes.Buffer
	zw, err := gzip.NewWriterLevel(&g, gzip.BestCompression)
	if err != nil {
		return nil, nil, err
	}
	// A window no larger than the file: the packer's tables are eight times the window, 32 MB for the usual one, and every
	// start would pay them for each file.
	bw := brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: min(max(bits.Len(uint(len(plain))), 10), 22)})
	if _, err := zw.Write(plain); err != nil {
		return nil, nil, err
	}
	if _, err := bw.Write(plain); err != nil {
		return nil, nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, nil, err
	}
	if err := bw.Close(); err != nil {
		return nil, nil, err
	}
	return smaller(g.Bytes(), plain), smaller(b.Bytes(), plain), nil
}

func smaller(packed, plain []byte) []byte {
	if len(packed) >= len(plain) {
		return nil
	}
	return packed
}

// ServeHTTP answers a file by its hashed URL. An old hash is not found: serving today's content under
// yesterday's name would put it into caches for a year.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	f, ok := s.now.Load().files[r.URL.Path]
	if !ok {
		h.Set("Cache-Control", "no-store")
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	body, coding := f.best(r.Header.Values("Accept-Encoding"))
	tag := `"` + f.tag + `"`
	if coding != "" {
		h.Set("Content-Encoding", coding)
		tag = `"` + f.tag + "-" + coding + `"`
	}
	h.Set("Content-Type", f.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a reader who went away is not our error
	}
}
