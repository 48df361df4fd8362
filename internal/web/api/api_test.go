package api_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"forecourt/internal/connected"
	"forecourt/internal/flow/newcar"
	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/sale"
	"forecourt/internal/web/api"
	"forecourt/internal/web/webtest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

const (
	leeds  id.Dealer = "gb-leeds-northgate"
	london id.Dealer = "gb-london-kestrel"
	list             = "/api/v1/dealer/orders"
)

// A lead is XML; the contract says no more of its body than that it is text.
func init() { openapi3filter.RegisterBodyDecoder("application/xml", openapi3filter.FileBodyDecoder) }

// site is the API with its contract: every answer that passes through it is held against that.
type site struct {
	*webtest.House
	tokens   *identity.Tokens
	contract routers.Router
}

func open(t *testing.T) *site {
	t.Helper()
	keys, err := identity.ParseKeys(identity.NewSeed())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{House: webtest.New(t)}
	s.tokens = identity.NewTokens(s.DB, keys)
	inserts, err := jobs.New(s.DB.Pool, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	desk := &sale.Service{DB: s.DB, World: s.Kit.World, Jobs: inserts, Words: s.Kit.Catalogue}
	cars := &connected.Service{DB: s.DB, Words: s.Kit.Catalogue, Rules: rules(t), Place: func(code id.Market) connected.Place {
		m, _ := s.Kit.World.Now().Market(code)
		return connected.Place{Locale: m.Locale, Zone: m.Zone(), Unit: m.Unit()}
	}}
	s.Open(api.New(s.Kit, s.tokens, newcar.New(desk), usedcar.New(desk, nil)).Connect(connected.NewIntake(s.DB, cars.Rules, cars.Zone), cars).Routes())
	doc, err := openapi3.NewLoader().LoadFromData([]byte(s.Stranger().Get("/api/v1/openapi.json").Body))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatalf("the contract is no OpenAPI: %v", err)
	}
	if s.contract, err = legacy.NewRouter(doc); err != nil {
		t.Fatal(err)
	}
	return s
}

// call sends a request and holds the answer against the contract.
func (s *site) call(t *testing.T, method, path, body string, header ...string) webtest.Answer {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	route, params, err := s.contract.FindRoute(r.Clone(t.Context()))
	if err != nil {
		t.Fatalf("%s %s is not in the contract: %v", method, path, err)
	}
	a := s.Stranger().Do(r)
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.Status, Header: a.Header}
	out.SetBodyBytes([]byte(a.Body))
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		t.Errorf("%s %s: %d is not as the contract says: %v\n%s", method, path, a.Status, err, a.Body)
	}
	return a
}

// client registers a dealer's system.
func (s *site) client(t *testing.T, d id.Dealer) (id.APIClient, string) {
	t.Helper()
	c, secret, err := s.tokens.AddClient(t.Context(), d, "dealer system")
	if err != nil {
		t.Fatal(err)
	}
	return c, secret
}

func (s *site) token(t *testing.T, d id.Dealer) string {
	t.Helper()
	c, secret := s.client(t, d)
	return access(t, s.call(t, "POST", "/api/v1/token", credentials(c, secret), "Content-Type", "application/json"))
}

func credentials(c id.APIClient, secret string) string {
	b, _ := json.Marshal(map[string]string{"client_id": string(c), "client_secret": secret})
	return string(b)
}

func access(t *testing.T, a webtest.Answer) string {
	t.Helper()
	var out struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil || a.Status != 200 || out.ExpiresIn != 900 {
		t.Fatalf("no token: %d %s", a.Status, a.Body)
	}
	return out.AccessToken
}

type answer struct {
	Orders []struct {
		Number string
		State  string
		VIN    *string `json:"vin"`
		DueAt  *string `json:"due_at"`
		Pickup *struct {
			StartsAt time.Time `json:"starts_at"`
		}
		Buyer *struct{ Name string }
	}
	Next *string
}

func (s *site) orders(t *testing.T, token, query string) answer {
	t.Helper()
	a := s.call(t, "GET", list+query, "", "Authorization", "Bearer "+token)
	var out answer
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil || a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	return out
}

