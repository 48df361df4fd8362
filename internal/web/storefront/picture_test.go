package storefront_test

import (
	"bytes"
	"image/png"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var ogImage = regexp.MustCompile(`<meta property="og:image" content="([^"]+)">`)

// pictureOf is the path of the picture that a page names for those who share it.
func (s *shop) pictureOf(t *testing.T, page string) string {
	t.Helper()
	m := ogImage.FindStringSubmatch(s.get(page).body)
	if m == nil || !strings.HasPrefix(m[1], s.site.URL+"/car/") {
		t.Fatalf("%s names the picture %v", page, m)
	}
	return strings.TrimPrefix(m[1], s.site.URL)
}

func TestASharedLinkBringsAPicture(t *testing.T) {
	t.Parallel()
	s := open(t)
	path := s.pictureOf(t, "/dacia/gb/new/duster")
	if !strings.HasPrefix(path, "/car/dacia/duster/cedar.y5-17.") {
		t.Errorf("the model's picture is at %s", path)
	}
	a := s.get(path)
	if a.status != http.StatusOK || a.head.Get("Content-Type") != "image/png" || !strings.Contains(a.head.Get("Cache-Control"), "immutable") {
		t.Fatalf("%d %v", a.status, a.head)
	}
	c, err := png.DecodeConfig(bytes.NewReader([]byte(a.body)))
	if err != nil || c.Width != 1200 || c.Height != 630 {
		t.Errorf("%+v, %v", c, err)
	}
	if b := s.get(path); b.body != a.body {
		t.Error("the same address shows another picture")
	}
	if it := s.pictureOf(t, "/dacia/it/new/duster"); it != path {
		t.Errorf("a market has pictures of its own: %s", it)
	}
}

func TestPicturesThatAreNone(t *testing.T) {
	t.Parallel()
	s := open(t)
	good := s.pictureOf(t, "/renault/fr/new/clio")
	look := good[strings.LastIndex(good, "/")+1:]
	part := strings.Split(look, ".")
	for path, want := range map[string]int{
		"/car/renault/clio/" + strings.Replace(look, part[0], "no-such-colour", 1): 400,
		"/car/renault/clio/" + part[0] + "." + look:                                400, // a colour twice
		"/car/renault/clio/" + part[1] + "." + part[0] + "." + part[2] + ".png":    400, // another order of the same
		"/car/renault/clio/techno." + look:                                         404, // another look, this one's mark
		"/car/renault/clio/" + part[0] + "." + part[1] + ".0000000000.png":         404,
		"/car/renault/clio/" + strings.TrimSuffix(look, "png") + "svg":             404, // a sketch has a mark of its own
		"/car/renault/clio/" + strings.TrimSuffix(look, "png") + "gif":             400,
		"/car/renault/clio/" + part[0] + ".png":                                    400,
		"/car/renault/clio/.png":                                                   400,
		"/car/renault/clio/" + strings.Repeat("a.", 400) + "png":                   400,
		"/car/renault/boat/" + look:                                                404,
		"/car/dacia/clio/" + look:                                                  404,
		good:                                                                       200,
	} {
		a := s.get(path)
		if a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
		if want != 200 && strings.Contains(a.head.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: a refusal is kept for ever", path)
		}
	}
}

func TestASavedBuildHasItsOwnPicture(t *testing.T) {
	t.Parallel()
	s := open(t)
	build := s.post(cheapDuster+"/save", s.page(cheapDuster+"/save").form(t, cheapDuster+"/save")).to()
	path := s.pictureOf(t, build)
	if path == s.pictureOf(t, "/dacia/gb/new/duster") {
		t.Error("the build looks like the model")
	}
	if a := s.get(path); a.status != http.StatusOK {
		t.Errorf("%s: %d", path, a.status)
	}
	if !strings.Contains(s.page(build).body, `<meta property="og:image:alt" content="Duster `) {
		t.Error("the picture has no words")
	}
}

func TestAListShowsItsCarsAsFiles(t *testing.T) {
	t.Parallel()
	s := open(t)
	page := s.get("/dacia/gb").body
	files := regexp.MustCompile(`<img class="car" src="(/car/[^"]+\.svg)" alt="" width="\d+" height="\d+"`).FindAllStringSubmatch(page, -1)
	if len(files) < 6 || len(page) > 60<<10 {
		t.Fatalf("%d cars as files, %d bytes of page", len(files), len(page))
	}
	path := files[0][1]
	a := s.get(path)
	if a.status != http.StatusOK || a.head.Get("Content-Type") != "image/svg+xml" || !strings.Contains(a.head.Get("Cache-Control"), "immutable") || !strings.HasPrefix(a.body, `<svg xmlns="http://www.w3.org/2000/svg"`) {
		t.Errorf("%d %v %.60s", a.status, a.head, a.body)
	}
	part := strings.Split(path, ".")
	for bad, want := range map[string]int{strings.Replace(path, part[0][strings.LastIndex(part[0], "/")+1:], "no-such-colour", 1): 400, strings.Replace(path, part[2], "0000000000", 1): 404} {
		if got := s.get(bad).status; got != want {
			t.Errorf("%s answers %d, want %d", bad, got, want)
		}
	}
}
