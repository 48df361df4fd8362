package mail

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"io"
	"io/fs"
	"net/http"
)

//go:embed mailbox
var mailboxFiles embed.FS

var mailboxPages = template.Must(template.ParseFS(mailboxFiles, "mailbox/*.html"))

const (
	mostListed = 200
	pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	// A letter's HTML is shown in an origin of its own without scripts; only its own inline styles
	// and pictures count. Its links may be followed.
	letterPolicy = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

type mailbox struct {
	dir string
	css []byte
}

type listPage struct {
	Letters []letter
	All     int
	Most    int
}

// Mailbox shows the letters that a Folder caught. Its links are relative: mount it at a path that
// ends with a slash, with http.StripPrefix for all before that slash.
func Mailbox(dir string) http.Handler {
	css, err := mailboxFiles.ReadFile("mailbox/mailbox.css")
	if err != nil {
		panic(err) // embedded: cannot be missing in a binary that was built
	}
	m := &mailbox{dir: dir, css: css}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", m.list)
	mux.HandleFunc("GET /m/{name}", m.show)
	mux.HandleFunc("GET /html/{name}", m.showHTML)
	mux.HandleFunc("GET /raw/{name}", m.showRaw)
	mux.HandleFunc("GET /mailbox.css", m.style)
	return guarded(mux)
}

func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // letters carry secret links
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (m *mailbox) list(w http.ResponseWriter, _ *http.Request) {
	letters, all, err := lettersIn(m.dir, mostListed)
	if err != nil {
		refuse(w, err)
		return
	}
	render(w, "list.html", listPage{Letters: letters, All: all, Most: mostListed})
}

func (m *mailbox) show(w http.ResponseWriter, r *http.Request) {
	l, err := readLetter(m.dir, r.PathValue("name"))
	if err != nil {
		refuse(w, err)
		return
	}
	render(w, "letter.html", l)
}

func (m *mailbox) showHTML(w http.ResponseWriter, r *http.Request) {
	l, err := readLetter(m.dir, r.PathValue("name"))
	if err == nil && l.HTML == "" {
		err = fs.ErrNotExist
	}
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Security-Policy", letterPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, l.shown()) // the reader may have gone
}

func (m *mailbox) showRaw(w http.ResponseWriter, r *http.Request) {
	f, err := openLetter(m.dir, r.PathValue("name"))
	if err != nil {
		refuse(w, err)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.Copy(w, f)
}

func (m *mailbox) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(m.css)
}

func render(w http.ResponseWriter, name string, page any) {
	var out bytes.Buffer
	if err := mailboxPages.ExecuteTemplate(&out, name, page); err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.WriteTo(w)
}

func refuse(w http.ResponseWriter, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "No such letter. It may have been removed; go back to the list.", http.StatusNotFound)
		return
	}
	http.Error(w, "The caught letters cannot be read: "+err.Error(), http.StatusInternalServerError)
}
