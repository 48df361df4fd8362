package storefront_test

import (
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/platform/db"
	"forecourt/internal/usedcars"
)

// secrets are the paths of the three links of the only search there is.
func (s *shop) secrets() (confirm, page, off string) {
	s.T.Helper()
	var key string
	if _, err := db.One(s.DB.Read(s.T.Context()), &key, `SELECT id FROM used_searches`); err != nil || key == "" {
		s.T.Fatalf("no search: %v", err)
	}
	of := func(purpose string) string {
		return "/dacia/gb/used/alerts/" + s.Sale.Tokens.Of(purpose, key)
	}
	return of("used_confirm") + "/confirm", of("used_search"), of("used_off") + "/off"
}

func (s *shop) searchState() (state string) {
	s.T.Helper()
	if _, err := db.One(s.DB.Read(s.T.Context()), &state, `SELECT state FROM used_searches`); err != nil {
		s.T.Fatal(err)
	}
	return state
}

func TestASearchIsSavedChangedAndEndedWithoutScript(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.offer("U-7K2M9X", "Duster", "petrol", 1299000, usedcars.Listed)
	list := s.page("/dacia/gb/used?fuel=petrol&max=20000&sort=km&page=2")
	if !strings.Contains(list.body, `href="/dacia/gb/used/save?fuel=petrol&amp;max=20000"`) {
		t.Fatal("the list does not lead to saving its search")
	}
	form := s.page("/dacia/gb/used/save?fuel=petrol&max=20000")
	if text := form.text(); !strings.Contains(text, "Fuel: Petrol") || !strings.Contains(text, "Up to £20,000") {
		t.Errorf("what is saved is not said: %s", text)
	}
	fields := with(form.form(t, "/dacia/gb/used/save"), "email", "nobody", "pace", "daily")
	if a := s.post("/dacia/gb/used/save", fields); a.status != 422 || !strings.Contains(a.body, `aria-invalid="true"`) || !strings.Contains(a.body, `value="daily" checked`) {
		t.Errorf("a wrong address: %d", a.status)
	}
	done := s.post("/dacia/gb/used/save", with(fields, "email", "Reader@example.com"))
	if done.status != 303 || !strings.Contains(s.page(done.to()).text(), "Look into your mailbox") {
		t.Fatalf("saved: %d to %s", done.status, done.to())
	}
	confirm, page, off := s.secrets()
	a := s.page(confirm)
	if a.head.Get("Cache-Control") != "no-store" || a.head.Get("Referrer-Policy") != "no-referrer" || s.searchState() != "waiting" {
		t.Errorf("the page of the yes says yes by itself, or is kept: %v", a.head)
	}
	if a := s.post(confirm, a.form(t, confirm)); a.status != 303 || a.to() != page || s.searchState() != "on" {
		t.Fatalf("the yes: %d to %s, %s", a.status, a.to(), s.searchState())
	}
	if a := s.get(confirm); a.to() != page {
		t.Errorf("the link of the yes leads to %s later", a.to())
	}
	for act, want := range map[string]string{"once": "on", "pause": "paused"} {
		if a := s.post(page, keyed("act", act)); a.status != 303 || act == "pause" && s.searchState() != want {
			t.Errorf("%s: %d, then it is %s", act, a.status, s.searchState())
		}
	}
	if text := s.page(page).text(); !strings.Contains(text, "is paused") || !strings.Contains(text, "reader@example.com") {
		t.Errorf("the page does not say what is kept: %s", text)
	}
	if a := s.post(page, keyed("act", "explode")); a.status != 409 {
		t.Errorf("what nobody offers: %d", a.status)
	}
	for range 2 { // a scanner opens the link
		if a := s.page(off); !strings.Contains(a.body, `method="post"`) || s.searchState() != "paused" {
			t.Fatalf("opening a link ended the search: %s", s.searchState())
		}
	}
	for range 2 { // a mail program presses, twice
		if a := s.post(off, url.Values{"List-Unsubscribe": {"One-Click"}}); a.status != 200 || !strings.Contains(a.text(), "No more letters") || s.searchState() != "ended" {
			t.Fatalf("one press: %d, %s", a.status, s.searchState())
		}
	}
	for _, gone := range []string{page, confirm} {
		if a := s.get(gone); a.status != 410 {
			t.Errorf("%s of an ended search answers %d", gone, a.status)
		}
	}
	if a := s.post(page, keyed("act", "resume")); a.status != 410 {
		t.Errorf("an ended search is asked to go on: %d", a.status)
	}
}

func TestALinkOfASearchIsNotGuessed(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.post("/dacia/gb/used/save", keyed("email", "reader@example.com", "query", "fuel=petrol"))
	confirm, page, off := s.secrets()
	token := strings.TrimPrefix(page, "/dacia/gb/used/alerts/")
	other := "A" // not the last sign: some of its bits say nothing, and another one can be the same token
	if token[0] == 'A' {
		other = "B"
	}
	for _, path := range []string{"/dacia/gb/used/alerts/" + other + token[1:], page + "x", strings.Replace(page, "/gb/", "/it/", 1), strings.Replace(page, "/dacia/", "/renault/", 1), page + "/off", page + "/confirm", strings.TrimSuffix(off, "/off"), strings.TrimSuffix(confirm, "/confirm"),
		"/dacia/gb/used/alerts/" + strings.Repeat("A", 43), "/dacia/gb/used/alerts/" + strings.ToUpper(token) + "/off", "/dacia/gb/used/alerts/%00/off"} {
		if a := s.get(path); a.status != 404 {
			t.Errorf("GET %s answers %d", path, a.status)
		}
		if a := s.post(path, keyed("act", "delete")); a.status != 404 {
			t.Errorf("POST %s answers %d", path, a.status)
		}
	}
	if s.searchState() != "waiting" {
		t.Errorf("somebody moved it to %s", s.searchState())
	}
}

// Whoever types an address learns nothing of it: unknown, known, full or asked too often, the answer is the same.
func TestAnAddressIsNotFoundOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	var first answer
	for i, query := range []string{"fuel=petrol", "fuel=petrol", "fuel=diesel", "fuel=hybrid", "fuel=lpg", "fuel=electric"} {
		a := s.post("/dacia/gb/used/save", keyed("email", "reader@example.com", "query", query))
		body := s.page(a.to()).text()
		if i == 0 {
			first = answer{a.status, nil, body}
		}
		if a.status != first.status || a.to() != "/dacia/gb/used/save?"+query+"&done=1" || body != first.body {
			t.Errorf("asked the %dth time: %d to %s: %s", i+1, a.status, a.to(), body)
		}
	}
	if n := count(s, "used_searches"); n != usedcars.MostUnheard {
		t.Errorf("%d searches wait", n)
	}
}
