package app

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/testkit"
)

// showroom is a buyer whose basket is open at Anna's desk in Leeds.
type showroom struct {
	*house
	token       string
	basket      string // the buyer's page
	desk        string // Anna's
	code        string
	buyer, anna *visitor
}

var codeShown = regexp.MustCompile(`class="code mono">([2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4})<`)

func openShowroom(t *testing.T, shareName bool) *showroom {
	t.Helper()
	s := &showroom{house: newHouse(t)}
	s.token, s.buyer, s.anna = s.Draft(testkit.London), s.visitor(), s.staff("anna@northgate-leeds.example.com")
	s.basket = "/dacia/gb/checkout/" + s.token + "/showroom"
	s.open(t, shareName)
	s.desk = s.join(t, s.anna, s.code)
	return s
}

func (s *showroom) open(t *testing.T, shareName bool) {
	t.Helper()
	f := form("act", "open")
	if shareName {
		f.Set("name", "yes")
	}
	if a := s.buyer.post(s.basket, f); a.status != http.StatusSeeOther {
		t.Fatalf("no code: %d", a.status)
	}
	m := codeShown.FindStringSubmatch(s.buyer.get(s.basket).body)
	if m == nil {
		t.Fatal("the page shows no code")
	}
	s.code = m[1]
}

func (s *showroom) join(t *testing.T, v *visitor, code string) string {
	t.Helper()
	a := v.post("/dealer/showroom", form("code", strings.ToLower(strings.ReplaceAll(code, "-", " "))))
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to(), "/dealer/showroom/") {
		t.Fatalf("the code opens nothing: %d %s", a.status, a.to())
	}
	return a.to()
}

var (
	colourButton = regexp.MustCompile(`(?s)id="colour".*?<button class="choice" name="take" value="([a-z0-9_]+)"`)
	takeForm     = regexp.MustCompile(`(?s)<form class="take" action="([^"]+)"[^>]*>(.*?)</form>`)
	hiddenField  = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
)

// paint goes to the configurator of a basket, clicks another colour there and gives the form that would take it.
func paint(t *testing.T, v *visitor, car string) (string, url.Values) {
	t.Helper()
	start := v.get(car)
	if start.status != http.StatusSeeOther {
		t.Fatalf("%s: %d", car, start.status)
	}
	page := v.get(start.to())
	m := colourButton.FindStringSubmatch(page.body)
	if m == nil {
		t.Fatalf("no other colour: %d", page.status)
	}
	page = v.get(start.to() + "&take=" + m[1])
	f := takeForm.FindStringSubmatch(page.body)
	if f == nil {
		t.Fatalf("nothing to take: %d", page.status)
	}
	out := url.Values{}
	for _, x := range hiddenField.FindAllStringSubmatch(f[2], -1) {
		out.Set(x[1], html.UnescapeString(x[2]))
	}
	return f[1], out
}

// act sends a form of a page, with the version that the page shows.
func act(t *testing.T, v *visitor, page string, pairs ...string) answer {
	t.Helper()
	return v.post(page, form(append(pairs, "version", shownVersion(t, v, page))...))
}

var versionShown = regexp.MustCompile(`data-version="(\d+)"`)

func shownVersion(t *testing.T, v *visitor, page string) string {
	t.Helper()
	m := versionShown.FindStringSubmatch(v.get(page).body)
	if m == nil {
		t.Fatalf("%s shows no version", page)
	}
	return m[1]
}

func (s *showroom) build(t *testing.T) string {
	t.Helper()
	var code string
	_, err := db.One(s.DB.Read(t.Context()), &code, `SELECT configuration FROM drafts WHERE token_hash = ?`, ordering.HashToken(s.token))
	must(t, err)
	return code
}

func (s *showroom) pay(v *visitor) answer {
	check := "/dacia/gb/checkout/" + s.token + "/check"
	seen := regexp.MustCompile(`name="seen_total" value="(\d+)"`).FindStringSubmatch(v.get(check).body)
	if seen == nil {
		s.T.Fatal("no check page")
	}
	return v.post("/dacia/gb/checkout/"+s.token+"/pay", form("terms", "yes", "seen_total", seen[1]))
}

