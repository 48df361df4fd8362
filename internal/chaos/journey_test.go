package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	firstDealer  = "zz-smoke-one"
	secondDealer = "zz-smoke-two"
)

var (
	orderNumber = regexp.MustCompile(`FC-[2-9A-Z]{4}-[2-9A-Z]{4}`)
	pickupCode  = regexp.MustCompile(`class="code mono">\s*([2-9A-HJ-NP-Z ]{6,8})<`)
	orderPage   = regexp.MustCompile(`^https?://[^/]+/dacia/zz/orders/[^/?]+`)
)

// journey is one purchase, by the pages only.
type journey struct {
	plan
	crowd  *crowd
	rnd    *rand.Rand
	buyer  *visitor
	staff  map[string]*visitor // by dealer, signed in
	shop   string
	number string
	order  string // address of the order's page
	holder string // the dealer who has the order
	wrote  int    // messages
	began  time.Time
	asked  int           // dealers who were to take the order over
	opened int           // words that the car may go before it is paid
	stage  string        // for the report when it fails
	slow   time.Duration // longest stage
	slowIn string
}

func (j *journey) run(ctx context.Context) error {
	j.holder, j.began = firstDealer, time.Now()
	for _, s := range []struct {
		name string
		do   func(context.Context) (bool, error)
	}{
		{"place", j.place}, {"pay", j.pay}, {"answer", j.answer}, {"write", j.write}, {"move", j.move},
		{"prepare", j.prepare}, {"settle", j.settle}, {"hand over", j.handOver}, {"pay the rest", j.payRest}, {"withdraw", j.withdraw},
	} {
		j.stage = s.name
		begin := time.Now()
		over, err := s.do(ctx)
		if took := time.Since(begin); took > j.slow {
			j.slow, j.slowIn = took, s.name
		}
		if err != nil || over {
			return err
		}
	}
	return nil
}

// place goes from the range to the card page.
func (j *journey) place(ctx context.Context) (bool, error) {
	b := j.buyer
	if err := b.open(ctx, j.shop+"/dacia/zz/new/spring/dealer"); err != nil {
		return false, err
	}
	choice := url.Values{"dealer": {firstDealer}}
	if j.agree {
		choice["fallback"] = []string{secondDealer}
	}
	if err := b.press(ctx, "/dealer", choice); err != nil {
		return false, err
	}
	name, email, phone := j.plan.buyer()
	if err := b.press(ctx, "/details", url.Values{"name": {name}, "email": {email}, "phone": {phone},
		"street": {"1 Test Track"}, "postcode": {"ZZ1 1ZZ"}, "town": {"Smokeham"}}); err != nil {
		return false, err
	}
	press := b.press
	if j.twice {
		press = func(ctx context.Context, suffix string, fill url.Values, _ ...int) error {
			return b.pressTwice(ctx, suffix, fill)
		}
	}
	if err := press(ctx, "/pay", url.Values{"terms": {"yes"}}); err != nil {
		return false, err
	}
	return false, j.findOrder()
}

// findOrder reads the order's number and page from the card page, which leads back to it.
func (j *journey) findOrder() error {
	if !strings.HasPrefix(j.buyer.at.Path, "/c/pay/") {
		return fmt.Errorf("after ordering the buyer stands at %s: %s", j.buyer.at.Path, j.buyer.heading())
	}
	j.order = orderPage.FindString(j.buyer.link("/orders/"))
	j.number = orderNumber.FindString(j.buyer.body)
	if j.order == "" || j.number == "" {
		return fmt.Errorf("the card page does not lead back to the order (page %q, number %q)", j.order, j.number)
	}
	return nil
}

// pay pays at the card bank, or leaves.
func (j *journey) pay(ctx context.Context) (bool, error) {
	b := j.buyer
	switch j.ends {
	case staysUnpaid:
		return true, b.open(ctx, j.order+"/unpaid")
	case leavesUnpaid:
		return true, j.cancel(ctx)
	}
	if j.rnd.IntN(3) == 0 { // back to the order and to the card page again
		if err := errors.Join(b.open(ctx, j.order+"/unpaid"), b.press(ctx, "/pay", nil)); err != nil {
			return false, err
		}
	}
	b.stay = j.closes
	defer func() { b.stay = false }()
	page := b.at.Path
	for i, card := range j.cards {
		if err := j.tryCard(ctx, page, card, i == len(j.cards)-1); err != nil {
			return false, err
		}
	}
	if j.ends == leavesArriving {
		b.stay = false
		return true, j.cancel(ctx)
	}
	if !j.closes && !strings.HasPrefix(b.at.Path, "/dacia/zz/orders/") {
		return false, fmt.Errorf("after paying the buyer stands at %s: %s", b.at.Path, b.heading())
	}
	return false, nil
}

