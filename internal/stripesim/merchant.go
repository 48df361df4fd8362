package stripesim

import (
	"errors"
	"net/http"
	"net/url"
)

// merchantVerbs are what a merchant can do by hand on Stripe's own pages, past the shop's program:
// the shop has to find out.
var merchantVerbs = map[string]verb{"capture": captureIntent, "cancel": cancelIntent, "refund": createRefund}

// actAsMerchant reads payment_intent, do=capture|cancel|refund and, for a part only, amount.
func (b *Bank) actAsMerchant(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	do, id := form.Get("do"), form.Get("payment_intent")
	v, ok := merchantVerbs[do]
	if !ok {
		b.refuseSwitch(w, r, errors.New("do must be capture, cancel or refund"))
		return
	}
	c := &call{params: newParams(merchantForm(do, id, form.Get("amount"))), id: id, host: r.Host}
	var refused *apiError
	b.commit(func(t *tx) { _, refused = v(t, c) })
	if refused != nil {
		b.refuseSwitch(w, r, errors.New(refused.Text))
		return
	}
	b.answerSwitch(w, r, obj{"payment_intent": id, "done": do})
}

func merchantForm(do, id, amount string) url.Values {
	v := url.Values{}
	name := map[string]string{"capture": "amount_to_capture", "refund": "amount"}[do]
	if name != "" && amount != "" {
		v.Set(name, amount)
	}
	if do == "refund" {
		v.Set("payment_intent", id)
	}
	return v
}