func TestSecretsAreChangedIntoTokens(t *testing.T) {
	t.Parallel()
	s := open(t)
	c, secret := s.client(t, leeds)
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(string(c)+":"+secret))
	a := s.call(t, "POST", "/api/v1/token", "", "Authorization", basic)
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Error("a token may be kept by caches")
	}
	s.orders(t, access(t, a), "")
	s.orders(t, access(t, s.call(t, "POST", "/api/v1/token", credentials(c, secret), "Content-Type", "application/json; charset=utf-8")), "")
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {string(c)}, "client_secret": {secret}}.Encode()
	s.orders(t, access(t, s.call(t, "POST", "/api/v1/token", form, "Content-Type", "application/x-www-form-urlencoded")), "")
	for name, x := range map[string]struct {
		body, kind string
		want       int
	}{
		"wrong secret":    {credentials(c, "fcs_wrong"), "application/json", 401},
		"unknown client":  {credentials(id.New[id.APIClient](), secret), "application/json", 401},
		"no uuid":         {credentials("'; DROP TABLE orders; --", secret), "application/json", 401},
		"empty":           {"{}", "application/json", 401},
		"nothing":         {"", "application/json", 400},
		"half":            {`{"client_id":`, "application/json", 400},
		"two":             {`{}{}`, "application/json", 400},
		"a list":          {`[]`, "application/json", 400},
		"numbers":         {`{"client_id":1}`, "application/json", 400},
		"wrong in a form": {"client_id=" + string(c) + "&client_secret=fcs_wrong", "application/x-www-form-urlencoded", 401},
		"twice in a form": {"client_id=" + string(c) + "&client_secret=x&client_secret=" + secret, "application/x-www-form-urlencoded", 400},
		"another grant":   {"grant_type=password&client_id=" + string(c) + "&client_secret=" + secret, "application/x-www-form-urlencoded", 400},
		"empty form":      {"", "application/x-www-form-urlencoded", 400},
		"no form":         {"client_id=%zz", "application/x-www-form-urlencoded", 400},
		"plain text":      {"client_id=" + string(c) + "&client_secret=" + secret, "text/plain", 400},
		"huge":            {`{"client_id":"` + strings.Repeat("a", 70_000) + `"}`, "application/json", 413},
	} {
		a := s.call(t, "POST", "/api/v1/token", x.body, "Content-Type", x.kind)
		if a.Status != x.want {
			t.Errorf("%s: %d, want %d", name, a.Status, x.want)
		}
		if x.want == 401 && (!strings.Contains(a.Body, `"code":"invalid_client"`) || !strings.Contains(a.Body, "client secret is wrong")) {
			t.Errorf("%s: %s", name, a.Body)
		}
		if strings.Contains(a.Body, secret) || (a.Status == 401) != (a.Header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s: %s %s", name, a.Header.Get("WWW-Authenticate"), a.Body)
		}
	}
}

func TestOnlyGoodTokensGetIn(t *testing.T) {
	t.Parallel()
	s := open(t)
	good := s.token(t, leeds)
	parts := strings.Split(good, ".")
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
	foreign, err := identity.ParseKeys(identity.NewSeed())
	if err != nil {
		t.Fatal(err)
	}
	c, secret := s.client(t, leeds)
	otherKey, _, err := identity.NewTokens(s.DB, foreign).IssueToken(t.Context(), c, secret, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	attacks := map[string][]string{
		"none":          {},
		"empty":         {"Authorization", ""},
		"no token":      {"Authorization", "Bearer "},
		"no scheme":     {"Authorization", good},
		"basic":         {"Authorization", "Basic " + good},
		"twice":         {"Authorization", "Bearer " + good, "Authorization", "Bearer " + good},
		"alg none":      {"Authorization", "Bearer " + part(`{"alg":"none","typ":"at+jwt"}`) + "." + parts[1] + "."},
		"alg HS256":     {"Authorization", "Bearer " + part(`{"alg":"HS256","typ":"at+jwt"}`) + "." + parts[1] + "." + parts[2]},
		"other dealer":  {"Authorization", "Bearer " + parts[0] + "." + part(strings.Replace(string(claims), string(leeds), string(london), 1)) + "." + parts[2]},
		"no signature":  {"Authorization", "Bearer " + parts[0] + "." + parts[1] + "."},
		"cut":           {"Authorization", "Bearer " + good[:len(good)-4]},
		"foreign key":   {"Authorization", "Bearer " + otherKey},
		"rubbish":       {"Authorization", "Bearer \x00\xff..,,"},
		"long":          {"Authorization", "Bearer " + strings.Repeat("a", 9000)},
		"a cookie only": {"Cookie", "forecourt=" + strings.Repeat("a", 43)},
	}
	for name, header := range attacks {
		s.refused(t, name, header...)
	}
	if a := s.call(t, "GET", list+"?access_token="+url.QueryEscape(good), ""); a.Status != 401 {
		t.Errorf("a token in the address: %d", a.Status)
	}
	s.orders(t, good, "") // still good
	s.Clock.Advance(16 * time.Minute)
	s.refused(t, "expired", "Authorization", "Bearer "+good)
	s.Clock.Advance(-16 * time.Minute)
	s.revoke(t, good, claims)
}

func (s *site) refused(t *testing.T, name string, header ...string) {
	t.Helper()
	a := s.call(t, "GET", list, "", header...)
	var body struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil || a.Status != http.StatusUnauthorized || body.Error.Code != "unsigned" || body.Error.Message == "" {
		t.Errorf("%s: %d %s", name, a.Status, a.Body)
	}
	if !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		t.Errorf("%s: headers %v", name, a.Header)
	}
}

