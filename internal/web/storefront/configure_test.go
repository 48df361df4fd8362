package storefront_test

import (
	"net/url"
	"strings"
	"testing"
)

// heaviest is the most that a page may weigh before it is packed, in bytes.
const heaviest = 60 << 10

func picksOf(p answer) string {
	if m := picksField.FindStringSubmatch(p.body); m != nil {
		return m[1]
	}
	return ""
}

// A buyer who takes everything that is offered still gets a page that a slow network carries.
func TestACarWithEverythingPickedStaysLight(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, path := range []string{"/dacia/gb/new/duster", "/dacia/it/new/duster", "/dacia/fr/new/duster", "/dacia/de/new/duster", "/dacia/es/new/duster", "/dacia/ro/new/duster", "/renault/de/new/scenic-e-tech", "/renault/fr/new/austral"} {
		path += "/configure"
		page, took := s.page(path+"?view=quarter"), map[string]bool{}
		for grew := true; grew; {
			grew = false
			for _, b := range choiceButton.FindAllStringSubmatch(page.body, -1) {
				if b[1] != "take" || b[3] != "" || took[b[2]] {
					continue
				}
				took[b[2]], grew = true, true
				page = s.page(path + "?" + url.Values{"view": {"quarter"}, "s": {picksOf(page)}, "take": {b[2]}}.Encode())
				break
			}
		}
		if n := strings.Count(picksOf(page), ".") + 1; n < 10 {
			t.Errorf("%s: only %d picks", path, n)
		}
		if len(page.body) > heaviest {
			t.Errorf("%s with %s: %d bytes", path, picksOf(page), len(page.body))
		}
		t.Logf("%s: %d picks, %d bytes", path, strings.Count(picksOf(page), ".")+1, len(page.body))
	}
}
