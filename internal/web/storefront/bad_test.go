package storefront_test

import (
	"bytes"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"forecourt/internal/testkit"
)

func TestUnknownThings(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	token := order[strings.LastIndexByte(order, '/')+1:]
	zeros := strings.Repeat("A", 43)
	for path, want := range map[string]int{
		"/nobrand/gb": 404, "/dacia/xx": 404, "/dacia/gb/new/nomodel": 404, "/dacia/gb/new/nomodel/configure": 404,
		cheapDuster + "/configure?s=no-such-part": 422, cheapDuster + "/configure?s=essential.journey": 422,
		cheapDuster + "/configure?s=%27%3B--": 422, cheapDuster + "/configure?s=%ff%fe": 422, cheapDuster + "/configure?s=" + strings.Repeat("a.", 5000): 422,
		cheapDuster + "/configure?was=%00&at=<x>": 200, cheapDuster + "/dealer?s=no-such-part": 422, cheapDuster + "/save?s=no-such-part": 422,
		cheapDuster + "/dealer?near=%ff&lat=NaN&lon=Inf&skill=none": 200, cheapDuster + "/dealer?lat=53.78&lon=-1.53": 200,
		"/dacia/gb/build/ZZZZ-ZZZZ": 404, "/dacia/gb/build/%ff": 404, "/dacia/gb/build?code=%00": 200, "/dacia/gb/build?code=nope": 404, "/dacia/gb/legal/nothing": 404,
		"/dacia/gb/orders/" + zeros: 404, "/dacia/gb/orders/short": 404, "/dacia/it/orders/" + token: 404, "/renault/gb/orders/" + token: 404,
		"/dacia/gb/checkout/" + zeros + "/details": 404, "/dacia/gb/checkout/" + token + "/check": 404, order + "/calendar.ics": 404,
		order + "/paid?session_id=cs_of_somebody_else": 303, order + "/unpaid": 303, "/dacia/gb?tag=%ff": 200,
	} {
		if a := s.get(path); a.status != want {
			t.Errorf("GET %.80s: %d, want %d", path, a.status, want)
		}
	}
	if a := s.get("/dacia/fr/new/rien"); !strings.Contains(a.body, `lang="fr-FR"`) {
		t.Error("a French shop refuses in another language")
	}
}

func TestARefusedFormKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft := s.begin(string(testkit.Leeds))
	form := with(s.page(draft+"/details").form(t, draft+"/details"), "name", `O'Neill "x" <b>`, "email", "nobody@nowhere", "phone", "12", "street", "", "postcode", "75011", "town", strings.Repeat("x", 81))
	a := s.post(draft+"/details", form)
	if a.status != 422 || !strings.Contains(a.body, `value="O&#39;Neill &#34;x&#34; &lt;b&gt;"`) || !strings.Contains(a.body, `value="75011"`) {
		t.Fatalf("refused: %d %s", a.status, a.text())
	}
	for _, f := range []string{"email", "phone", "street", "postcode", "town"} {
		if !strings.Contains(a.body, `href="#`+f+`"`) || !strings.Contains(a.body, `id="`+f+`-error"`) {
			t.Errorf("no message for %s", f)
		}
	}
}

func TestDealersThatCannotBeChosen(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.page(cheapDuster + "/dealer?near=Leeds")
	for _, d := range []string{"", "nobody", "it-milano-naviglio", "'; DROP TABLE orders; --", strings.Repeat("x", 9000)} {
		a := s.post(cheapDuster+"/dealer", with(page.form(t, cheapDuster+"/dealer"), "dealer", d))
		if a.status != 422 || !strings.Contains(a.body, `value="Leeds"`) {
			t.Errorf("dealer %.30q: %d", d, a.status)
		}
	}
	form := with(page.form(t, cheapDuster+"/dealer"), "dealer", string(testkit.Leeds))
	form["fallback"] = []string{"gb-london-kestrel", "a", "b", "c", "d"}
	if a := s.post(cheapDuster+"/dealer", form); a.status != 422 {
		t.Errorf("five fallbacks: %d", a.status)
	}
	form["fallback"] = []string{"nobody"}
	if a := s.post(cheapDuster+"/dealer", form); a.status != 422 {
		t.Errorf("an unknown fallback: %d", a.status)
	}
	if n := count(s, "drafts"); n != 0 {
		t.Errorf("%d drafts", n)
	}
}

var hostile = []string{"'; DROP TABLE orders; --", `"><script>alert(1)</script>`, "\u202egnp.exe", "a\x00b", "\xff\xfe", "{{.}}", strings.Repeat("🚗", 500), "-1", "9999999999999999999", "%s%n", "\r\nSet-Cookie: a=b"}

