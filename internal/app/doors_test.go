package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/identity"
)

func (c colleague) wants(row []verdict, perm identity.Permission, door string) verdict {
	may := slices.Contains(c.role.May(), perm) || perm == identity.Public || perm == identity.Own
	switch {
	case !may && row[1] == no403 || !may && !strings.HasPrefix(string(perm), "dealer."):
		return row[1] // an office's
	case !may:
		return no403
	case c.role == identity.GroupManager && perm == identity.DealerGroup:
		return groupDoors[door]
	}
	return row[c.column]
}

// values fills the parameters of a door's path.
func (p places) values(path string) map[string]string {
	v := map[string]string{"brand": "dacia", "market": "gb", "model": "duster", "flow": "new", "name": "terms", "code": p.build, "dealer": "gb-leeds-northgate", "look": "no-such.png", "vin": "VF1RJA00X70000001", "slug": "dacia-duster-2022-u-7k2m9x", "car": "U-7K2M9X", "town": "leeds", "part": "1.xml", "move": "FC-2222-2222",
		"theme": "dacia", "file": "192.png", "number": p.accepted.Number, "token": p.orderToken, "paper": "GB01-A-2026-00001", "transfer": "0198a000-0000-7000-8000-0000000000bb", "passkey": "0198a000-0000-7000-8000-0000000000ff", "invitation": "0198a000-0000-7000-8000-0000000000ee", "user": p.colleague, "import": p.file, "stock": p.stock, "hook": p.hook, "event": p.event, "finding": "0198a000-0000-7000-8000-0000000000cc", "dispute": "du_none", "payment": "0198a000-0000-7000-8000-0000000000aa", "photo": "1.jpg", "fault": "1", "view": "0198a000-0000-7000-8000-0000000000ee", "desk": "0198a000-0000-7000-8000-0000000000ab", "draft": "0198a000-0000-7000-8000-0000000000dd"}
	if strings.HasPrefix(path, "/styleguide/") {
		v["file"] = "0.svg"
	}
	if strings.HasSuffix(path, "/hooks/:hook/end") {
		v["hook"] = "0198a000-0000-7000-8000-0000000000ee" // of none: the others are needed by the doors that follow
	}
	if strings.Contains(path, "/statement") {
		v["file"] = "csv"
	}
	if strings.Contains(path, "/checkout/") {
		v["token"] = p.draft
	}
	if strings.Contains(path, "/papers/") || strings.HasSuffix(path, "/proof.zip") {
		v["token"] = p.acceptedToken
	}
	return v
}

