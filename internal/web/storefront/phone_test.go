package storefront_test

import (
	"encoding/xml"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var phoneParts = regexp.MustCompile(`(?s)<details id="phone".*?</details>`)

// The code holds the page's own address with the picks in it, and no other page's.
func TestACarGoesFromTheDeskToThePhone(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.page(cheapDuster + "/configure")
	pick := choiceButton.FindStringSubmatch(page.body)
	if pick == nil {
		t.Fatal("nothing to pick")
	}
	page = s.page(cheapDuster + "/configure?" + pick[1] + "=" + pick[2])
	picks := picksField.FindStringSubmatch(page.body)[1]
	part := phoneParts.FindString(page.body)
	want := s.site.URL + cheapDuster + "/configure?" + url.Values{"s": {picks}}.Encode()
	if !strings.Contains(html.UnescapeString(part), `<a href="`+want+`">`+want+`</a>`) || !strings.Contains(part, `alt="QR code with the address of this car"`) {
		t.Errorf("no way to the phone for %s: %s", want, part)
	}
	code := s.page(cheapDuster + "/phone.svg?" + url.Values{"s": {picks}}.Encode())
	if code.head.Get("Content-Type") != "image/svg+xml" || strings.Contains(code.body, "<script") {
		t.Errorf("the code is %s", code.head.Get("Content-Type"))
	}
	must(t, xml.Unmarshal([]byte(code.body), new(struct{})))
	if other := s.page(cheapDuster + "/phone.svg"); other.body == code.body {
		t.Error("another car has the same code")
	}
	if a := s.get(cheapDuster + "/phone.svg?s=" + strings.Repeat("x-", 400)); a.status != 404 && a.status != 200 {
		t.Errorf("nonsense answers %d", a.status)
	}
}

func TestASavedBuildCarriesItsCodeOnPaper(t *testing.T) {
	t.Parallel()
	s := open(t)
	form := s.page(cheapDuster+"/save").form(t, cheapDuster+"/save")
	to := s.post(cheapDuster+"/save", form).to()
	part := phoneParts.FindString(s.page(to).body)
	if !strings.Contains(part, " open>") || !strings.Contains(part, `<svg class="qr"`) || !strings.Contains(part, s.site.URL+to) {
		t.Errorf("the saved build's way to the phone: %s", part)
	}
}