// Nothing that a stranger writes into any field of any form is our mistake.
func TestHostileTextInEveryField(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	draft, _ := s.ready()
	forms := map[string][]string{
		cheapDuster + "/save": {"s", "form_key"}, cheapDuster + "/dealer": {"s", "dealer", "fallback", "near", "lat", "lon", "form_key"}, draft + "/dealer": {"dealer", "fallback", "form_key"},
		draft + "/details": {"name", "email", "phone", "street", "postcode", "town", "form_key"}, draft + "/pay": {"terms", "seen_total", "form_key"},
		"/dacia/gb/leave-name": {"name", "email", "consent", "model", "s", "form_key"}, order + "/slot": {"starts", "form_key"}, order + "/dealer": {"dealer", "form_key"}, order + "/pay": {"form_key"},
	}
	for path, fields := range forms {
		for _, field := range fields {
			for i, text := range hostile {
				form := url.Values{"form_key": {strings.Repeat("k", 20) + string(rune('a'+i))}}
				for _, f := range fields {
					if f != "form_key" {
						form.Set(f, "x")
					}
				}
				form.Set(field, text)
				a := s.post(path, form)
				if a.status >= 500 || strings.Contains(a.body, "<script>alert") {
					t.Errorf("%s %s=%.20q: %d", path, field, text, a.status)
				}
			}
		}
	}
	if o := s.page(order); !strings.Contains(o.text(), "with the dealer") {
		t.Errorf("the order moved: %s", o.text())
	}
}

func TestBodiesThatAreNoForms(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, _ := s.ready()
	send := func(kind string, body []byte) int {
		req, err := http.NewRequest(http.MethodPost, s.abs(draft+"/pay"), bytes.NewReader(body))
		must(t, err)
		req.Header.Set("Content-Type", kind)
		return s.do(req).status
	}
	const form = "application/x-www-form-urlencoded"
	for name, got := range map[string]struct{ status, want int }{
		"10 MB":         {send(form, bytes.Repeat([]byte("a"), 10<<20)), 413},
		"broken escape": {send(form, []byte("a=%zz")), 400},
		"invalid UTF-8": {send(form, []byte("terms=%ff")), 400},
		"JSON":          {send("application/json", []byte(`{"terms":true}`)), 422},
		"no key":        {send(form, []byte("terms=yes&seen_total=2130000")), 400},
	} {
		if got.status != got.want {
			t.Errorf("%s: %d, want %d", name, got.status, got.want)
		}
	}
	if n := count(s, "orders"); n != 0 {
		t.Errorf("%d orders", n)
	}
}

func TestALinkThatIsOver(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	must(t, s.DB.Read(t.Context()).Exec(`UPDATE order_links SET revoked_at = now()`).Error)
	for _, path := range []string{order, order + "/cancel", order + "/documents/confirmation", order + "/paid"} {
		if a := s.get(path); a.status != 410 {
			t.Errorf("%s after the link was revoked: %d", path[len(order):], a.status)
		}
	}
	if a := s.post(order+"/cancel", url.Values{"form_key": {strings.Repeat("k", 20)}}); a.status != 410 {
		t.Errorf("cancelled over a revoked link: %d", a.status)
	}
}

// People are called what they are called: every script, one letter, a hundred signs. The name is shown
// whole and set apart, so that right-to-left letters do not turn the line around them.
func TestNamesOfEveryScriptAreShownWhole(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, _ := s.ready()
	for _, name := range []string{"Ș", "נועה לוי", "محمد Müller", "Żaneta 🚗 李小龍", strings.Repeat("Ā", 100)} {
		form := with(with(s.page(draft+"/details").form(t, draft+"/details"), details...), "name", name, "street", "Casa Nouă")
		if a := s.post(draft+"/details", form); a.status != 303 {
			t.Errorf("%s is refused: %d %s", name, a.status, a.text())
			continue
		}
		if !strings.Contains(s.page(draft+"/check").body, "<bdi>"+name+"</bdi>") {
			t.Errorf("%s is not shown as it was given", name)
		}
		if !strings.Contains(s.page(draft+"/details").body, `dir="auto"`) {
			t.Error("the field for a name does not follow the direction of what is typed")
		}
	}
	form := with(with(s.page(draft+"/details").form(t, draft+"/details"), details...), "name", strings.Repeat("Ā", 101))
	if a := s.post(draft+"/details", form); a.status != 422 || !strings.Contains(a.body, strings.Repeat("Ā", 101)) {
		t.Errorf("a name that is too long is cut or taken: %d", a.status)
	}
}

// Signs and pictures alone name nobody: it is said beside the field, in the language of the page, and what was typed
// stays, here and where a name is left for a market that is not open.
func TestANameHasALetter(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, _ := s.ready()
	said := map[string]string{"en": "at least one letter", "de": "mindestens einen Buchstaben", "es": "al menos una letra", "fr": "au moins une lettre", "it": "almeno una lettera", "ro": "cel puțin o literă"}
	for _, name := range []string{"🚗🚗", "🙂", "---", "12345", "\u00b4*'"} {
		form := with(with(s.page(draft+"/details").form(t, draft+"/details"), details...), "name", name)
		a := s.post(draft+"/details", form)
		if a.status != 422 || !strings.Contains(a.body, `id="name-error"`) || !strings.Contains(a.text(), said["en"]) {
			t.Errorf("%q: %d", name, a.status)
		}
		if !strings.Contains(a.body, html.EscapeString(name)) || !strings.Contains(a.body, form.Get("street")) || !strings.Contains(a.body, form.Get("email")) {
			t.Errorf("%q: what was typed is gone", name)
		}
	}
	for locale, words := range map[string]string{"en-GB": said["en"], "de-DE": said["de"], "es-ES": said["es"], "fr-FR": said["fr"], "it-IT": said["it"], "ro-RO": said["ro"]} {
		if got := s.web.Catalogue.Printer(locale).T("checkout.error.name_letters"); !strings.Contains(got, words) {
			t.Errorf("%s: %s", locale, got)
		}
	}
}