// doors lists the routes, those that end something last.
func doors(h *house) []string {
	var out []string
	for key := range h.app.Kit.Routes() {
		out = append(out, key)
	}
	slices.SortFunc(out, func(a, b string) int {
		late := func(s string) int {
			if strings.HasPrefix(s, "POST") && (strings.HasSuffix(s, "/cancel") || s == "POST /logout") {
				return 1
			}
			return 0
		}
		if d := late(a) - late(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return out
}

func TestEveryDoorWithEveryKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	people := []*visitor{h.visitor(), h.staff("anna@northgate-leeds.example.com"), h.staff(loginOf(t, "gb-london-kestrel")),
		h.staff("harriet@gb-office.example.com"), h.staff("lorenzo@it-office.example.com"), h.staff("ines@hq.example.com")}
	seen := map[string]bool{}
	for _, door := range doors(h) {
		want, known := matrix[door]
		if !known {
			t.Errorf("%s is not in the matrix: say who may use it", door)
			continue
		}
		seen[door] = true
		method, pattern, _ := strings.Cut(door, " ")
		path := fill(pattern, p.values(pattern))
		for i, v := range people {
			if door == "POST /logout" && i > 0 {
				continue // would end the session
			}
			a := v.get(path)
			if method == http.MethodPost {
				a = v.post(path, form())
			}
			if got := verdictOf(a); got != want[i] {
				t.Errorf("%s as %s: %d %s, want %s", door, visitors[i], a.status, a.to(), want[i])
			}
			if method == http.MethodGet {
				if head := v.do(v.request(http.MethodHead, path, nil)); head.status != a.status || head.body != "" {
					t.Errorf("HEAD %s as %s: %d with %d bytes, GET answers %d", path, visitors[i], head.status, len(head.body), a.status)
				}
			}
		}
	}
	for i, c := range colleagues {
		v := h.staff(c.email)
		for _, door := range doors(h) {
			if door == "POST /logout" || strings.HasSuffix(door, "/cancel") {
				continue
			}
			want := c.wants(matrix[door], h.app.Kit.Routes()[door].Perm, door)
			method, pattern, _ := strings.Cut(door, " ")
			path := fill(pattern, p.values(pattern))
			a := v.get(path)
			if method == http.MethodPost {
				a = v.post(path, form())
			}
			if got := verdictOf(a); got != want {
				t.Errorf("%s as %s (%d): %d %s, want %s", door, c.email, i, a.status, a.to(), want)
			}
		}
	}
	for door := range matrix {
		if !seen[door] {
			t.Errorf("the matrix knows %s, the site does not", door)
		}
	}
}

func loginOf(t *testing.T, dealer string) string {
	t.Helper()
	files, err := demoFiles()
	must(t, err)
	for _, d := range files.Dealers {
		if string(d.Code) == dealer {
			return d.Staff[0].Email
		}
	}
	t.Fatalf("no dealer %s", dealer)
	return ""
}

func TestOtherSitesCannotAct(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	v := h.staff("anna@northgate-leeds.example.com")
	before := h.counts()
	for _, door := range doors(h) {
		method, pattern, _ := strings.Cut(door, " ")
		if method != http.MethodPost {
			continue
		}
		for name, value := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
			req := v.request(method, fill(pattern, p.values(pattern)), strings.NewReader(form().Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set(name, value)
			if a := v.do(req); a.status != http.StatusForbidden {
				t.Errorf("%s with %s %s: %d", door, name, value, a.status)
			}
		}
	}
	unchanged(t, before, h.counts())
}

func unchanged(t testing.TB, before, after map[string]int) {
	t.Helper()
	for table, n := range before {
		if after[table] != n {
			t.Errorf("%s has %d rows, before %d", table, after[table], n)
		}
	}
}

func TestWrongMethodsAndUnknownPaths(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	v := h.visitor()
	for _, door := range doors(h) {
		_, pattern, _ := strings.Cut(door, " ")
		values := p.values(pattern)
		values["market"] = "it"
		path := fill(pattern, values)
		for _, method := range []string{http.MethodDelete, http.MethodPut, http.MethodPatch} {
			a := v.do(v.request(method, path, nil))
			if a.status != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, path, a.status)
			}
			if strings.HasPrefix(pattern, "/:brand") && !strings.Contains(a.body, `<html lang="it-IT"`) {
				t.Errorf("%s %s is not answered in the market's language: %.80s", method, path, a.body)
			}
		}
	}
	for path, lang := range map[string]string{"/nothing": "en-GB", "/dacia/it/nothing": "it-IT", "/renault/fr/new/duster/nothing": "fr-FR", "/dacia/xx": "en-GB",
		"/lada/it": "it-IT", "/dacia/it/new/lada": "it-IT", "/dacia/fr/legal/nothing": "fr-FR", "/dealer/nothing": "en-GB", "/manager/nothing": "en-GB", "/static/nothing.css": ""} {
		a := v.get(path)
		if a.status != http.StatusNotFound || lang != "" && !strings.Contains(a.body, `<html lang="`+lang+`"`) {
			t.Errorf("%s: %d %.60s, want 404 in %s", path, a.status, a.body, lang)
		}
	}
	if a := v.get("/api/v1/nothing"); a.status != http.StatusNotFound || !strings.Contains(a.head.Get("Content-Type"), "json") {
		t.Errorf("an unknown endpoint: %d %s", a.status, a.head.Get("Content-Type"))
	}
}