func TestABasketGoesOnAtADesk(t *testing.T) {
	t.Parallel()
	s := openShowroom(t, true)
	page := s.anna.get(s.desk)
	for _, want := range []string{testkit.Buyer.Name, "Northgate Motors Leeds", "Duster"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the desk does not see %q", want)
		}
	}
	for _, hidden := range []string{testkit.Buyer.Email, testkit.Buyer.Phone, testkit.Buyer.Street, testkit.Buyer.Postcode, s.token} {
		if strings.Contains(page.body, hidden) {
			t.Errorf("the desk sees %q", hidden)
		}
	}
	before := s.build(t)
	to, f := paint(t, s.anna, s.desk+"/car")
	if a := s.anna.post(to, f); a.status != http.StatusSeeOther || a.to() != s.desk {
		t.Fatalf("the change: %d %s", a.status, a.to())
	}
	if s.build(t) == before {
		t.Fatal("nothing changed")
	}
	signed := "Anna Whitcombe, Manager of the site, Northgate Motors Leeds"
	for who, got := range map[string]answer{"buyer": s.buyer.get(s.basket), "dealer": s.anna.get(s.desk)} {
		if !strings.Contains(got.body, signed) || !strings.Contains(got.body, "The buyer has not answered yet") {
			t.Errorf("the %s does not see who changed it", who)
		}
	}
	if a := s.pay(s.buyer); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Look at the changes and accept them") {
		t.Errorf("paid with a change that was not looked at: %d", a.status)
	}
	if a := act(t, s.buyer, s.basket, "act", "back", "seq", "1"); a.status != http.StatusSeeOther || s.build(t) != before {
		t.Errorf("taken back: %d", a.status)
	}
	if a := act(t, s.buyer, s.basket, "act", "back", "seq", "1"); a.status != http.StatusConflict {
		t.Errorf("taken back twice: %d", a.status)
	}
	to, f = paint(t, s.anna, s.desk+"/car")
	s.anna.post(to, f)
	if a := act(t, s.buyer, s.basket, "act", "accept"); a.status != http.StatusSeeOther {
		t.Errorf("accepted: %d", a.status)
	}
	if a := s.pay(s.buyer); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to(), s.BankURL) {
		t.Fatalf("the buyer cannot pay: %d %s", a.status, a.to())
	}
	if a := s.anna.get(s.desk); a.status != http.StatusGone {
		t.Errorf("the desk still sees what was ordered: %d", a.status)
	}
	var o struct{ Origin, OriginDealer string }
	_, err := db.One(s.DB.Read(t.Context()), &o, `SELECT origin, origin_dealer FROM orders`)
	must(t, err)
	if o.Origin != "showroom" || o.OriginDealer != string(testkit.Leeds) {
		t.Errorf("the order comes from %+v", o)
	}
	s.audited(t, "showroom.open", "showroom.join", "showroom.change", "showroom.accept")
	s.noOwnMistakes()
}

func (s *showroom) audited(t *testing.T, actions ...string) {
	t.Helper()
	for _, action := range actions {
		var n int
		_, err := db.One(s.DB.Read(t.Context()), &n, `SELECT count(*) FROM audit_log WHERE action = ? AND old::text || new::text NOT LIKE '%Raman%'`, action)
		must(t, err)
		if n == 0 {
			_, err = db.One(s.DB.Read(t.Context()), &n, `SELECT count(*) FROM audit_log WHERE action = ?`, action)
			must(t, err)
		}
		if n == 0 {
			t.Errorf("%s is not in the audit", action)
		}
	}
}

func TestADeskSeesNoNameUnlessTheBuyerShowsIt(t *testing.T) {
	t.Parallel()
	s := openShowroom(t, false)
	if strings.Contains(s.anna.get(s.desk).body, testkit.Buyer.Name) {
		t.Error("the name is seen")
	}
	s.buyer.post(s.basket, form("act", "name", "name", "yes"))
	if !strings.Contains(s.anna.get(s.desk).body, testkit.Buyer.Name) {
		t.Error("the name that was shown is not seen")
	}
	s.buyer.post(s.basket, form("act", "name"))
	if strings.Contains(s.anna.get(s.desk).body, testkit.Buyer.Name) {
		t.Error("the name is seen after it was hidden")
	}
}

func TestOneDeskSeesABasket(t *testing.T) {
	t.Parallel()
	s := openShowroom(t, true)
	s.colleagueAlone(t, "imran@northgate-leeds.example.com", loginOf(t, "gb-london-kestrel"), "gillian@northgate-leeds.example.com")
	if again := s.join(t, s.anna, s.code); again != s.desk {
		t.Errorf("typed again: %s", again)
	}
	if a := s.staff("pawel@northgate-leeds.example.com").post("/dealer/showroom", form("code", s.code)); a.status != http.StatusForbidden {
		t.Errorf("who hands cars over opens a basket: %d", a.status)
	}
	italian := s.staff(loginOf(t, string(s.app.World.Now().Dealers("dacia", "it", id.FlowNew)[0].Code)))
	s.open(t, true)
	if a := italian.post("/dealer/showroom", form("code", s.code)); a.status != http.StatusUnprocessableEntity {
		t.Errorf("another market opens a basket: %d", a.status)
	}
	if a := s.anna.get(s.desk); a.status != http.StatusGone {
		t.Errorf("a new code leaves the old desk open: %d", a.status)
	}
}