// revoke ends the token, then its client.
func (s *site) revoke(t *testing.T, good string, claims []byte) {
	t.Helper()
	var c struct{ JTI, Sub string }
	if err := json.Unmarshal(claims, &c); err != nil {
		t.Fatal(err)
	}
	if err := s.tokens.Revoke(t.Context(), c.JTI); err != nil {
		t.Fatal(err)
	}
	s.refused(t, "revoked", "Authorization", "Bearer "+good)
	another := s.token(t, leeds)
	if _, err := db.Changed(s.DB.Read(t.Context()), `UPDATE api_clients SET revoked_at = now()`); err != nil {
		t.Fatal(err)
	}
	s.refused(t, "revoked client", "Authorization", "Bearer "+another)
}

func TestADealerSeesItsOwnOrdersOnly(t *testing.T) {
	t.Parallel()
	s := open(t)
	offered := s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "offered", Queue: "offered", Buyer: "Hidden Person"})
	ready := s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "ready", Queue: "accepted", VIN: "VF1AAAAA000000001", Buyer: "Known Person", Slot: s.Clock.Now().Add(48 * time.Hour)})
	done := s.Order(webtest.Order{Brand: "renault", Market: "gb", Dealer: leeds, State: "handed_over", Queue: "done", VIN: "VF1AAAAA000000002"})
	s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "choosing", Queue: "declined"})
	s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "cancelled", Queue: "withdrawn"})
	s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "checkout"})
	foreign := s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: london, State: "accepted", Queue: "accepted", Buyer: "Foreign Person"})
	token := s.token(t, leeds)
	got := s.orders(t, token, "")
	var numbers []string
	for _, o := range got.Orders {
		numbers = append(numbers, o.Number)
		switch o.Number {
		case offered.Number:
			if o.Buyer != nil || o.DueAt == nil || o.VIN != nil || o.Pickup != nil {
				t.Errorf("before accept: %+v", o)
			}
		case ready.Number:
			if o.Buyer == nil || o.Buyer.Name != "Known Person" || o.DueAt != nil || o.VIN == nil || o.Pickup == nil || !o.Pickup.StartsAt.Equal(s.Clock.Now().Add(48*time.Hour)) {
				t.Errorf("after accept: %+v", o)
			}
		}
	}
	if want := []string{done.Number, ready.Number, offered.Number}; !slices.Equal(numbers, want) || got.Next != nil {
		t.Errorf("orders %v, want %v", numbers, want)
	}
	raw := s.call(t, "GET", list+"?dealer="+string(london)+"&dealer_id="+string(london), "", "Authorization", "Bearer "+token).Body
	for _, word := range []string{"Hidden Person", "Foreign Person", foreign.Number, "buyersecret", "Secretstreet", "900123"} {
		if strings.Contains(raw, word) {
			t.Errorf("the answer holds %q", word)
		}
	}
}

func TestPagesMeetWithoutGapsOrRepeats(t *testing.T) {
	t.Parallel()
	s := open(t)
	want := map[string]bool{}
	for i := range 7 {
		m := s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", Queue: "accepted", At: s.Clock.Now().Add(time.Duration(i) * time.Minute)})
		want[m.Number] = true
	}
	token, query, pages := s.token(t, leeds), "?limit=3", 0
	for {
		got := s.orders(t, token, query)
		for _, o := range got.Orders {
			if !want[o.Number] {
				t.Errorf("%s comes twice", o.Number)
			}
			delete(want, o.Number)
		}
		// A new order between two pages must not move them.
		s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", Queue: "accepted"})
		if pages++; got.Next == nil {
			break
		}
		query = "?limit=3&cursor=" + *got.Next
	}
	if len(want) > 0 || pages != 3 {
		t.Errorf("%d pages, missing %v", pages, want)
	}
	for _, bad := range []string{"limit=0", "limit=101", "limit=-1", "limit=ten", "limit=99999999999999999999", "cursor=x", "cursor=%27", "cursor=" + base64.RawURLEncoding.EncodeToString([]byte("' OR 1=1"))} {
		if a := s.call(t, "GET", list+"?"+bad, "", "Authorization", "Bearer "+token); a.Status != 422 {
			t.Errorf("%s: %d", bad, a.Status)
		}
	}
}

