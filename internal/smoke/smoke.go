package smoke

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Options say where to buy and who acts.
type Options struct {
	Base         string
	Brand        string
	Market       string
	Model        string // default "spring"
	DealerLogin  string
	ManagerLogin string
	Password     string
	Out          io.Writer
	Transport    http.RoundTripper
	Card         string // default: one that asks for 3-D Secure
	DontPay      bool   // open and end the card page even where the offline bank would take a test card
}

const (
	secureCard   = "4000000000003220"
	demoPassword = "forecourt-demo"
)

var orderNumber = regexp.MustCompile(`FC-[2-9A-Z]{4}-[2-9A-Z]{4}`)

// run is one drive through the site.
type run struct {
	Options
	buyer, dealer, manager *person
	number                 string
	code                   string
	orderURL               string
	checkURL               string
}

// Run makes the journey and prints each step with its time. The first failing step ends it.
func Run(ctx context.Context, o Options) error {
	r := newRun(o)
	fmt.Fprintf(o.Out, "Smoke test of %s, market %s\n", r.Base, r.Market)
	start := time.Now()
	for _, s := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"the site is ready", r.ready},
		{"buyer: range, model, configure", r.browse},
		{"buyer: dealer and details", r.order},
		{"buyer: card page", r.pay},
		{"dealer: signs in and accepts", r.accept},
		{"dealer: ordered, built, on its way, arrived", r.progress},
		{"dealer: prepared, ready, balance at the desk", r.prepare},
		{"buyer: books the handover", r.book},
		{"dealer: hands over", r.handOver},
		{"manager: pauses and reopens the market", r.pause},
	} {
		t := time.Now()
		err := s.do(ctx)
		fmt.Fprintf(o.Out, "  %-48s %8.0f ms  %s\n", s.name, float64(time.Since(t).Microseconds())/1000, outcome(err))
		if errors.Is(err, errStop) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	fmt.Fprintf(o.Out, "Done in %.1f s\n", time.Since(start).Seconds())
	return nil
}

// errStop ends the journey early without failure: real cards are not charged by a test.
var errStop = errors.New("stopped here on purpose")

func outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, errStop):
		return "ok: the Checkout Session was created and ended, nothing was paid"
	}
	return "FAILED: " + err.Error()
}

func newRun(o Options) *run {
	o.Base = strings.TrimSuffix(o.Base, "/")
	o.Model, o.Card = or(o.Model, "spring"), or(o.Card, secureCard)
	o.DealerLogin, o.ManagerLogin, o.Password = or(o.DealerLogin, "smoke@smoke-one.example.com"), or(o.ManagerLogin, "smoke@office.example.com"), or(o.Password, demoPassword)
	return &run{Options: o, buyer: newPerson(o.Transport), dealer: newPerson(o.Transport), manager: newPerson(o.Transport)}
}

func (r *run) shop() string { return r.Base + "/" + r.Brand + "/" + r.Market }

func (r *run) ready(ctx context.Context) error { return r.buyer.open(ctx, r.Base+"/readyz") }

