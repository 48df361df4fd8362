package app

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// hostile is what strangers type into addresses and fields.
var hostile = map[string]string{
	"sql":      `x' OR 1=1; DROP TABLE orders; --`,
	"script":   `"><script>alert(1)</script><img src=x onerror=alert(2)>'`,
	"zero":     "a\x00b",
	"invalid":  "a\xff\xfe\xc0b",
	"bidi":     "a\u202egnp.exe\u2066b\u200f",
	"template": `{{.Base}}${7*7}<%= 1 %>`,
	"path":     `../../../../etc/passwd`,
	"newline":  "a\r\nSet-Cookie: x=1\r\n\r\n<b>",
	"percent":  "%25%00%s%n%x",
	"number":   "-99999999999999999999999999",
	"blank":    " ",
}

// longValue for every name makes an address as long as servers take.
var longValue = strings.Repeat("A", 500)

// queryNames are all that any page reads from its address.
var queryNames = []string{"at", "back", "before", "code", "cursor", "done", "lat", "limit", "lon", "market", "model", "moved", "near", "next", "page", "q", "s", "sel", "skill", "state", "tab", "tag", "to", "was", "lang"}

// fieldNames are all that any form reads.
var fieldNames = []string{"act", "amount", "checks", "code", "consent", "dealer", "email", "event", "fallback", "means", "message", "model", "name", "near", "next", "odometer", "page", "password", "phone",
	"plate", "postcode", "prepared", "reason", "reference", "s", "seen_total", "seq", "starts", "street", "terms", "to", "town", "version", "vin", "grant_type", "client_id", "client_secret"}

// portalFor is who gets behind a door.
func portalFor(door string, dealer, manager, public *visitor) *visitor {
	switch {
	case strings.Contains(door, " /dealer"), strings.Contains(door, " /account"):
		return dealer
	case strings.Contains(door, " /manager"):
		return manager
	}
	return public
}

// sane fails for what no input may cause: our own mistake, somebody's markup in our page, a header of
// his making.
func sane(t *testing.T, what string, a answer) {
	t.Helper()
	if a.status >= 500 {
		t.Errorf("%s: %d", what, a.status)
	}
	if !strings.Contains(a.head.Get("Content-Type"), "html") {
		return
	}
	for _, bad := range []string{"<script>alert", "<img src=x", "onerror=alert(2)>", "\u202e", "\u2066"} {
		if strings.Contains(a.body, bad) {
			t.Errorf("%s: the page holds %q", what, bad)
		}
	}
	if a.head.Get("Set-Cookie") == "x=1" {
		t.Errorf("%s sets a cookie", what)
	}
}

func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	dealer, manager, public := h.staff("anna@northgate-leeds.example.com"), h.staff("harriet@gb-office.example.com"), h.visitor()
	before := h.counts()
	for _, door := range doors(h) {
		method, pattern, _ := strings.Cut(door, " ")
		if method != http.MethodGet {
			continue
		}
		v := portalFor(door, dealer, manager, public)
		good := p.values(pattern)
		for kind, value := range hostile {
			q := url.Values{}
			for _, name := range queryNames {
				q.Set(name, value)
			}
			sane(t, door+" with "+kind+" in the query", v.get(fill(pattern, good)+"?"+q.Encode()))
			for name := range good {
				if !strings.Contains(pattern, ":"+name) {
					continue
				}
				bad := map[string]string{}
				for k, x := range good {
					bad[k] = x
				}
				bad[name] = url.PathEscape(value)
				a := v.get(fill(pattern, bad))
				sane(t, door+" with "+kind+" as "+name, a)
				if a.status == http.StatusOK && kind != "blank" {
					t.Errorf("%s with %s as %s is answered with %d", door, kind, name, a.status)
				}
			}
		}
		sane(t, door+" with long values", v.get(fill(pattern, good)+"?"+strings.Join(queryNames, "="+longValue+"&")+"="))
		sane(t, door+" with a broken query", v.get(fill(pattern, good)+"?%zz&;&=&s=%&s[]=1&s=a&s=b"))
	}
	unchanged(t, before, h.counts())
	h.noOwnMistakes()
}

