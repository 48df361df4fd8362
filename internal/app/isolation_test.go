package app

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/testkit"
)

// secrets are what nobody but dealer A and its group may read about A's orders: by name, so that a failure says which.
func (h *house) secrets(p places) map[string]string {
	h.T.Helper()
	out := map[string]string{"number of the accepted order": p.accepted.Number, "number of the offered order": p.offered.Number, "pickup code": p.accepted.PickupCode,
		"name": testkit.Buyer.Name, "e-mail": testkit.Buyer.Email, "phone": strings.TrimPrefix(testkit.Buyer.Phone, "+44"), "street": testkit.Buyer.Street,
		"token": p.acceptedToken, "other token": p.orderToken}
	for name, s := range out {
		if len(s) < 6 {
			h.T.Fatalf("%s is too short to look for: %q", name, s)
		}
	}
	return out
}

// strangers of dealer A's orders: another dealer, another site of the same group, and a dealer of another market.
func (h *house) strangers(t *testing.T) map[string]*visitor {
	t.Helper()
	return map[string]*visitor{"another dealer": h.staff(loginOf(t, "gb-london-kestrel")), "another site of the group": h.staff("daniel@hollins-manchester.example.com"),
		"a dealer of another market": h.staff(loginOf(t, string(h.app.World.Now().Dealers("dacia", "it", id.FlowNew)[0].Code)))}
}

// leaks fails for an answer that holds what its reader did not type himself.
func leaks(t *testing.T, what string, a answer, secrets map[string]string, typed string) {
	t.Helper()
	where := a.body + " " + a.to() + " " + a.head.Get("Content-Disposition")
	for name, s := range secrets {
		if !strings.Contains(typed, s) && strings.Contains(where, s) {
			t.Errorf("%s: the answer (%d) holds the %s", what, a.status, name)
		}
	}
}

// TestNothingOfAnotherDealerIsFound asks every page, list, export, calendar and search of the portal and the API for what
// is dealer A's: by path, by search and by every name that an address or form is read for.
func TestNothingOfAnotherDealerIsFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	secrets := h.secrets(p)
	asked := []string{p.accepted.Number, p.offered.Number, strings.ReplaceAll(p.accepted.Number, "-", ""), testkit.Buyer.Name, p.accepted.PickupCode, string(testkit.Leeds), string(p.accepted.ID)}
	names := append([]string{"dealer", "group", "id", "number", "order", "site", "user", "view"}, queryNames...)
	people := h.strangers(t)
	before := h.counts()
	for who, v := range people {
		for _, door := range doors(h) {
			method, pattern, _ := strings.Cut(door, " ")
			if !strings.HasPrefix(pattern, "/dealer") && !strings.HasPrefix(pattern, "/api/v1/dealer") {
				continue
			}
			path := fill(pattern, p.values(pattern))
			for _, typed := range asked {
				f := url.Values{}
				for _, name := range names {
					f.Set(name, typed)
				}
				if method == http.MethodGet {
					a := v.get(path + "?" + f.Encode())
					leaks(t, door+" as "+who+" asking for "+typed, a, secrets, path+typed)
					if strings.Contains(pattern, "/orders/:number") && a.status == http.StatusOK {
						t.Errorf("%s as %s: %d", door, who, a.status)
					}
					continue
				}
				f.Set("form_key", form().Get("form_key"))
				leaks(t, door+" as "+who+" sending "+typed, v.post(path, f), secrets, path+typed)
			}
		}
	}
	// Views of one's own are no secret of dealer A, and no row of the tables that count.
	unchanged(t, before, h.counts())
	h.noOwnMistakes()
}

// TestTheStreamOfAnotherDealerIsSilent listens as dealer B while dealer A's queue changes, whatever the address asks for.
func TestTheStreamOfAnotherDealerIsSilent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	live, stop := context.WithCancel(t.Context())
	defer stop()
	go h.app.Live.Run(live)
	listen := func(v *visitor, path string) <-chan string {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		t.Cleanup(cancel)
		req := v.request(http.MethodGet, path, nil).WithContext(ctx)
		req.Header.Set("Accept", "text/event-stream")
		res, err := v.client.Do(req)
		must(t, err)
		t.Cleanup(func() { res.Body.Close() })
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", path, res.StatusCode)
		}
		events := make(chan string, 100)
		go func() {
			for lines := bufio.NewScanner(res.Body); lines.Scan(); {
				if strings.HasPrefix(lines.Text(), "event:") {
					select {
					case events <- lines.Text():
					default:
					}
				}
			}
		}()
		return events
	}
	theirs := listen(h.staff(loginOf(t, "gb-london-kestrel")), "/dealer/events?dealer=gb-leeds-northgate&site=gb-leeds-northgate")
	ours := listen(h.staff("anna@northgate-leeds.example.com"), "/dealer/events")
	// The first poll tells everybody, because it does not know. Changes go on until A has heard of some after that.
	drain := func(c <-chan string) (n int) {
		for {
			select {
			case <-c:
				n++
			default:
				return n
			}
		}
	}
	for first := time.Now(); time.Since(first) < 3*time.Second; time.Sleep(100 * time.Millisecond) {
		drain(ours)
		drain(theirs)
	}
	heard := 0
	for try := 0; try < 200 && heard < 3; try++ {
		h.Tx(func(_ context.Context, tx *db.Tx) error {
			e, err := allocation.LiveOf(tx.DB, p.offered.ID)
			if err != nil {
				return err
			}
			return allocation.SnoozeTx(tx, e, tx.Now.Add(time.Duration(try+1)*time.Minute))
		})
		time.Sleep(200 * time.Millisecond)
		heard += drain(ours)
	}
	if n := drain(theirs); heard == 0 || n != 0 {
		t.Errorf("dealer A heard %d events of its own queue, dealer B %d of it", heard, n)
	}
}

