package storefront_test

import (
	"context"
	"strings"
	"testing"

	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"
)

// hold keeps a feature of the Duster out of new orders.
func (s *shop) hold(f id.Feature) {
	s.T.Helper()
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		return world.HoldTx(ctx, tx, s.World.Now(), world.Held{Brand: "dacia", Market: "gb", Model: "duster", ChangedBy: "command",
			Hold: configurator.Hold{Feature: f, Because: "stock"}})
	})
	must(s.T, s.World.Refresh(context.Background()))
}

func TestAHoldLeavesCarsThatExistAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	car := string(s.park())
	s.hold("glacier")
	if text := s.page(cheapDuster + "/configure").text(); !strings.Contains(text, "Glacier white cannot be ordered at the moment.") {
		t.Errorf("the shop does not say what is held: %s", text)
	}
	if text := s.page(nearest).text(); !strings.Contains(text, car) {
		t.Errorf("a white car that exists is not shown: %s", text)
	}
	if a := s.page(cheapDuster + "/dealer?car=" + car); !strings.Contains(a.text(), car) {
		t.Errorf("a white car that exists cannot be taken: %s", a.text())
	}
}

func TestAnOpenCheckoutSaysWhatIsHeld(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft, check := s.ready()
	form := with(check.form(t, draft+"/pay"), "terms", "yes")
	s.hold("glacier")
	page := s.page(draft + "/check")
	if !strings.Contains(page.text(), "Glacier white cannot be ordered any more") || strings.Contains(page.body, `action="`+draft+`/pay"`) {
		t.Errorf("the check page: %s", page.text())
	}
	if a := s.post(draft+"/pay", form); a.status != 422 {
		t.Errorf("the button of the page from before: %d", a.status)
	}
	if n := count(s, "orders"); n != 0 {
		t.Errorf("%d orders", n)
	}
}