// colleagueAlone tries all that a stranger can try with a desk that is not his.
func (s *showroom) colleagueAlone(t *testing.T, emails ...string) {
	t.Helper()
	before := s.build(t)
	for _, email := range emails {
		v := s.staff(email)
		if a := v.post("/dealer/showroom", form("code", s.code)); a.status != http.StatusUnprocessableEntity || strings.Contains(a.body, testkit.Buyer.Name) {
			t.Errorf("%s opens a code that was used: %d", email, a.status)
		}
		for _, path := range []string{s.desk, s.desk + "/car", s.desk + "/events", s.desk + "/car?s=x"} {
			if a := v.get(path); a.status != http.StatusNotFound {
				t.Errorf("%s at %s: %d", email, path, a.status)
			}
		}
		req := v.request(http.MethodGet, s.desk+"/events", nil)
		req.Header.Set("Accept", "text/event-stream")
		if a := v.do(req); a.status != http.StatusNotFound {
			t.Errorf("%s hears another's basket: %d", email, a.status)
		}
		_, f := paint(t, s.anna, s.desk+"/car")
		for path, f := range map[string]url.Values{s.desk + "/car": f, s.desk: form("act", "close"), s.desk + "/../" + strings.TrimPrefix(s.desk, "/dealer/showroom/"): form("act", "move", "version", "1")} {
			if a := v.post(path, f); a.status != http.StatusNotFound {
				t.Errorf("%s acts at %s: %d", email, path, a.status)
			}
		}
	}
	if s.build(t) != before || s.anna.get(s.desk).status != http.StatusOK {
		t.Error("a stranger changed the basket")
	}
}

func TestWhoComesSecondSeesWhatHappened(t *testing.T) {
	t.Parallel()
	s := openShowroom(t, false)
	car := strings.TrimSuffix(s.basket, "showroom") + "car"
	mine, theirs := url.Values{}, url.Values{}
	_, mine = paint(t, s.buyer, car)
	_, theirs = paint(t, s.anna, s.desk+"/car")
	var wg sync.WaitGroup
	answers := [2]answer{}
	wg.Go(func() { answers[0] = s.buyer.post(car, mine) })
	wg.Go(func() { answers[1] = s.anna.post(s.desk+"/car", theirs) })
	wg.Wait()
	won, lost := 0, 0
	for _, a := range answers {
		switch a.status {
		case http.StatusSeeOther:
			won++
		case http.StatusConflict:
			lost++
			if !strings.Contains(a.body, "The other side changed this a moment ago") || !strings.Contains(a.body, "Who changed what") {
				t.Error("who lost does not see what happened")
			}
		}
	}
	if won != 1 || lost != 1 {
		t.Errorf("both changed at once: %d and %d", answers[0].status, answers[1].status)
	}
}

func TestADeskEndsWithItsTimeAndWithTheBuyer(t *testing.T) {
	t.Parallel()
	s := openShowroom(t, false)
	s.Clock.Advance(20 * time.Minute)
	if a := s.buyer.post(s.basket, form("act", "longer")); a.status != http.StatusSeeOther {
		t.Errorf("longer: %d", a.status)
	}
	s.Clock.Advance(20 * time.Minute)
	if a := s.anna.get(s.desk); a.status != http.StatusOK {
		t.Errorf("after it was prolonged: %d", a.status)
	}
	_, f := paint(t, s.anna, s.desk+"/car")
	before := s.build(t)
	if a := s.buyer.post(s.basket, form("act", "close")); a.status != http.StatusSeeOther {
		t.Errorf("closed: %d", a.status)
	}
	for _, a := range []answer{s.anna.get(s.desk), s.anna.get(s.desk + "/car"), s.anna.get(s.desk + "/events"), s.anna.post(s.desk+"/car", f), s.anna.post(s.desk, form("act", "move", "version", "1"))} {
		if a.status != http.StatusGone {
			t.Errorf("after the buyer closed it: %d", a.status)
		}
	}
	if s.build(t) != before {
		t.Error("a closed desk changed the basket")
	}
	s.open(t, false)
	s.Clock.Advance(ordering.DeskLife)
	if a := s.anna.post("/dealer/showroom", form("code", s.code)); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a code whose time is over: %d", a.status)
	}
	if p := s.buyer.get(s.basket); codeShown.MatchString(p.body) {
		t.Error("the page shows a code that is over")
	}
}

func TestCodesAreNotGuessed(t *testing.T) {
	t.Parallel()
	s := openShowroom(t, false)
	limited := false
	for range 15 {
		limited = limited || s.anna.post("/dealer/showroom", form("code", "2222-2222")).status == http.StatusTooManyRequests
	}
	if !limited {
		t.Error("guesses are not counted")
	}
}

