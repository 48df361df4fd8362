package storefront_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"strings"
	"testing"

	"forecourt/internal/market"
)

type appManifest struct {
	ID, Name, Scope, Lang, Dir, Display string
	ShortName                           string `json:"short_name"`
	StartURL                            string `json:"start_url"`
	Theme                               string `json:"theme_color"`
	Background                          string `json:"background_color"`
	Icons                               []struct{ Src, Sizes, Type, Purpose string }
}

func TestEveryShopCanBeInstalled(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, shop := range []string{"/dacia/gb", "/renault/it"} {
		page := s.page(shop)
		if !strings.Contains(page.body, `<link rel="manifest" href="`+shop+`/manifest.webmanifest">`) || !strings.Contains(page.body, `<link rel="apple-touch-icon" href="/icons/`) {
			t.Errorf("%s does not name its manifest and icon", shop)
		}
		if csp := page.head.Get("Content-Security-Policy"); !strings.Contains(csp, "manifest-src 'self'") || !strings.Contains(csp, "img-src 'self';") {
			t.Errorf("the policy is %q", csp)
		}
		a := s.page(shop + "/manifest.webmanifest")
		var m appManifest
		must(t, json.Unmarshal([]byte(a.body), &m))
		if a.head.Get("Content-Type") != "application/manifest+json" || m.StartURL != shop || m.Scope != shop || m.ID != shop || m.Display != "standalone" || m.Dir != "ltr" || m.Name == "" || m.ShortName == "" || m.Theme == "" || m.Background == "" {
			t.Errorf("%s: %s", shop, a.body)
		}
		maskable := false
		for _, i := range m.Icons {
			icon := s.page(i.Src)
			maskable = maskable || i.Purpose == "maskable"
			if icon.head.Get("Content-Type") != i.Type {
				t.Errorf("%s is %s", i.Src, icon.head.Get("Content-Type"))
			}
			if i.Type == "image/png" {
				img, err := png.Decode(bytes.NewReader([]byte(icon.body)))
				must(t, err)
				if size := img.Bounds().Size(); i.Sizes != "192x192" && i.Sizes != "512x512" || !strings.HasPrefix(i.Sizes, strings.Split(size.String(), ",")[0][1:]) {
					t.Errorf("%s says %s and is %v", i.Src, i.Sizes, size)
				}
			}
		}
		if !maskable {
			t.Errorf("%s has no maskable icon", shop)
		}
	}
	if got := s.page("/renault/it/manifest.webmanifest"); !strings.Contains(got.body, `"lang":"it-IT"`) || !strings.Contains(got.body, `"name":"Renault Italia"`) {
		t.Errorf("the Italian shop: %s", got.body)
	}
	for _, path := range []string{"/icons/dacia/9.png", "/icons/nobody/192.png", "/icons/dacia/../192.png", "/dacia/xx/manifest.webmanifest"} {
		if a := s.get(path); a.status != 404 {
			t.Errorf("%s answers %d", path, a.status)
		}
	}
}

// The page for no connection is the only one a browser keeps: it must hold nothing that grows old, and its
// keeper's name must change when it does.
func TestTheOfflinePageGrowsNotOld(t *testing.T) {
	t.Parallel()
	s := open(t)
	page, worker := s.page("/dacia/gb/offline"), s.page("/dacia/gb/worker.js")
	if strings.ContainsAny(page.text(), "£€") || strings.Contains(page.body, "form_key") || page.told()["robots"] != "noindex" || !strings.Contains(page.text(), "are safe") {
		t.Errorf("the page: %s", page.text())
	}
	if worker.head.Get("Service-Worker-Allowed") != "/dacia/gb" || worker.head.Get("Cache-Control") != "no-cache" || worker.head.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("the worker's headers: %v", worker.head)
	}
	if len(worker.body) > 4<<10 || !strings.Contains(worker.body, `"page":"/dacia/gb/offline"`) {
		t.Errorf("the worker: %s", worker.body)
	}
	if other := s.page("/dacia/it/worker.js"); strings.Contains(other.body, "/dacia/gb") {
		t.Errorf("the Italian worker keeps a British page: %s", other.body)
	}
	s.switchTo("dacia", "gb", market.Paused)
	s.page("/dacia/gb/worker.js") // a phone that has the shop goes on whatever the switch says
}
