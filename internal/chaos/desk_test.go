package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

var logins = map[string]string{firstDealer: "smoke@smoke-one.example.com", secondDealer: "smoke@smoke-two.example.com"}

// signIn gives a member of a dealer's staff.
func signIn(ctx context.Context, c *crowd, shop, dealer string) (*visitor, error) {
	v := c.visitor()
	if err := v.open(ctx, shop+"/login"); err != nil {
		return nil, err
	}
	if err := v.press(ctx, "/login", url.Values{"email": {logins[dealer]}, "password": {c.password}}); err != nil {
		return nil, err
	}
	if v.at.Path != "/dealer" {
		return nil, fmt.Errorf("after signing in the dealer stands at %s", v.at.Path)
	}
	return v, nil
}

// atDesk opens the order in the portal.
func (j *journey) atDesk(ctx context.Context) error {
	return j.dealer().open(ctx, j.shop+"/dealer/orders/"+j.number)
}

// prepare makes the steps from accepted to ready.
func (j *journey) prepare(ctx context.Context) (bool, error) {
	d := j.dealer()
	if err := j.atDesk(ctx); err != nil {
		return false, err
	}
	steps := 0
	for ; d.has("/step") || d.has("/checks"); steps++ {
		if d.has("/checks") {
			checks := url.Values{"checks": d.values("checks"), "prepared": {"1"}}
			if err := d.press(ctx, "/checks", checks); err != nil {
				return false, err
			}
			continue
		}
		dispatch := strings.Contains(d.body, `value="dispatch"`)
		if err := d.press(ctx, "/step", url.Values{"vin": {j.vin()}}); err != nil {
			return false, err
		}
		if dispatch && j.ends == leavesTransit {
			return true, j.cancel(ctx)
		}
	}
	if steps != 6 {
		return false, fmt.Errorf("the way to ready took %d steps, not 6 (%s)", steps, d.heading())
	}
	return false, nil
}

// settle pays the balance at the desk, in two parts if planned.
func (j *journey) settle(ctx context.Context) (bool, error) {
	d := j.dealer()
	if j.parts {
		if err := d.press(ctx, "/payments", url.Values{"amount": {"123.45"}, "reference": {"PART"}}); err != nil {
			return false, err
		}
	}
	if j.later {
		return false, j.letOpen(ctx)
	}
	if err := d.press(ctx, "/payments", url.Values{"reference": {"REST"}}); err != nil {
		return false, err
	}
	if j.ends != leavesPaid {
		return false, nil
	}
	if err := j.cancel(ctx); err != nil {
		return false, err
	}
	return true, j.returnMoney(ctx)
}

// returnMoney is the desk giving back what was paid there.
func (j *journey) returnMoney(ctx context.Context) error {
	want := 1
	if j.parts {
		want = 2
	}
	for range want {
		if err := j.atDesk(ctx); err != nil {
			return err
		}
		action := ""
		for n := range j.dealer().doc.Descendants() {
			if a := attr(n, "action"); strings.Contains(a, "/returns/") {
				action = a
			}
		}
		if action == "" {
			return fmt.Errorf("the desk finds nothing to give back: %s", j.dealer().heading())
		}
		if err := j.dealer().press(ctx, action, nil); err != nil {
			return err
		}
	}
	return nil
}

// many buyers fill the calendars of two sites for all the weeks that can be booked; fewer do not.
const many = 1000

var errFull = errors.New("no handover times on the order page")

// handOver books a time, and the car goes to its buyer.
func (j *journey) handOver(ctx context.Context) (bool, error) {
	code, err := j.book(ctx)
	if errors.Is(err, errFull) && j.n > many {
		j.ends = waitsForDay
		return true, nil
	}
	if err != nil {
		return false, err
	}
	d := j.dealer()
	// The deposit is taken by a job: the dealer tries again until it is there.
	for end := time.Now().Add(2 * time.Minute); ; {
		if err := d.open(ctx, j.shop+"/dealer/orders/"+j.number+"/handover"); err != nil {
			return false, err
		}
		err := d.press(ctx, "/handover", url.Values{"code": {code}, "checks": d.values("checks"), "odometer": {"5"}}, 409)
		if err == nil && d.status != 409 {
			break
		}
		if err != nil && !errors.Is(err, errNoForm) {
			return false, err
		}
		if time.Now().After(end) {
			return false, fmt.Errorf("after two minutes the car can not be handed over: %s", d.heading())
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return false, err
		}
	}
	if err := j.buyer.open(ctx, j.order); err != nil {
		return false, err
	}
	if j.buyer.link("/cancel") != "" {
		return false, errors.New("the order page still offers to leave after the handover")
	}
	return false, nil
}

// withdraw leaves the contract in two clicks; the car comes back as it went, and so does all the money.
func (j *journey) withdraw(ctx context.Context) (bool, error) {
	if j.ends != withdraws {
		return true, nil
	}
	b, d := j.buyer, j.dealer()
	if err := b.open(ctx, j.order+"/withdraw"); err != nil {
		return false, err
	}
	if err := b.press(ctx, "/withdraw", nil); err != nil {
		return false, err
	}
	if err := j.atDesk(ctx); err != nil {
		return false, err
	}
	if err := d.press(ctx, "/take-back", url.Values{"odometer": {"5"}}); err != nil {
		return false, err
	}
	return true, j.returnMoney(ctx)
}

// book takes one of the offered times; one that is gone meanwhile is refused, and another is taken.
func (j *journey) book(ctx context.Context) (string, error) {
	b := j.buyer
	if err := b.open(ctx, j.order); err != nil {
		return "", err
	}
	for {
		free := b.values("starts")
		if len(free) == 0 {
			return "", fmt.Errorf("%w: %s", errFull, b.heading())
		}
		if err := b.press(ctx, "/slot", url.Values{"starts": {free[j.rnd.IntN(len(free))]}}, 422); err != nil {
			return "", err
		}
		if b.status != 422 {
			break
		}
	}
	m := pickupCode.FindStringSubmatch(b.body)
	if m == nil {
		return "", errors.New("the order page shows no pickup code")
	}
	return strings.ReplaceAll(m[1], " ", ""), nil
}
