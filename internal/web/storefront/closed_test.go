package storefront_test

import (
	"context"
	"net/http/cookiejar"
	"strings"
	"testing"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"
)

// deaf is a card bank that answers nothing.
type deaf struct{ payment.Gateway }

func (deaf) OpenCheckout(context.Context, payment.CheckoutRequest) (payment.Checkout, error) {
	return payment.Checkout{}, &payment.GatewayError{Op: "open", Unknown: true}
}

// only is the one order there is.
func (s *shop) only() *ordering.Order {
	s.T.Helper()
	var key id.Order
	must(s.T, s.DB.Read(s.T.Context()).Raw(`SELECT id FROM orders`).Scan(&key).Error)
	return s.Order(key)
}

// walk moves an order along the machine without the dealer's forms.
func (s *shop) walk(key id.Order, to ordering.State) {
	s.T.Helper()
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		o, err := ordering.LockTx(tx, key)
		if err != nil {
			return err
		}
		for _, e := range []ordering.Event{ordering.Accept, ordering.Place, ordering.Build, ordering.Dispatch, ordering.Arrive, ordering.Prepare, ordering.Release, ordering.HandOver} {
			if o.State == to {
				return nil
			}
			if e == ordering.Accept {
				if err := tx.Exec(`UPDATE queue_entries SET state = 'accepted', answered_at = ? WHERE order_id = ?`, tx.Now, key).Error; err != nil {
					return err
				}
			}
			if err := ordering.MoveTx(ctx, tx, o, e, "system", "", ordering.Change{VIN: "VF1RJA00X74471902", HandedOver: e == ordering.HandOver}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *shop) turn(st market.State) {
	s.T.Helper()
	s.Tx(func(_ context.Context, tx *db.Tx) error {
		if err := tx.Exec(`UPDATE switches SET state = ? WHERE brand = 'dacia' AND market = 'gb'`, st).Error; err != nil {
			return err
		}
		return world.TouchTx(tx)
	})
	must(s.T, s.World.Refresh(s.T.Context()))
}

func TestAPausedShopKeepsTheBuildAndTheName(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	draft, check := s.ready()
	s.turn(market.Paused)
	configure := s.page(cheapDuster + "/configure")
	if strings.Contains(configure.body, cheapDuster+"/dealer") || !strings.Contains(configure.body, "/dacia/gb/leave-name?") {
		t.Error("a paused shop still leads to the dealer")
	}
	a := s.post(draft+"/pay", with(check.form(t, draft+"/pay"), "terms", "yes"))
	if a.status != 303 || !strings.HasPrefix(a.to(), "/dacia/gb/leave-name?model=duster&s=") {
		t.Fatalf("pay in a paused shop: %d %s", a.status, a.to())
	}
	page := s.page(a.to())
	form := page.form(t, "/dacia/gb/leave-name")
	if bad := s.post("/dacia/gb/leave-name", with(form, "name", "Priya", "email", "nobody")); bad.status != 422 || !strings.Contains(bad.body, `value="Priya"`) {
		t.Errorf("no consent, no address: %d", bad.status)
	}
	if done := s.post("/dacia/gb/leave-name", with(form, "email", "priya@example.com", "consent", "yes")); done.status != 303 {
		t.Fatalf("leave a name: %d %s", done.status, done.text())
	}
	if n := count(s, "leads WHERE model = 'duster' AND selection <> ''"); n != 1 {
		t.Errorf("%d names kept with a build", n)
	}
	if n := count(s, "orders"); n != 1 {
		t.Errorf("%d orders", n)
	}
	s.page(order) // what was ordered goes on
}

func TestAShopThatIsOffOrInPreviewDoesNotExist(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	for _, st := range []market.State{market.Off, market.Preview} {
		s.turn(st)
		for _, path := range []string{"/dacia/gb", "/dacia/gb/new", cheapDuster, cheapDuster + "/configure", cheapDuster + "/dealer", "/dacia/gb/dealers", "/dacia/gb/build"} {
			if a := s.get(path); a.status != 404 {
				t.Errorf("%s: %s answers %d", st, path, a.status)
			}
		}
		if strings.Contains(s.page("/").body, `href="/dacia/gb"`) {
			t.Errorf("%s: the front door lists the shop", st)
		}
		s.page(order)
		s.page("/dacia/gb/legal/terms")
	}
}

func TestStaffSeeAPreviewWithABanner(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.turn(market.Preview)
	jar, err := cookiejar.New(nil)
	must(t, err)
	public := s.client
	staff := *public
	staff.Jar = jar
	s.client = &staff
	if a := s.post(signInPath, nil); a.status != 200 {
		t.Fatalf("sign in: %d", a.status)
	}
	for _, path := range []string{"/dacia/gb", cheapDuster, cheapDuster + "/configure"} {
		if a := s.page(path); !strings.Contains(a.body, "Preview for staff") {
			t.Errorf("%s has no banner", path)
		}
	}
	if !strings.Contains(s.page("/").body, `href="/dacia/gb"`) {
		t.Error("staff do not find the preview")
	}
	s.begin("gb-leeds-northgate") // staff may try an order
	s.client = public
	for _, path := range []string{"/dacia/gb", cheapDuster, cheapDuster + "/configure"} {
		if a := s.get(path); a.status != 404 {
			t.Errorf("the public sees %s after staff did: %d", path, a.status)
		}
	}
	if strings.Contains(s.page("/").body, `href="/dacia/gb"`) {
		t.Error("the public finds the preview after staff did")
	}
}

func TestSharedPagesAreKeptAndRenewed(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, path := range []string{"/", "/dacia/gb", cheapDuster, cheapDuster + "/configure"} {
		a, b := s.page(path), s.page(path)
		if a.body != b.body || a.head.Get("ETag") == "" || a.head.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s is not shared: %v", path, a.head)
		}
		if strings.Contains(a.body, "form_key") || a.head.Get("Set-Cookie") != "" {
			t.Errorf("%s holds something of one visitor", path)
		}
	}
	before := s.page("/dacia/gb").head.Get("ETag")
	s.turn(market.Paused)
	if s.page("/dacia/gb").head.Get("ETag") == before {
		t.Error("a paused shop shows its old page")
	}
}
