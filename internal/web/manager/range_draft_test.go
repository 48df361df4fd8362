package manager_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/web/webtest"
	"forecourt/internal/world"
)

func dusterFile(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../../config/ranges/dacia/duster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// changed is a file with one piece of it replaced.
func changed(t *testing.T, file, old, new string) string {
	t.Helper()
	if !strings.Contains(file, old) {
		t.Fatalf("the file has no %q", old)
	}
	return strings.Replace(file, old, new, 1)
}

// upload sends a file as a browser does.
func upload(b *webtest.Browser, path, field, text string) webtest.Answer {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if field == "file" {
		part, _ := w.CreateFormFile("file", "duster.yaml")
		_, _ = part.Write([]byte(text))
	} else {
		_ = w.WriteField(field, text)
	}
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.Do(r)
}

// hopeless is the file with rules that leave no car.
func hopeless(t *testing.T, file string) string {
	t.Helper()
	because := ", because: {en: No., it: No., fr: Non.}}\n"
	return changed(t, file, "rules:\n", "rules:\n  - {kind: excludes, if: essential, any: [steel-16]"+because+"  - {kind: excludes, if: expression, any: [multi-17]"+because+
		"  - {kind: excludes, if: extreme, any: [multi-17, y5-17, turbine-18]"+because+"  - {kind: excludes, if: journey, any: [multi-17, y5-17, turbine-18]"+because)
}

func TestABrokenFileIsRefusedAndNothingChanges(t *testing.T) {
	t.Parallel()
	h := house(t)
	b, good := allMarkets(h), dusterFile(t)
	before := h.Kit.World.Now().Version
	for name, c := range map[string]struct {
		text  string
		words []string
	}{
		"nothing":       {"", []string{"Choose a file or paste its text."}},
		"no range":      {"hello: world", []string{"The file has mistakes", `no key "hello"`}},
		"not yaml":      {"brand: [", []string{"The file has mistakes"}},
		"unknown part":  {changed(t, good, "if: heated-screen, any: [climate-auto]", "if: heated-screen, any: [climate-magic]"), []string{"climate-magic", "line to mend"}},
		"other model":   {changed(t, good, "model: duster", "model: bigster"), []string{"must be called dacia/bigster.yaml"}},
		"contradiction": {hopeless(t, good), []string{"cannot be published", "not one car can be built", "any: [multi-17]"}},
		"hostile":       {"a: &a [x]\nb: [*a, *a]\n" + strings.Repeat("c: ", 50), []string{"The file has mistakes"}},
		"too large":     {strings.Repeat("# filler\n", 240_000), []string{"larger than 2 MB"}},
	} {
		for _, field := range []string{"file", "text"} {
			a := upload(b, duster+"/draft", field, c.text)
			if a.Status != 422 {
				t.Errorf("%s as %s: %d", name, field, a.Status)
			}
			says(t, name+" as "+field, a, c.words...)
		}
	}
	if a := upload(b, duster+"/draft", "file", strings.Repeat("x", 3<<20)); a.Status != 413 {
		t.Errorf("a huge file: %d", a.Status)
	}
	if n := count(t, h, `SELECT count(*) FROM range_drafts`); n != 0 {
		t.Errorf("%d drafts are kept", n)
	}
	if err := h.Kit.World.Refresh(t.Context()); err != nil || h.Kit.World.Now().Version != before {
		t.Errorf("the live world moved: %v", err)
	}
}

// without is the file with a rule less and a price changed.
func without(t *testing.T) string {
	t.Helper()
	file := changed(t, dusterFile(t), "  - {kind: excludes, if: spare-wheel, any: [sound]", "  - {kind: excludes, if: spare-wheel, any: [dog-guard]")
	return file
}

func TestADraftGoesLiveAfterAConfirmation(t *testing.T) {
	t.Parallel()
	h := house(t)
	b, other := allMarkets(h), listening(t, h)
	a := upload(b, duster+"/draft", "file", without(t))
	if a.Status != 303 || !strings.HasPrefix(a.Location, duster+"/drafts/") {
		t.Fatalf("%d", a.Status)
	}
	draft := a.Location
	a = page(t, h, b, draft)
	says(t, "the draft", a, "The draft is sound", "1 rule comes in", "Spare wheel does not go with Dog guard", "1 rule goes", "Spare wheel does not go with Surround sound with subwoofer.", "Italia", "France")
	key := strings.TrimPrefix(draft, duster+"/drafts/")
	says(t, "the draft asked", page(t, h, b, duster+"/try?draft="+key+"&s=spare-wheel.sound"), "not live", "live: not possible", "Let go of Surround sound")
	if old := dusterIn(t, other.Now(), h, "gb"); choiceOf(t, old, "spare-wheel").Feature == nil {
		t.Fatal("the live range lost a feature")
	}
	harriet := h.Manager("harriet@gb-office.example.com", "gb")
	says(t, "a manager of one market", page(t, h, harriet, draft), "Your account does not have Deutschland, España, France, Italia and România")
	isSilent(t, "the draft for a manager of one market", harriet.Get(draft), ">Italia</h2>", "/publish\"", "/drop\"")
	for _, path := range []string{draft + "/publish", draft + "/drop", duster + "/draft"} {
		if a := harriet.Post(path, url.Values{"note": {"not mine to do"}, "text": {"x"}}); a.Status != 403 {
			t.Errorf("a manager of one market posts %s: %d", path, a.Status)
		}
	}
	if a := harriet.Get(draft + "/publish"); a.Status != 403 {
		t.Errorf("a manager of one market is asked to confirm: %d", a.Status)
	}
	confirm := page(t, h, b, draft+"/publish")
	form := url.Values{"form_key": {confirm.Hidden("form_key")}, "against": {confirm.Hidden("against")}, "note": {""}}
	if a := b.Post(draft+"/publish", form); a.Status != 422 {
		t.Errorf("without a note: %d", a.Status)
	}
	if n := count(t, h, `SELECT count(*) FROM range_publications WHERE model = 'duster'`); n != 1 {
		t.Errorf("%d publications before the confirmation", n)
	}
	form.Set("note", "The subwoofer has a new place")
	a = b.Post(draft+"/publish", form)
	if a.Status != 303 {
		t.Fatalf("%d", a.Status)
	}
	says(t, "the page afterwards", page(t, h, b, a.Location), "Live since", "The subwoofer has a new place", "Spare wheel does not go with Dog guard")
	goes := func(w *world.World) bool {
		mk, _ := w.Market("it")
		mo, err := w.Model("dacia", "it", "duster", world.Today(mk, h.Clock.Now()))
		if err != nil {
			return false
		}
		_, err = mo.Page(configurator.Selection{"spare-wheel", "sound"})
		return err == nil
	}
	awaits(t, other, goes)
	if again := b.Post(draft+"/publish", form); again.Status != 303 || again.Location != strings.TrimSuffix(a.Location, "&published=1") {
		t.Errorf("sent twice: %d %s", again.Status, again.Location)
	}
	if n := count(t, h, `SELECT count(*) FROM range_publications WHERE model = 'duster' AND note = 'The subwoofer has a new place' AND published_by LIKE 'staff:%'`); n != 1 {
		t.Errorf("%d publications", n)
	}
	if n := count(t, h, `SELECT count(*) FROM range_drafts`); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
}

func TestNobodyPublishesOverAColleagueUnseen(t *testing.T) {
	t.Parallel()
	h := house(t)
	b := allMarkets(h)
	first, second := upload(b, duster+"/draft", "text", without(t)), upload(b, duster+"/draft", "text", strings.ReplaceAll(dusterFile(t), "\n", "\r\n"))
	open := page(t, h, b, second.Location+"/publish")
	confirm := page(t, h, b, first.Location+"/publish")
	ok := b.Post(first.Location+"/publish", url.Values{"form_key": {confirm.Hidden("form_key")}, "against": {confirm.Hidden("against")}, "note": {"The first one"}})
	if ok.Status != 303 {
		t.Fatal(ok.Status)
	}
	late := b.Post(second.Location+"/publish", url.Values{"form_key": {open.Hidden("form_key")}, "against": {open.Hidden("against")}, "note": {"The second one"}})
	if late.Status != 409 {
		t.Fatalf("%d", late.Status)
	}
	says(t, "the page", late, "Somebody published this model", "The second one", "Spare wheel does not go with Surround sound")
	drop := b.Post(second.Location+"/drop", url.Values{"form_key": {late.Hidden("form_key")}})
	if drop.Status != 303 || b.Get(second.Location).Status != 404 {
		t.Errorf("dropped: %d", drop.Status)
	}
	if again := b.Post(second.Location+"/drop", url.Values{}); again.Status != 303 {
		t.Errorf("dropped twice: %d", again.Status)
	}
}
