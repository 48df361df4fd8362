package storefront_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/sale"
)

var secondsLeft = regexp.MustCompile(`data-left="(\d+)" data-soon="([^"]+)"`)

// placed is an order that waits for its deposit.
func (s *shop) placed() string {
	s.T.Helper()
	s.order()
	link, err := ordering.FirstLink(s.DB.Read(s.T.Context()), s.only().ID)
	must(s.T, err)
	return "/dacia/gb/orders/" + s.NewCar.Tokens.Link(link)
}

func TestTheBuyerMayAskForMoreTime(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.placed()
	page := s.page(order)
	if got := secondsLeft.FindStringSubmatch(page.body); got == nil || got[1] != "3600" || !strings.Contains(got[2], "I need more time") {
		t.Fatalf("the page tells of its end: %v", got)
	}
	due := s.only().DueAt
	form := page.form(t, order+"/longer")
	for range 2 { // pressed twice, it is one asking
		if a := s.post(order+"/longer", form); a.status != 303 {
			t.Fatalf("more time: %d", a.status)
		}
	}
	if got := s.only().DueAt; !got.Equal(due.Add(time.Hour)) {
		t.Errorf("due %s, was %s", got, due)
	}
	page = s.page(order + "?done=longer")
	if !strings.Contains(page.text(), "You now have time to pay until") || !strings.Contains(page.text(), "up to 9 times") {
		t.Errorf("after asking: %s", page.text())
	}
	s.Tx(func(ctx context.Context, tx *db.Tx) error {
		for range sale.Prolongations - 1 {
			if err := s.NewCar.ProlongTx(ctx, tx, s.only().ID); err != nil {
				return err
			}
		}
		return nil
	})
	last := s.page(order)
	if strings.Contains(last.body, order+"/longer") || !strings.Contains(last.text(), "cannot be prolonged any more") {
		t.Errorf("after ten times: %s", last.text())
	}
	s.Clock.Advance(12 * time.Hour)
	if a := s.post(order+"/longer", with(form, "again", "1")); a.status != 303 || a.to() != order {
		t.Errorf("after the end: %d to %s", a.status, a.to())
	}
}