// TestPathsHeadersAndKeysOpenNothing tries the usual ways around a door.
func TestPathsHeadersAndKeysOpenNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.places()
	secrets := h.secrets(p)
	anna := h.staff("anna@northgate-leeds.example.com")
	order := "/dealer/orders/" + p.accepted.Number
	if a := anna.get(order); a.status != http.StatusOK || !strings.Contains(a.body, testkit.Buyer.Name) {
		t.Fatalf("dealer A does not see its own order: %d", a.status)
	}
	people := h.strangers(t)
	people["nobody"] = h.visitor()
	paths := []string{order + "/", "/" + order, order + "/.", order + "//", order + ";x=1", order + "%2f", order + "%00", order + "/receipt/../", "/dealer/./orders/" + p.accepted.Number,
		"/dealer/handovers/../orders/" + p.accepted.Number, "/dealer/%6frders/" + p.accepted.Number, "/DEALER/orders/" + p.accepted.Number, "/dealer/orders/" + strings.ToLower(p.accepted.Number),
		"/static/../dealer/orders/" + p.accepted.Number, "/static/..%2fdealer/orders/" + p.accepted.Number, order + "?number=" + p.accepted.Number, "/dealer?sel=" + p.accepted.Number, "/dealer/find?code=" + p.accepted.PickupCode}
	heads := map[string]string{"X-Original-URL": order, "X-Rewrite-URL": order, "X-HTTP-Method-Override": "GET", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "127.0.0.1", "X-User": "anna@northgate-leeds.example.com",
		"Forwarded": "for=127.0.0.1;host=evil.example", "Authorization": "Bearer " + p.acceptedToken, "Cookie": "session=" + p.acceptedToken}
	for who, v := range people {
		for _, path := range paths {
			leaks(t, path+" as "+who, v.get(path), secrets, path)
		}
		for name, value := range heads {
			for _, path := range []string{"/dealer", "/", order} {
				req := v.request(http.MethodGet, path, nil)
				req.Header.Set(name, value)
				a := v.do(req)
				leaks(t, path+" with "+name+" as "+who, a, secrets, path+value)
				if strings.Contains(a.body, "evil.example") || strings.Contains(a.to(), "evil.example") {
					t.Errorf("%s with %s as %s leads to another house", path, name, who)
				}
			}
		}
		req := v.request(http.MethodGet, "/dacia/gb/new/duster", nil)
		req.Host = "evil.example"
		if a := v.do(req); strings.Contains(a.body, "evil.example") || strings.Contains(a.to(), "evil.example") {
			t.Errorf("the host of a request as %s gets into a page", who)
		}
	}
	before := h.counts()
	for who, v := range people {
		req := v.request(http.MethodGet, "/dealer/orders/"+p.offered.Number+"/accept?_method=POST", nil)
		req.Header.Set("X-HTTP-Method-Override", "POST")
		if a := v.do(req); a.status < 400 {
			t.Errorf("a GET that says it is a POST, as %s: %d", who, a.status)
		}
	}
	unchanged(t, before, h.counts())
	// A key that dealer A used, with all that it sent: nobody else gets A's answer, and nothing happens twice.
	f := form()
	accept := "/dealer/orders/" + p.offered.Number + "/accept"
	if a := anna.post(accept, f); a.status != http.StatusSeeOther {
		t.Fatalf("dealer A cannot accept: %d", a.status)
	}
	imran := h.staff("imran@northgate-leeds.example.com")
	before = h.counts()
	for who, v := range people {
		if a := v.post(accept, f); a.status != http.StatusNotFound && a.status != http.StatusBadRequest && a.status != http.StatusUnauthorized {
			t.Errorf("the key of dealer A as %s: %d %s", who, a.status, a.to())
		}
	}
	if a := imran.post(accept, f); a.status >= 500 {
		t.Errorf("the key of a colleague: %d", a.status)
	}
	unchanged(t, before, h.counts())
	h.noOwnMistakes()
}