func TestWhatIsNotThereAnswersInJSON(t *testing.T) {
	t.Parallel()
	s := open(t)
	for path, want := range map[string]int{"POST " + list: 405, "GET /api/v1/token": 405, "GET /api/v1/nothing": 404, "DELETE /api/v1/openapi.json": 405} {
		method, address, _ := strings.Cut(path, " ")
		a := s.Stranger().Do(httptest.NewRequest(method, address, nil))
		var body struct{ Error struct{ Code string } }
		if err := json.Unmarshal([]byte(a.Body), &body); err != nil || a.Status != want || body.Error.Code == "" {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}

func TestNoRouteWithoutADoor(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, r := range api.New(s.Kit, s.tokens, nil, nil).Routes() {
		if r.Perm == "" {
			t.Errorf("%s declares nothing", fmt.Sprint(r.Method, " ", r.Path))
		}
	}
}

// A system that heard of an order reads it as a lead: its own dealer's only, and nobody's name before the accept.
func TestAnOrderAsALead(t *testing.T) {
	t.Parallel()
	s := open(t)
	open := s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "offered", Queue: "offered"})
	taken := s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "accepted", Queue: "accepted"})
	ours, theirs := "Bearer "+s.token(t, leeds), "Bearer "+s.token(t, london)
	for _, c := range []struct {
		number, token string
		status        int
		named         bool
	}{{taken.Number, ours, 200, true}, {open.Number, ours, 200, false}, {taken.Number, theirs, 404, false}, {"FC-2222-2222", ours, 404, false}, {"x", ours, 404, false}, {taken.Number, "Bearer x", 401, false}} {
		a := s.call(t, "GET", list+"/"+c.number+"/adf", "", "Authorization", c.token)
		if a.Status != c.status || strings.Contains(a.Body, "Buyersecret") != c.named {
			t.Errorf("%s: %d %s", c.number, a.Status, a.Body)
		}
	}
}

// Reports need a right of their own, are about the caller's own cars, and change nothing when they come again.
func TestReportsByAPI(t *testing.T) {
	t.Parallel()
	s := open(t)
	car := s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: leeds, State: "arrived", Queue: "accepted", VIN: "VF1RJA00061234567"})
	s.Order(webtest.Order{Brand: "dacia", Market: "gb", Dealer: london, State: "arrived", Queue: "accepted", VIN: "VF1RJA00069999999"})
	const path = "/api/v1/dealer/reports"
	day := s.Clock.Now().Format(time.DateOnly)
	body := fmt.Sprintf(`{"reports":[{"vin":"vf1rja00061234567","stage":"arrived","date":%q},{"vin":"VF1RJA00069999999","stage":"arrived","date":%q},{"vin":"VF1RJA00061234567","stage":"flown","date":%q},{"vin":"VF1RJA00061234567","stage":"arrived","date":"2099-01-01"}]}`, day, day, day)
	post := func(token, body string) webtest.Answer {
		return s.call(t, "POST", path, body, "Authorization", "Bearer "+token, "Content-Type", "application/json")
	}
	if a := post(s.token(t, leeds), body); a.Status != 403 {
		t.Errorf("without the right: %d", a.Status)
	}
	c, secret := s.client(t, leeds)
	if err := s.tokens.AllowReports(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	token := access(t, s.call(t, "POST", "/api/v1/token", credentials(c, secret), "Content-Type", "application/json"))
	dry := strings.Replace(body, `{"reports"`, `{"dry_run":true,"reports"`, 1)
	for i, want := range []string{`[{"outcome":"note","reason":""},{"outcome":"reject","reason":"unknown"},{"outcome":"reject","reason":"stage"},{"outcome":"reject","reason":"future"}]`,
		`[{"outcome":"note","reason":""},{"outcome":"reject","reason":"unknown"},{"outcome":"reject","reason":"stage"},{"outcome":"reject","reason":"future"}]`,
		`[{"outcome":"same","reason":""},{"outcome":"reject","reason":"unknown"},{"outcome":"reject","reason":"stage"},{"outcome":"reject","reason":"future"}]`} {
		send := body
		if i == 0 {
			send = dry
		}
		if a := post(token, send); a.Status != 200 || !strings.Contains(a.Body, want) {
			t.Errorf("%d: %d %s", i, a.Status, a.Body)
		}
	}
	var n int
	if _, err := db.One(s.DB.Read(t.Context()), &n, `SELECT count(*) FROM vehicle_reports WHERE order_id = ?`, car.ID); err != nil || n != 1 {
		t.Errorf("%d reports, %v", n, err)
	}
	for _, bad := range []string{`{}`, `{"reports":[]}`, `[`, ``, `{"reports":[` + strings.TrimSuffix(strings.Repeat(`{},`, 301), ",") + `]}`} {
		if a := post(token, bad); a.Status != 422 && a.Status != 400 {
			t.Errorf("%.40s: %d", bad, a.Status)
		}
	}
}
