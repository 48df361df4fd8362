package main

import (
	"cmp"
	"fmt"
	"html"
	"net/url"
	"strings"
	"time"
)

// buyer buys cars, one after another, over two connections: to the shop and to the card bank.
type buyer struct {
	shop, bank *wire
	at         string // path on the shop
	page       string
	cookie     string
	mail       string // of a dealer who signs in; the usual one when empty
	n          int
}

func newBuyer(shop, bank string, n int) (b *buyer, err error) {
	b = &buyer{n: n}
	if b.shop, err = dial(shop); err != nil {
		return nil, err
	}
	if bank != "" {
		b.bank, err = dial(bank)
	}
	return b, err
}

func (b *buyer) close() {
	b.shop.close()
	if b.bank != nil {
		b.bank.close()
	}
}

// packed is the one encoding that the buyer can read; shops that know others may not send them.
const packed = "gzip"

// open asks for an address and follows where it leads, from the shop to the bank and back.
func (b *buyer) open(method, address, body string) error {
	for range 6 {
		w := b.shop
		path := address
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			// By port: the demo calls loopback by its name.
			if path = u.RequestURI(); b.bank != nil && strings.HasSuffix(b.bank.addr, ":"+u.Port()) {
				w = b.bank
			}
		}
		a, err := w.send(request(method, w.addr, path, packed, b.cookie, body))
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		if a.cookie != "" && w == b.shop {
			b.cookie = a.cookie
		}
		switch {
		case a.status == 200:
			b.at = path
			b.page, err = w.text(a)
			return err
		case a.status == 302 || a.status == 303:
			method, address, body = "GET", a.location, ""
			if w == b.bank && !strings.Contains(address, "://") {
				address = "http://" + w.addr + address
			}
		default:
			return fmt.Errorf("%s %s answered %d", method, path, a.status)
		}
	}
	return fmt.Errorf("%s leads in circles", address)
}

// press sends the posting form whose action ends with suffix, hidden fields included.
func (b *buyer) press(suffix string, fill url.Values) error {
	action, fields, ok := formOf(b.page, suffix)
	if !ok {
		return fmt.Errorf("no form %q on %s", suffix, b.at)
	}
	for k, v := range fill {
		fields[k] = v
	}
	if b.bank != nil && strings.HasPrefix(action, "/c/pay/") {
		action = "http://" + b.bank.addr + action
	}
	return b.open("POST", action, fields.Encode())
}

// formOf finds a form and what it sends untouched. It reads our own pages only, so a scan is enough.
func formOf(page, suffix string) (action string, hidden url.Values, ok bool) {
	for {
		_, rest, found := strings.Cut(page, "<form ")
		if !found {
			return "", nil, false
		}
		form, after, _ := strings.Cut(rest, "</form>")
		head, _, _ := strings.Cut(form, ">")
		page = after
		if action = attribute(head, "action"); attribute(head, "method") != "post" || !strings.HasSuffix(action, suffix) {
			continue
		}
		hidden = url.Values{}
		for {
			_, tail, found := strings.Cut(form, "<input ")
			if !found {
				return action, hidden, true
			}
			tag, after, _ := strings.Cut(tail, ">")
			if attribute(tag, "type") == "hidden" {
				hidden.Add(attribute(tag, "name"), attribute(tag, "value"))
			}
			form = after
		}
	}
}

func attribute(tag, name string) string {
	_, rest, ok := strings.Cut(tag, name+`="`)
	if !ok {
		return ""
	}
	v, _, _ := strings.Cut(rest, `"`)
	if strings.Contains(v, "&") {
		return html.UnescapeString(v)
	}
	return v
}

// models and dealers take turns, so that neither one page nor one queue carries all.
var (
	models  = []string{"duster", "sandero", "jogger", "bigster", "spring", "sandero-stepway"}
	dealers = []string{dealerCode, "gb-london-kestrel", "gb-manchester-hollins", "gb-glasgow-clydeview", "gb-cardiff-taff", "gb-norwich-broadacre"}
)

const shopPath = "/dacia/gb"

// buy is one whole journey: from the range to the order page that says the order is with a dealer.
func (b *buyer) buy(dealer string) (time.Duration, error) {
	start := time.Now()
	model := models[b.n%len(models)]
	b.n++
	car := shopPath + "/new/" + model
	for _, path := range []string{shopPath, car + "/configure", car + "/dealer"} {
		if err := b.open("GET", path, ""); err != nil {
			return 0, err
		}
	}
	if err := b.press("/dealer", url.Values{"dealer": {dealer}}); err != nil {
		return 0, err
	}
	if err := b.press("/details", url.Values{"name": {"Priya Raman"}, "email": {"priya.raman@example.com"}, "phone": {"07700 900142"},
		"street": {"8 Ash Grove"}, "postcode": {"LS6 2AB"}, "town": {"Leeds"}}); err != nil {
		return 0, err
	}
	if err := b.press("/pay", url.Values{"terms": {"yes"}}); err != nil {
		return 0, err
	}
	if err := b.press(b.at, url.Values{"number": {"4242424242424242"}, "expiry": {"12 / 45"}, "cvc": {"123"}, "name": {"Priya Raman"}}); err != nil {
		return 0, err
	}
	took := time.Since(start)
	if !strings.Contains(b.at, "/orders/") || strings.Contains(b.page, b.orderPath()+`/pay"`) {
		return took, fmt.Errorf("after paying the buyer stands at %s", b.at)
	}
	return took, nil
}

// orderPath is the path of the order page the buyer stands on.
func (b *buyer) orderPath() string {
	path, _, _ := strings.Cut(b.at, "?")
	return path
}

// signIn opens the dealer's portal.
func (b *buyer) signIn() error {
	if err := b.open("GET", "/login", ""); err != nil {
		return err
	}
	if err := b.press("/login", url.Values{"email": {cmp.Or(b.mail, staffMail)}, "password": {staffWord}}); err != nil {
		return err
	}
	if b.at != "/dealer" {
		return fmt.Errorf("after signing in the dealer stands at %s", b.at)
	}
	return nil
}
