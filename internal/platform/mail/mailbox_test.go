package mail

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func served(t *testing.T, dir string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/mail/", http.StripPrefix("/mail", Mailbox(dir)))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, s *httptest.Server, path string) (*http.Response, string) {
	t.Helper()
	res, err := s.Client().Get(s.URL + "/mail/" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestTheMailboxShowsTheNewestFirst(t *testing.T) {
	t.Parallel()
	f, dir := folder(t)
	s := served(t, dir)
	if _, body := get(t, s, ""); !strings.Contains(body, "No mail yet") {
		t.Error("an empty mailbox does not say so")
	}
	for i, id := range []string{"z.first.1", "a.second.1", "a.second.1"} {
		m := sample()
		m.ID, m.Subject = id, "<b>"+id
		if err := f.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, []string{"z.first.1.1.eml", "a.second.1.1.eml", "a.second.1.2.eml"}[i])
		at := time.Date(2026, 11, 22, 10, i, 0, 0, time.UTC)
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	_, body := get(t, s, "")
	repeat, second, first := strings.Index(body, "a.second.1.2.eml"), strings.Index(body, "a.second.1.1.eml"), strings.Index(body, "z.first.1.1.eml")
	if repeat < 0 || repeat > second || second > first {
		t.Errorf("order %d %d %d", repeat, second, first)
	}
	if strings.Contains(body, "<b>") || strings.Count(body, "sent again, number 2") != 1 {
		t.Error("a subject is not escaped, or the repeat is not told")
	}
}

func TestALetterIsShownInThreeWays(t *testing.T) {
	t.Parallel()
	f, dir := folder(t)
	if err := f.Send(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	s := served(t, dir)
	name := sample().ID + ".1.eml"
	res, body := get(t, s, "m/"+name)
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy of the page: %s", policy)
	}
	link := `<a href="https://shop.example.com/o/abc?x=1&amp;y=2">https://shop.example.com/o/abc?x=1&amp;y=2</a>.`
	if !strings.Contains(body, link) || strings.Contains(body, "alert(1)") || !strings.Contains(body, "Zoë Müller") {
		t.Errorf("page: %s", body)
	}
	res, body = get(t, s, "html/"+name)
	if body != sample().HTML || !strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "sandbox") ||
		strings.Contains(res.Header.Get("Content-Security-Policy"), "allow-scripts") {
		t.Errorf("html: %v %s", res.Header, body)
	}
	res, body = get(t, s, "raw/"+name)
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") || !strings.Contains(body, "Message-ID: <GB-1042") {
		t.Errorf("raw: %v %s", res.Header, body)
	}
	if res, body = get(t, s, "mailbox.css"); res.Header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(body, ".letters") {
		t.Errorf("css: %v", res.Header)
	}
}

func TestNothingElseOfTheDiskIsShown(t *testing.T) {
	t.Parallel()
	f, dir := folder(t)
	if err := f.Send(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(dir, "link.1.eml")); err != nil {
		t.Fatal(err)
	}
	s := served(t, dir)
	for _, name := range []string{"..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "none.1.eml", ".letter1", "a.eml", "link.1.eml", "%00.1.eml"} {
		for _, view := range []string{"m/", "html/", "raw/"} {
			if res, body := get(t, s, view+name); res.StatusCode == http.StatusOK || strings.Contains(body, "secret") {
				t.Errorf("%s%s: %d %s", view, name, res.StatusCode, body)
			}
		}
	}
	res, err := s.Client().Post(s.URL+"/mail/", "text/plain", nil)
	if err != nil || res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %v, %v", res.StatusCode, err)
	}
	_ = res.Body.Close()
}
