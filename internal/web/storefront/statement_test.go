package storefront_test

import (
	"net/url"
	"strings"
	"testing"
)

// Each country's statement names the standard, the limits, its date, a way to complain that works, the law
// and who watches over it.
func TestEveryStatementIsWhole(t *testing.T) {
	t.Parallel()
	s := open(t)
	for place, want := range map[string][]string{
		"gb": {"accessibility@example.com", "Equality Act 2010", "equalityadvisoryservice.com", "15 November 2026"},
		"it": {"accessibilita@example.com", "27 maggio 2022, n. 82", "agid.gov.it", "15 novembre 2026"},
		"fr": {"accessibilite@example.com", "2023-171", "defenseurdesdroits.fr", "15 novembre 2026"},
		"de": {"barrierefreiheit@example.com", "Barrierefreiheitsstärkungsgesetz", "mlbf-barrierefrei.de", "15. November 2026"},
		"es": {"accesibilidad@example.com", "Ley 11/2023", "dsca.gob.es", "2026"},
		"ro": {"accesibilitate@example.com", "232/2022", "anpd.gov.ro", "2026"},
	} {
		page := s.page("/dacia/" + place + "/legal/accessibility")
		for _, part := range append(want, "WCAG 2.2", "EN 301 549", `href="mailto:`, `href="/dacia/`+place+`/legal/accessibility/report"`) {
			if !strings.Contains(page.body, part) {
				t.Errorf("%s lacks %q", place, part)
			}
		}
	}
}

func TestABarrierIsReportedOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	const path = "/dacia/it/legal/accessibility/report"
	form := func() url.Values { return s.page(path).form(t, path) }
	for name, bad := range map[string][]string{
		"nothing":         {},
		"only blanks":     {"message", " \r\n "},
		"too long":        {"message", strings.Repeat("è", 2001)},
		"no address":      {"message", "Non si legge", "email", "nessuno"},
		"two addresses":   {"message", "Non si legge", "email", "a@example.com, b@example.com"},
		"a header inside": {"message", "Non si legge", "email", "a@example.com\r\nBcc: b@example.com"},
	} {
		a := s.post(path, with(form(), bad...))
		if a.status != 422 || !strings.Contains(a.body, `class="errors"`) || strings.Contains(name, "address") && !strings.Contains(a.body, ">Non si legge</textarea>") {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	good := with(form(), "message", "Il modulo\r\nnon si legge.", "page", "/dacia/it/guide", "email", "luca@example.com")
	for range 2 { // a second press is the same report
		a := s.post(path, good)
		if a.status != 303 || !strings.Contains(s.page(a.to()).text(), "Grazie") {
			t.Fatalf("%d to %s", a.status, a.to())
		}
	}
	if n := count(s, "barrier_reports WHERE market = 'it' AND brand = 'dacia' AND page = '/dacia/it/guide' AND message = E'Il modulo\\nnon si legge.' AND email = 'luca@example.com'"); n != 1 || count(s, "barrier_reports") != 1 {
		t.Errorf("%d reports, %d in all", n, count(s, "barrier_reports"))
	}
	if n := count(s, "river_job WHERE kind = 'barrier.mail' AND args::text NOT LIKE '%luca%'"); n != 1 {
		t.Errorf("%d mails are on their way", n)
	}
	if asked := s.page(path + "?page=%2Fdacia%2Fit%2Fguide"); !strings.Contains(asked.body, `value="/dacia/it/guide"`) {
		t.Error("the page that was named is asked for again")
	}
}
