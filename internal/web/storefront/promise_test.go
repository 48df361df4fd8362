package storefront_test

import (
	"strings"
	"testing"
	"time"

	"forecourt/internal/ordering"
	"forecourt/internal/testkit"
)

func TestAPostcodeIsKeptAsThePostWritesIt(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft := s.begin(string(testkit.Leeds))
	form := with(with(s.page(draft+"/details").form(t, draft+"/details"), details...), "postcode", "ls62ab")
	if a := s.post(draft+"/details", form); a.status != 303 {
		t.Fatalf("details: %d %s", a.status, a.text())
	}
	if check := s.page(draft + "/check"); !strings.Contains(check.text(), "Leeds LS6 2AB") {
		t.Errorf("the check page: %s", check.text())
	}
}

func TestTheChosenDealerIsNoFallback(t *testing.T) {
	t.Parallel()
	s := open(t)
	draft := s.begin(string(testkit.Leeds))
	page := s.page(draft + "/dealer?near=ls31lh")
	if strings.Contains(page.body, `name="fallback" value="`+string(testkit.Leeds)+`"`) {
		t.Error("the chosen dealer is offered as its own fallback")
	}
	for _, want := range []string{"Sorted by distance from ls31lh (area LS)", "Nearest first."} {
		if !strings.Contains(page.text(), want) {
			t.Errorf("the page lacks %q: %s", want, page.text())
		}
	}
}

// After the pickup the contract is left in two steps on the order's own page, without a login and without a form to
// fill in; the receipt names day and time. Too late, the page says so.
func TestAContractIsLeftInTwoSteps(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	key := s.only().ID
	if a := s.get(order + "/withdraw"); a.status != 303 || a.to() != order+"/cancel" {
		t.Errorf("before the handover: %d to %s", a.status, a.to())
	}
	s.walk(key, ordering.HandedOver)
	page := s.page(order)
	if !strings.Contains(page.body, `href="`+order+`/withdraw"`) || strings.Contains(page.body, `href="`+order+`/cancel"`) {
		t.Errorf("how to withdraw is not told: %s", page.text())
	}
	until := "8 December 2026"
	confirm := s.page(order + "/withdraw")
	for _, want := range []string{"Priya Raman", "priya.raman@example.com", until, "62 mi", "Northgate Motors Leeds"} {
		if !strings.Contains(confirm.text(), want) {
			t.Errorf("the second step lacks %q: %s", want, confirm.text())
		}
	}
	form := confirm.form(t, order+"/withdraw")
	if len(form) != 1 {
		t.Errorf("something is asked again: %v", form)
	}
	a := s.post(order+"/withdraw", form)
	if a.status != 303 || a.to() != order+"?done=withdrawn" {
		t.Fatalf("confirm: %d to %s: %s", a.status, a.to(), a.text())
	}
	if done := s.page(a.to()); !strings.Contains(done.text(), "We have your withdrawal of") || !strings.Contains(done.text(), "Bring the car to Northgate Motors Leeds") {
		t.Errorf("after it: %s", done.text())
	}
	if again := s.get(order + "/withdraw"); again.status != 303 || again.to() != order {
		t.Errorf("a second time: %d to %s", again.status, again.to())
	}
}

func TestTooLateToWithdrawIsSaidPlainly(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought()
	s.walk(s.only().ID, ordering.HandedOver)
	form := s.page(order+"/withdraw").form(t, order+"/withdraw")
	s.Clock.Advance(15 * 24 * time.Hour)
	const over = "The time to withdraw ended with the end of"
	if page := s.page(order + "/withdraw"); !strings.Contains(page.text(), over) || strings.Contains(page.body, "<form action=\""+order) {
		t.Errorf("the page: %s", page.text())
	}
	if a := s.post(order+"/withdraw", form); a.status != 409 || !strings.Contains(a.text(), over) {
		t.Errorf("pressed: %d %s", a.status, a.text())
	}
}

// Who has not the link asks for it; the answer does not tell whether there is such an order.
func TestTheDoorToWithdrawTellsNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.bought()
	o, err := ordering.Get(s.DB.Read(t.Context()), s.only().ID)
	must(t, err)
	const door = "/dacia/gb/withdraw"
	asked := func(number, mail string) answer {
		return s.post(door, with(s.page(door).form(t, door), "number", number, "email", mail))
	}
	letters := func() (n int64) {
		must(t, s.DB.Read(t.Context()).Raw(`SELECT count(*) FROM mails WHERE template = 'withdraw_link'`).Scan(&n).Error)
		return n
	}
	for _, x := range []struct {
		number, mail string
		letters      int64
	}{{"FC-2222-2222", "priya.raman@example.com", 0}, {o.Number, "other@example.com", 0}, {strings.ToLower(o.Number), "Priya.Raman@example.com", 1}, {o.Number, "priya.raman@example.com", 1}} {
		a := asked(x.number, x.mail)
		if a.status != 303 || a.to() != door+"?done=1" || letters() != x.letters {
			t.Errorf("%s with %s: %d to %s, %d letters", x.number, x.mail, a.status, a.to(), letters())
		}
	}
	if a := asked("12", "nobody"); a.status != 422 || !strings.Contains(a.body, `id="number-error"`) || !strings.Contains(a.body, `id="email-error"`) {
		t.Errorf("nonsense: %d", a.status)
	}
}