// tryCard pays with one card; the bank's question is answered with yes, at first with no if planned.
func (j *journey) tryCard(ctx context.Context, page, card string, good bool) error {
	b := j.buyer
	for asked := false; ; asked = true {
		fill := url.Values{"number": {card}, "expiry": {"12 / 34"}, "cvc": {"123"}, "name": {"Casey Test"}}
		if err := b.press(ctx, page, fill, 402); err != nil {
			return err
		}
		if !strings.HasSuffix(b.at.Path, "/challenge") || !strings.Contains(b.body, `value="complete"`) {
			break
		}
		answer := "complete"
		if j.refuse && good && !asked {
			answer = "fail"
		}
		if err := b.press(ctx, "/challenge", url.Values{"answer": {answer}}, 402); err != nil {
			return err
		}
		if answer == "complete" {
			break
		}
	}
	if paid := b.status != 402; paid != good {
		return fmt.Errorf("card %s: paid %t at %s: %s", card, paid, b.at.Path, b.heading())
	}
	return nil
}

// cancel leaves the order. Everything paid comes back; the dealer returns what was paid at the desk.
func (j *journey) cancel(ctx context.Context) error {
	b := j.buyer
	if err := b.open(ctx, j.order+"/cancel"); err != nil {
		return err
	}
	return b.press(ctx, "/cancel", nil)
}

// answer is the dealer's word, perhaps of two dealers.
func (j *journey) answer(ctx context.Context) (bool, error) {
	switch j.ends {
	case staysOffered:
		return true, j.visible(ctx)
	case leavesOffered:
		return true, errors.Join(j.visible(ctx), j.cancel(ctx))
	case leavesAccept:
		return true, j.race(ctx)
	}
	if err := j.visible(ctx); err != nil {
		return false, err
	}
	if j.decline {
		if over, err := j.refused(ctx); err != nil || over {
			return over, err
		}
	}
	if err := j.dealer().press(ctx, "/accept", nil); err != nil {
		return false, err
	}
	if j.ends == leavesAccepted {
		return true, j.cancel(ctx)
	}
	return false, nil
}

func (j *journey) dealer() *visitor { return j.staff[j.holder] }

// visible waits until the order stands in its dealer's queue: the payment may have to arrive first.
func (j *journey) visible(ctx context.Context) error {
	end := time.Now().Add(2 * time.Minute)
	for {
		if err := j.dealer().open(ctx, j.shop+"/dealer/orders/"+j.number, 404); err != nil {
			return err
		}
		if j.dealer().has("/accept") {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("after two minutes %s has no order to answer at %s: %s", j.holder, j.dealer().at.Path, j.dealer().heading())
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// race lets the buyer leave in the moment in which the dealer accepts; either may be first.
func (j *journey) race(ctx context.Context) error {
	if err := j.visible(ctx); err != nil {
		return err
	}
	left := make(chan error, 1)
	go func() { left <- j.cancel(ctx) }()
	err := j.dealer().press(ctx, "/accept", nil, 404, 409)
	return errors.Join(err, <-left)
}

// refused is the first dealer's no. The order goes to the dealer that the buyer agreed to, else the
// buyer chooses.
func (j *journey) refused(ctx context.Context) (over bool, err error) {
	reasons := j.dealer().values("reason")
	if len(reasons) == 0 {
		return false, errors.New("the dealer finds no reasons to decline")
	}
	if err := j.dealer().press(ctx, "/decline", url.Values{"reason": {reasons[j.rnd.IntN(len(reasons))]}}); err != nil {
		return false, err
	}
	j.holder = secondDealer
	if j.agree {
		return false, j.visible(ctx)
	}
	switch j.ends {
	case staysAsked:
		return true, nil
	case leavesAsked:
		return true, j.cancel(ctx)
	}
	if err := j.buyer.open(ctx, j.order); err != nil {
		return false, err
	}
	if err := j.buyer.press(ctx, "/dealer", url.Values{"dealer": {secondDealer}}); err != nil {
		return false, err
	}
	return false, j.visible(ctx)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