func TestADealerCannotBuyForTheBuyer(t *testing.T) {
	t.Parallel()
	s := openShowroom(t, true)
	key := strings.TrimPrefix(s.desk, "/dealer/showroom/")
	for _, path := range []string{"/dacia/gb/checkout/" + key + "/pay", "/dacia/gb/checkout/" + s.code + "/pay", "/dacia/gb/checkout/" + key + "/details"} {
		if a := s.anna.post(path, form("terms", "yes", "name", "Anna")); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := s.anna.post(s.desk, form("act", "accept", "version", "1")); a.status != http.StatusBadRequest {
		t.Errorf("the dealer accepts his own change: %d", a.status)
	}
}

func TestADealerMovesTheBasketToHisDeskAndTheBuyerDecides(t *testing.T) {
	t.Parallel()
	s := openShowroom(t, false)
	kestrel := s.staff(loginOf(t, "gb-london-kestrel"))
	s.open(t, false)
	desk := s.join(t, kestrel, s.code)
	if a := act(t, kestrel, desk, "act", "move"); a.status != http.StatusSeeOther {
		t.Fatalf("moved: %d", a.status)
	}
	if a := s.pay(s.buyer); a.status != http.StatusUnprocessableEntity {
		t.Errorf("ordered from a dealer that the buyer did not agree to: %d", a.status)
	}
	if a := act(t, s.buyer, s.basket, "act", "back", "seq", "1"); a.status != http.StatusSeeOther {
		t.Errorf("taken back: %d", a.status)
	}
	var d struct{ Dealer, Fallbacks string }
	_, err := db.One(s.DB.Read(t.Context()), &d, `SELECT dealer, array_to_string(fallbacks, ',') AS fallbacks FROM drafts`)
	must(t, err)
	if d.Dealer != string(testkit.Leeds) || d.Fallbacks != string(testkit.London) {
		t.Errorf("the buyer's dealers are not as before: %+v", d)
	}
}

func TestABasketBegunAtADeskGoesHome(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	anna, buyer, thief := h.staff("anna@northgate-leeds.example.com"), h.visitor(), h.visitor()
	page := anna.get("/dealer/showroom/new/dacia/duster")
	f := takeForm.FindStringSubmatch(page.body)
	if f == nil {
		t.Fatalf("nothing to begin with: %d", page.status)
	}
	fields := url.Values{}
	for _, x := range hiddenField.FindAllStringSubmatch(f[2], -1) {
		fields.Set(x[1], html.UnescapeString(x[2]))
	}
	a := anna.post(f[1], fields)
	if a.status != http.StatusSeeOther {
		t.Fatalf("begun: %d", a.status)
	}
	desk := a.to()
	m := codeShown.FindStringSubmatch(anna.get(desk).body)
	if m == nil {
		t.Fatal("no code for the buyer")
	}
	if a := thief.post("/dacia/gb/showroom", form("code", "2222-2222")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code: %d", a.status)
	}
	if a := thief.post("/renault/gb/showroom", form("code", m[1])); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a code of another shop: %d", a.status)
	}
	a = buyer.post("/dacia/gb/showroom", form("code", m[1]))
	if a.status != http.StatusSeeOther || !strings.HasSuffix(a.to(), "/showroom") {
		t.Fatalf("taken home: %d %s", a.status, a.to())
	}
	s := &showroom{house: h, buyer: buyer, anna: anna, basket: a.to(), desk: desk, token: strings.Split(a.to(), "/")[4]}
	if a := thief.post("/dacia/gb/showroom", form("code", m[1])); a.status != http.StatusUnprocessableEntity {
		t.Errorf("taken twice: %d", a.status)
	}
	if strings.Contains(anna.get(desk).body, s.token) {
		t.Error("the dealer has the buyer's link")
	}
	buyer.post("/dacia/gb/checkout/"+s.token+"/details", form("name", "Priya Raman", "email", "priya@example.com", "phone", "07700 900142", "street", "8 Ash Grove", "postcode", "LS6 2AB", "town", "Leeds"))
	if a := s.pay(buyer); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to(), h.BankURL) {
		t.Errorf("the buyer cannot pay at home: %d", a.status)
	}
	s.audited(t, "showroom.begin", "showroom.claim")
}

// A role that was taken away ends the desk with the next request.
func TestADeskNeedsItsRole(t *testing.T) {
	t.Parallel()
	s := openShowroom(t, true)
	s.Tx(func(_ context.Context, tx *db.Tx) error {
		return tx.Exec(`UPDATE staff_roles SET ended_at = now(), ended_by = (SELECT id::text FROM users WHERE email = 'anna@northgate-leeds.example.com')
			WHERE user_id = (SELECT id FROM users WHERE email = 'anna@northgate-leeds.example.com')`).Error
	})
	if a := s.anna.get(s.desk); a.status != http.StatusForbidden {
		t.Errorf("without a role: %d", a.status)
	}
}
