package dealer_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/forms"
	"forecourt/internal/sale"
	"forecourt/internal/testkit"
	"forecourt/internal/usedcars"
	"forecourt/internal/web/dealer"
	"forecourt/internal/web/webtest"
)

// forecourt is a portal with one used car, an electric draft, in the browser of its dealer.
type usedYard struct {
	*testkit.Kit
	house *webtest.House
	anna  *webtest.Browser
	at    string
}

const usedDraft id.UsedCar = "U-7K2M9X"

func openUsed(t *testing.T) *usedYard {
	t.Helper()
	k := testkit.New(t)
	y := &usedYard{Kit: k, house: webtest.Over(k), at: "/dealer/used/" + string(usedDraft)}
	y.house.Open(dealer.New(dealer.Deps{Kit: y.house.Kit, NewCar: k.NewCar, Used: k.UsedCar}).Routes())
	y.anna = y.house.Dealer("anna@example.com", testkit.Leeds)
	k.Tx(func(_ context.Context, tx *db.Tx) error {
		c := usedcars.Car{ID: usedDraft, Brand: "dacia", Market: "gb", Dealer: testkit.Leeds, VIN: "UU1RJU00X247K2M9X", Make: "Dacia", Model: "Spring", Version: "Extreme", Engine: "Electric 65", Body: "city", Fuel: "electric",
			Gearbox: "automatic", Colour: "grey", Doors: 5, Seats: 4, KW: 48, Emission: "none", Registered: "2023-05-02", Km: 21000, Owners: 1, Look: usedcars.Look{Body: "city", Hex: "#808285", Finish: "metallic", Wheels: "multi"},
			PriceMinor: 899000, Currency: "GBP", VAT: usedcars.Margin}
		return usedcars.AddTx(tx, &c, "Dacia Spring", "staff")
	})
	return y
}

func (y *usedYard) staff() sale.Staff {
	return sale.Staff{User: id.New[id.User](), Dealer: testkit.Leeds}
}

func (y *usedYard) whole() *usedcars.Whole {
	y.T.Helper()
	w, err := usedcars.WholeOf(y.DB.Read(y.T.Context()), usedDraft)
	if err != nil {
		y.T.Fatal(err)
	}
	return w
}