func (r *run) browse(ctx context.Context) error {
	for _, path := range []string{"", "/new/" + r.Model, "/new/" + r.Model + "/configure"} {
		if err := r.buyer.open(ctx, r.shop()+path); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) order(ctx context.Context) error {
	b := r.buyer
	if err := b.open(ctx, r.shop()+"/new/"+r.Model+"/dealer"); err != nil {
		return err
	}
	if err := b.press(ctx, "/dealer", url.Values{"dealer": {b.value("dealer")}}); err != nil {
		return err
	}
	if err := b.press(ctx, "/details", url.Values{"name": {"Smoke Test"}, "email": {"smoke@example.com"}, "phone": {"07700 900123"},
		"street": {"1 Test Track"}, "postcode": {"ZZ1 1ZZ"}, "town": {"Smokeham"}}); err != nil {
		return err
	}
	r.checkURL = b.at.String()
	return b.press(ctx, "/pay", url.Values{"terms": {"yes"}})
}

// pay pays on the offline bank's page. Where the card page is another's nothing is paid: the buyer
// goes back and cancels, which ends the Checkout Session.
func (r *run) pay(ctx context.Context) error {
	b := r.buyer
	if r.DontPay || b.at.Host == "checkout.stripe.com" || !strings.HasPrefix(b.at.Path, "/c/pay/") {
		return r.leave(ctx)
	}
	if err := b.press(ctx, b.at.Path, url.Values{"number": {r.Card}, "expiry": {"12 / 34"}, "cvc": {"123"}, "name": {"Smoke Test"}}); err != nil {
		return err
	}
	if strings.Contains(b.body, `value="complete"`) {
		if err := b.press(ctx, "", url.Values{"answer": {"complete"}}); err != nil {
			return err
		}
	}
	if !strings.Contains(b.at.Path, "/orders/") {
		return fmt.Errorf("after paying the buyer stands at %s: %s", b.at.Path, heading(b.doc))
	}
	r.orderURL = b.at.String()
	if r.number = orderNumber.FindString(b.body); r.number == "" {
		return errors.New("the order page shows no order number")
	}
	return nil
}

// leave cancels the order from its own page, to which the check page leads while the order is alive.
func (r *run) leave(ctx context.Context) error {
	b := r.buyer
	if err := b.open(ctx, r.checkURL); err != nil {
		return err
	}
	if err := b.open(ctx, b.at.String()+"/cancel"); err != nil {
		return err
	}
	if err := b.press(ctx, "/cancel", nil); err != nil {
		return err
	}
	return errStop
}

func (r *run) login(ctx context.Context, p *person, email, home string) error {
	if err := p.open(ctx, r.Base+"/login"); err != nil {
		return err
	}
	if err := p.press(ctx, "/login", url.Values{"email": {email}, "password": {r.Password}}); err != nil {
		return err
	}
	if p.at.Path != home {
		return fmt.Errorf("after signing in the person stands at %s", p.at.Path)
	}
	return nil
}

func (r *run) accept(ctx context.Context) error {
	if err := r.login(ctx, r.dealer, r.DealerLogin, "/dealer"); err != nil {
		return err
	}
	if err := r.dealer.open(ctx, "/dealer/orders/"+r.number); err != nil {
		return err
	}
	return r.dealer.press(ctx, "/accept", nil)
}

func (r *run) progress(ctx context.Context) error {
	vin := fmt.Sprintf("UU1SMKE%010d", time.Now().UnixNano()%1e10)
	for range 4 {
		if err := r.dealer.press(ctx, "/step", url.Values{"vin": {vin}}); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) prepare(ctx context.Context) error {
	checks := url.Values{"checks": {"inspection", "accessories", "plates", "tax", "cleaning"}, "prepared": {"1"}}
	if err := r.dealer.press(ctx, "/checks", checks); err != nil {
		return err
	}
	if err := r.dealer.press(ctx, "/step", nil); err != nil {
		return err
	}
	return r.dealer.press(ctx, "/payments", url.Values{"reference": {"SMOKE"}})
}

func (r *run) book(ctx context.Context) error {
	if err := r.buyer.open(ctx, r.orderURL); err != nil {
		return err
	}
	if err := r.buyer.press(ctx, "/slot", url.Values{"starts": {r.buyer.value("starts")}}); err != nil {
		return err
	}
	m := regexp.MustCompile(`class="code mono">\s*([2-9A-HJ-NP-Z ]{6,8})<`).FindStringSubmatch(r.buyer.body)
	if m == nil {
		return errors.New("the order page shows no pickup code")
	}
	r.code = strings.ReplaceAll(m[1], " ", "")
	return nil
}

func (r *run) handOver(ctx context.Context) error {
	// The deposit is captured by a job: it is there in a moment.
	for try := 0; ; try++ {
		if err := r.dealer.open(ctx, "/dealer/orders/"+r.number+"/handover"); err != nil {
			return err
		}
		err := r.dealer.press(ctx, "/handover", url.Values{"code": {r.code}, "checks": {"identity", "papers", "walkaround", "keys"}, "odometer": {"5"}})
		if err == nil {
			break
		}
		if try == 20 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
	}
	if err := r.buyer.open(ctx, r.orderURL); err != nil {
		return err
	}
	if strings.Contains(r.buyer.body, "/cancel\"") {
		return errors.New("the order page still offers to cancel after the handover")
	}
	return nil
}

func (r *run) pause(ctx context.Context) error {
	if err := r.login(ctx, r.manager, r.ManagerLogin, "/manager"); err != nil {
		return err
	}
	for _, s := range []struct {
		to     string
		closed bool
	}{{"paused", true}, {"live", false}} {
		if err := r.manager.open(ctx, "/manager/switch/"+r.Brand+"/"+r.Market+"/new"); err != nil {
			return err
		}
		if err := r.manager.press(ctx, "/new", url.Values{"to": {s.to}, "reason": {"Smoke test after a deployment"}}); err != nil {
			return err
		}
		if err := r.seen(ctx, s.closed); err != nil {
			return err
		}
	}
	return nil
}

// seen waits up to a second until the shop shows that it is closed, or open.
func (r *run) seen(ctx context.Context, closed bool) error {
	for end := time.Now().Add(time.Second); ; {
		if err := r.buyer.open(ctx, r.shop()); err != nil {
			return err
		}
		if strings.Contains(r.buyer.body, "/leave-name") == closed {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("a second after the switch the shop does not show it (closed: %t)", closed)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