// noOwnMistakes fails for an error or a panic in the log.
func (h *house) noOwnMistakes() {
	h.T.Helper()
	for _, line := range strings.Split(h.log.String(), "\n") {
		if strings.Contains(line, `"level":"ERROR"`) {
			h.T.Errorf("the log says: %.400s", line)
		}
	}
}

// posts lists the forms of the site with who may send them.
func (h *house) posts(p places, each func(door, path string, v *visitor)) {
	h.T.Helper()
	dealer, manager, public := h.staff("anna@northgate-leeds.example.com"), h.staff("harriet@gb-office.example.com"), h.visitor()
	before := h.counts()
	defer func() { unchanged(h.T, before, h.counts()) }()
	for _, door := range doors(h) {
		method, pattern, _ := strings.Cut(door, " ")
		if method != http.MethodPost || door == "POST /logout" {
			continue
		}
		values := p.values(pattern)
		each(door, fill(pattern, values), portalFor(door, dealer, manager, public))
	}
}

// harmless are forms that need nothing typed, or take any words for the writer alone: with a good key they act.
var harmless = []string{"POST /account/passkeys/begin", "POST /login/second", "POST /login/unlock", "POST /login/passkey/begin", "POST /dealer/views", "POST /dealer/views/:view/drop", "POST /:brand/:market/orders/:token/cancel", "POST /:brand/:market/checkout/:token/factory", "POST /:brand/:market/orders/:token/pay", "POST /:brand/:market/orders/:token/longer", "POST /:brand/:market/orders/:token/renew"}

func TestHostileForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	h.posts(p, func(door, path string, v *visitor) {
		if slices.Contains(harmless, door) {
			return
		}
		for kind, value := range hostile {
			f := form()
			for _, name := range fieldNames {
				f.Set(name, value)
			}
			a := v.post(path, f)
			sane(t, door+" with "+kind, a)
			if a.status < 400 && kind != "blank" { // blank is an empty field, and some forms need nothing
				t.Errorf("%s with %s in every field: %d to %s", door, kind, a.status, a.to())
			}
			if kind == "blank" {
				continue
			}
			f = form()
			f.Set("form_key", value)
			sane(t, door+" with "+kind+" as key", v.post(path, f))
		}
	})
	h.noOwnMistakes()
}

func TestBodiesThatAreNoForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	huge := bytes.Repeat([]byte("name=a&"), 10<<20/7)
	h.posts(p, func(door, path string, v *visitor) {
		for _, chunked := range []bool{false, true} {
			req := v.request(http.MethodPost, path, bytes.NewReader(huge))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if chunked {
				req.ContentLength, req.TransferEncoding = -1, []string{"chunked"}
			}
			res, err := v.client.Do(req)
			if err != nil {
				continue // the server closed the line while we were still talking: refused too
			}
			res.Body.Close()
			// A range is uploaded by few, a group has one manager: who may not is refused before a byte is read.
			unread := (strings.HasSuffix(door, "/draft") || groupDoors[door] != "") && res.StatusCode == http.StatusForbidden
			if res.StatusCode != http.StatusRequestEntityTooLarge && !unread && !strings.Contains(door, "/api/") || res.StatusCode >= 500 {
				t.Errorf("%s with 10 MB (chunked %t): %d", door, chunked, res.StatusCode)
			}
		}
		for _, kind := range []string{"application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain", "", "\x7f", "application/x-www-form-urlencoded; charset=utf-16"} {
			req := v.request(http.MethodPost, path, strings.NewReader(`{"dealer":"gb-leeds-northgate"}`))
			req.Header["Content-Type"] = []string{kind}
			if kind == "\x7f" {
				req.Header["Content-Type"] = []string{"nonsense; ;;"}
			}
			if a := v.do(req); a.status >= 500 || a.status < 400 && !slices.Contains(harmless, door) {
				t.Errorf("%s as %q: %d", door, kind, a.status)
			}
		}
	})
	h.noOwnMistakes()
}

func TestFormsNeedAKeyAndCountOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	v := h.visitor()
	path := "/dacia/it/new/duster/dealer"
	dealer := h.World.Now().Dealers("dacia", "it", "new")[0].Code
	before := h.counts()
	for _, key := range []string{"", "short", strings.Repeat("k", 65)} {
		f := form("dealer", string(dealer))
		f.Set("form_key", key)
		a := v.post(path, f)
		if a.status != http.StatusBadRequest || !strings.Contains(a.body, `<html lang="it-IT"`) {
			t.Errorf("key %q: %d", key, a.status)
		}
	}
	unchanged(t, before, h.counts())
	f := form("dealer", string(dealer))
	first, second := v.post(path, f), v.post(path, f)
	if first.status != http.StatusSeeOther || second.to() != first.to() {
		t.Errorf("sent twice: %d %s, then %d %s", first.status, first.to(), second.status, second.to())
	}
	if n := h.counts()["drafts"] - before["drafts"]; n != 1 {
		t.Errorf("%d drafts of one form", n)
	}
	f = form("name", "A", "email", "a@example.com", "consent", "yes", "form_key", f.Get("form_key"))
	f.Set("form_key", f["form_key"][1])
	// The key of another form is this form's own key: it opens nothing of the other's.
	if a := v.post("/dacia/it/leave-name", f); a.status != http.StatusSeeOther || strings.Contains(a.to(), "/checkout/") {
		t.Errorf("a key of another form: %d %s", a.status, a.to())
	}
}

// TestTamperedChoices sends what no page offers.
func TestTamperedChoices(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	v := h.visitor()
	before := h.counts()
	italian := string(h.World.Now().Dealers("dacia", "it", "new")[0].Code)
	for _, x := range []struct {
		path string
		form url.Values
	}{
		{"/dacia/gb/new/duster/dealer", form("dealer", italian)},
		{"/dacia/gb/new/duster/dealer", form("dealer", "gb-leeds-northgate", "fallback", italian)},
		{"/dacia/gb/new/duster/dealer", form("dealer", "gb-leeds-northgate", "s", "no.such.thing")},
		{"/dacia/gb/new/clio/dealer", form("dealer", "gb-leeds-northgate")},
		{"/dacia/it/checkout/" + p.draft + "/pay", form("terms", "yes", "seen_total", fmt.Sprint(h.Total()))},
		{"/renault/gb/checkout/" + p.draft + "/details", form("name", "A")},
		{"/dacia/gb/checkout/" + p.draft + "/pay", form("terms", "yes", "seen_total", "1", "deposit", "1", "total", "1")},
		{"/dacia/gb/checkout/" + p.draft + "/pay", form("seen_total", fmt.Sprint(h.Total()))},
		{"/dacia/gb/checkout/" + p.draft + "/dealer", form("dealer", italian)},
		{"/dacia/it/orders/" + p.orderToken + "/cancel", form()},
		{"/dacia/gb/orders/" + p.orderToken + "x/cancel", form()},
		{"/dacia/gb/orders/" + p.orderToken + "/dealer", form("dealer", "gb-london-kestrel")},
		{"/dacia/gb/orders/" + p.orderToken + "/slot", form("starts", "1")},
	} {
		a := v.post(x.path, x.form)
		if a.status < 400 || a.status >= 500 {
			t.Errorf("%s %v: %d %s", brief(x.path), x.form, a.status, a.to())
		}
		if lang := map[bool]string{true: "it-IT", false: "en-GB"}[strings.Contains(x.path, "/it/")]; !strings.Contains(a.body, `<html lang="`+lang+`"`) {
			t.Errorf("%s is not answered in %s", brief(x.path), lang)
		}
	}
	unchanged(t, before, h.counts())
}

func brief(path string) string { return path[:min(len(path), 40)] }