func keyed(pairs ...string) url.Values {
	v := url.Values{"form_key": {forms.NewKey()}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// file is one of a form.
type file struct {
	name, kind string
	data       []byte
}

func (y *usedYard) send(b *webtest.Browser, path string, fields url.Values, files ...file) webtest.Answer {
	y.T.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, vs := range fields {
		for _, v := range vs {
			_ = w.WriteField(name, v) // into memory
		}
	}
	for _, f := range files {
		head := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="photo"; filename=%q`, f.name)}, "Content-Type": {f.kind}}
		part, err := w.CreatePart(head)
		if err == nil {
			_, err = part.Write(f.data)
		}
		if err != nil {
			y.T.Fatal(err)
		}
	}
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.Do(r)
}

// bomb is a small file that unpacks to a huge picture.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewPaletted(image.Rect(0, 0, 5_000, 5_000), color.Palette{color.White})); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A dealer makes a car ready without script: pictures, inspection, the register, the battery; then it can be offered.
func TestADealerMakesACarReady(t *testing.T) {
	t.Parallel()
	y := openUsed(t)
	if a := y.anna.Get("/dealer/used"); !strings.Contains(a.Body, `href="`+y.at+`"`) {
		t.Error("the list does not lead to the car")
	}
	a := y.anna.Get(y.at)
	for _, want := range []string{"This is still missing", "0 of 6", "21 are open", "Ask the register", `capture="environment"`, "Next view, Front left", "Not measured"} {
		if a.Status != 200 || !strings.Contains(a.Body, want) {
			t.Errorf("the page (%d) does not say %q", a.Status, want)
		}
	}
	if a := y.anna.Post(y.at+"/list", keyed()); a.Status != 422 || !strings.Contains(a.Body, "cannot be offered yet") || !strings.Contains(a.Body, "0 of 6") {
		t.Errorf("offered with nothing: %d", a.Status)
	}
	shot := file{"a.jpg", "image/jpeg", testkit.JPEG(1400, 1050)}
	if a := y.send(y.anna, y.at+"/photos", keyed("angle", "front_left"), shot); a.Status != 303 {
		t.Fatalf("a picture: %d %s", a.Status, a.Body)
	}
	a = y.anna.Get(y.at)
	if !strings.Contains(a.Body, "Next view, Left side") || !strings.Contains(a.Body, `value="Dacia Spring, Front left"`) || !strings.Contains(a.Body, "Without words, 1") {
		t.Error("the page does not lead to the next view, or offers no words")
	}
	src := regexp.MustCompile(`src="(/dealer/used/[^"]+\.jpg)"`).FindStringSubmatch(a.Body)
	if src == nil {
		t.Fatal("the page shows no picture")
	}
	if got := y.anna.Get(src[1]); got.Status != 200 || got.Header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(got.Header.Get("Cache-Control"), "private") {
		t.Errorf("the picture: %d %v", got.Status, got.Header)
	}
	p := y.whole().Photos[0]
	one := y.at + "/photos/" + string(p.ID)
	if a := y.anna.Post(one, keyed("act", "save", "alt", "", "angle", "front_left", "size", "100", "across", "50", "down", "50")); a.Status != 422 || !strings.Contains(a.Body, `id="alt-1-error"`) {
		t.Errorf("words that are none: %d", a.Status)
	}
	if a := y.anna.Post(one, keyed("act", "save", "alt", "Front left", "angle", "front_left", "size", "70", "across", "100", "down", "0")); a.Status != 303 || y.whole().Photos[0].Cut != 2 || y.whole().Photos[0].Alt != "Front left" {
		t.Errorf("framed: %d, %+v", a.Status, y.whole().Photos[0])
	}
	if a := y.anna.Get(src[1]); a.Status != 404 {
		t.Errorf("the address of the former cut answers %d", a.Status)
	}
	for range 5 {
		if a := y.send(y.anna, y.at+"/photos", keyed("alt", "Another side"), shot); a.Status != 303 {
			t.Fatalf("a picture: %d", a.Status)
		}
	}
	y.finish(t)
}

func (y *usedYard) finish(t *testing.T) {
	t.Helper()
	points := keyed("inspector", "Owen Pryce")
	_, terms, _, err := y.UsedCar.Terms("gb", y.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range terms.Checklist {
		points.Set("point_"+p, "pass")
	}
	points.Set("point_tyres", "disclosed")
	if a := y.anna.Post(y.at+"/checks", points); a.Status != 422 || !strings.Contains(a.Body, `id="point_tyres-error"`) || y.whole().Answers != nil {
		t.Errorf("disclosed without words: %d", a.Status)
	}
	points.Set("words_tyres", "3 mm left")
	points.Set("form_key", forms.NewKey())
	if a := y.anna.Post(y.at+"/checks", points); a.Status != 303 || y.whole().Answers["tyres"].By != "Owen Pryce" {
		t.Errorf("the inspection: %d, %v", a.Status, y.whole().Answers)
	}
	if a := y.anna.Post(y.at+"/past", keyed()); a.Status != 303 || !strings.Contains(y.anna.Get(y.at).Body, "has not answered yet") {
		t.Errorf("the register: %d", a.Status)
	}
	if err := y.UsedCar.LookNow(t.Context(), usedDraft); err != nil {
		t.Fatal(err)
	}
	if a := y.anna.Post(y.at+"/battery", keyed("how", "maker", "percent", "91 %", "measured", "2026-11-02")); a.Status != 303 || y.whole().Battery.Pct != 91 {
		t.Errorf("the battery: %d, %v", a.Status, y.whole().Battery)
	}
	if a := y.send(y.anna, y.at+"/faults", keyed("panel", "roof", "kind", "dent", "mm", "12", "words", "above the door"), file{"b.jpg", "image/jpeg", testkit.JPEG(800, 600)}); a.Status != 303 {
		t.Errorf("a fault: %d", a.Status)
	}
	if a := y.anna.Get(y.at); !strings.Contains(a.Body, "Nothing is missing") || !strings.Contains(a.Body, "12 mm above the door") || !strings.Contains(a.Body, "Demo register") {
		t.Errorf("ready, the page says %s", a.Body)
	}
	if a := y.anna.Post(y.at+"/list", keyed()); a.Status != 303 || y.whole().State != usedcars.Listed {
		t.Errorf("offered: %d, %s", a.Status, y.whole().State)
	}
	if a := y.anna.Post(y.at+"/faults/1/drop", keyed()); a.Status != 409 || len(y.whole().Faults) != 1 {
		t.Errorf("a fault of an offer is taken back: %d", a.Status)
	}
}

// What is no picture, no size and no panel is refused on the page, with nothing half written.
func TestWhatIsWrongWithAUsedCarIsSaidOnItsPage(t *testing.T) {
	t.Parallel()
	y := openUsed(t)
	good := file{"a.jpg", "image/jpeg", testkit.JPEG(800, 600)}
	svg := file{"a.jpg", "image/jpeg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)}
	for name, files := range map[string][]file{"nothing": nil, "svg": {svg}, "text": {{"a.txt", "text/plain", []byte("hello")}}, "bomb": {{"a.png", "image/png", bomb(t)}}, "30 MB": {{"a.jpg", "image/jpeg", append(testkit.JPEG(800, 600), make([]byte, 30<<20)...)}},
		"small": {{"a.jpg", "image/jpeg", testkit.JPEG(320, 240)}}, "one of two": {good, svg}, "seven": {good, good, good, good, good, good, good}} {
		a := y.send(y.anna, y.at+"/photos", keyed("alt", "Kept words"), files...)
		if a.Status != 422 || !strings.Contains(a.Body, `id="photo-error"`) || !strings.Contains(a.Body, "Kept words") {
			t.Errorf("%s: %d", name, a.Status)
		}
		if a := y.send(y.anna, y.at+"/faults", keyed("panel", "roof", "kind", "dent", "mm", "3"), files...); name != "nothing" && (a.Status != 422 || !strings.Contains(a.Body, `id="photo-error"`)) {
			t.Errorf("%s as a fault's: %d", name, a.Status)
		} else if name == "nothing" && a.Status != 303 {
			t.Errorf("a fault without a picture: %d", a.Status)
		}
	}
	if a := y.send(y.anna, y.at+"/photos", keyed(), file{"a.jpg", "image/jpeg", make([]byte, 60<<20)}); a.Status != 413 {
		t.Errorf("60 MB: %d", a.Status)
	}
	for field, typed := range map[string]url.Values{"mm": keyed("panel", "roof", "kind", "dent", "mm", "-5", "words", "Kept words"), "panel": keyed("panel", "wing", "kind", "dent", "mm", "5", "words", "Kept words"), "kind": keyed("panel", "roof", "kind", "<script>", "mm", "5", "words", "Kept words"),
		"words": keyed("panel", "roof", "kind", "dent", "mm", "5", "words", "Kept words "+strings.Repeat("x", 300))} {
		if a := y.anna.Post(y.at+"/faults", typed); a.Status != 422 || !strings.Contains(a.Body, `id="`+field+`-error"`) || !strings.Contains(a.Body, "Kept words") {
			t.Errorf("a fault with a wrong %s: %d", field, a.Status)
		}
	}
	for _, typed := range []url.Values{keyed("how", "maker", "percent", "0", "measured", "2026-11-02"), keyed("how", "maker", "percent", "101", "measured", "2026-11-02"), keyed("how", "guess", "percent", "90", "measured", "2026-11-02"), keyed("how", "maker", "percent", "90", "measured", "2030-01-01"),
		keyed("how", "maker", "percent", "90", "measured", "soon")} {
		if a := y.anna.Post(y.at+"/battery", typed); a.Status != 422 || y.whole().Battery.Pct != 0 {
			t.Errorf("a battery of %v: %d", typed, a.Status)
		}
	}
	if a := y.anna.Post(y.at+"/checks", keyed("inspector", "", "point_tyres", "perfect")); a.Status != 422 || !strings.Contains(a.Body, `id="inspector-error"`) || y.whole().Answers != nil {
		t.Errorf("nobody's inspection: %d", a.Status)
	}
	if w := y.whole(); len(w.Photos) != 0 || len(w.Faults) != 1 {
		t.Errorf("half written are %d pictures, %d faults", len(w.Photos), len(w.Faults))
	}
	var n int
	if _, err := db.One(y.DB.Read(t.Context()), &n, `SELECT count(*) FROM used_photo_files`); err != nil || n != 0 {
		t.Errorf("%d files lie around, %v", n, err)
	}
}

// Another dealer's car is unknown, by every door.
func TestAnotherDealersUsedCarDoesNotExist(t *testing.T) {
	t.Parallel()
	y := openUsed(t)
	y.Photograph(y.staff(), usedDraft)
	p := y.whole().Photos[0]
	other := y.house.Dealer("kit@example.com", testkit.London)
	shot := fmt.Sprintf("%s/photos/%s/1-320.jpg", y.at, p.ID)
	if a := y.anna.Get(shot); a.Status != 200 {
		t.Errorf("one's own picture: %d", a.Status)
	}
	for _, path := range []string{y.at, shot, "/dealer/used/U-AAAAAA", "/dealer/used/%00"} {
		if a := other.Get(path); a.Status != 404 {
			t.Errorf("GET %s as another dealer: %d", path, a.Status)
		}
	}
	for path, f := range map[string]url.Values{"/photos": keyed("alt", "x"), "/photos/" + string(p.ID): keyed("act", "drop"), "/faults": keyed("panel", "roof", "kind", "dent", "mm", "5"), "/faults/1/drop": keyed(), "/checks": keyed("inspector", "x"),
		"/past": keyed(), "/battery": keyed("how", ""), "/list": keyed()} {
		if a := other.Post(y.at+path, f); a.Status != 404 {
			t.Errorf("POST %s as another dealer: %d", path, a.Status)
		}
	}
	if a := y.anna.Post(y.at+"/photos/"+string(id.New[id.UsedPhoto]()), keyed("act", "drop")); a.Status != 404 {
		t.Errorf("a picture that is none: %d", a.Status)
	}
	if w := y.whole(); len(w.Photos) != 6 || w.State != usedcars.Draft {
		t.Errorf("something moved: %d pictures, %s", len(w.Photos), w.State)
	}
}

// An American VIN with a wrong check digit is taken in, and its page says what to compare; no other is doubted.
func TestAnAmericanVINIsDoubtedAndTakenIn(t *testing.T) {
	t.Parallel()
	y := openUsed(t)
	car := func(vin string) url.Values {
		return keyed("vin", vin, "make", "Honda", "model", "Accord", "registered", "2021-06-15", "km", "41,200", "owners", "1", "power", "120", "co2", "150", "doors", "4", "seats", "5", "price", "8990", "brand", "dacia",
			"body", "saloon", "fuel", "petrol", "gearbox", "automatic", "colour", "black", "emission", "euro6", "vat", "margin")
	}
	for vin, doubted := range map[string]bool{"1HGCM82633A004353": true, "1HGCM82633A004352": false, "WVWZZZ1JZ3W386752": false} {
		a := y.anna.Post("/dealer/used", car(vin))
		if a.Status != http.StatusSeeOther || strings.HasPrefix(a.Location, "/dealer/used/U-") != doubted {
			t.Fatalf("%s: %d to %s", vin, a.Status, a.Location)
		}
		if !doubted {
			continue
		}
		if p := y.anna.Get(a.Location); p.Status != 200 || !strings.Contains(p.Body, "does not fit the others") {
			t.Errorf("the page of %s does not say so: %d", vin, p.Status)
		}
	}
	// Twenty fields, and each fault says whose it is.
	if a := y.anna.Post("/dealer/used", keyed("vin", "x")); a.Status != 422 || !strings.Contains(a.Body, `<a href="#owners">Owners before: `) || strings.Count(a.Body, "(optional)") != 4 {
		t.Errorf("an empty form: %d", a.Status)
	}
}
