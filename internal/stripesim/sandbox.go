package stripesim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (b *Bank) advanceClock(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	seconds, err := strconv.ParseInt(form.Get("seconds"), 10, 64)
	if err != nil || seconds < 0 || seconds > 10*365*24*3600 {
		b.refuseSwitch(w, r, errors.New("seconds must be a whole number from 0 to ten years"))
		return
	}
	if err := b.Forward(r.Context(), time.Duration(seconds)*time.Second); err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	b.answerSwitch(w, r, obj{"now": b.Now().Format(time.RFC3339)})
}

func (b *Bank) orderFault(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	if form.Get("clear") != "" {
		b.faults.clear()
		b.answerSwitch(w, r, obj{"cleared": true})
		return
	}
	order, err := readFault(form)
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	told := order.object() // before it is shared
	b.faults.add(order)
	b.answerSwitch(w, r, told)
}

func (b *Bank) showFaults(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, b.faults.object())
}

// orderDispute lets a card holder complain about a payment, or his bank decide: a dispute and its
// outcome in one switch.
func (b *Bank) orderDispute(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	var d *dispute
	b.commit(func(t *tx) {
		if form.Get("dispute") == "" {
			d, err = t.complainAbout(form)
		} else {
			d, err = t.decide(form)
		}
	})
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	b.answerSwitch(w, r, obj{"dispute": d.ID, "payment_intent": d.Intent, "status": d.Status, "amount": d.Amount, "reason": d.Reason})
}

// complainAbout reads payment_intent, and if wanted amount, reason and status: an inquiry begins
// with warning_needs_response, a chargeback with needs_response, which is the preset.
func (t *tx) complainAbout(form url.Values) (*dispute, error) {
	pi := t.st.intents.byID[form.Get("payment_intent")]
	if pi == nil {
		return nil, errors.New("no such payment_intent")
	}
	c := t.st.charges.byID[pi.Charge]
	if c == nil || !c.IsCaptured {
		return nil, errors.New("nothing was captured, so there is nothing to dispute")
	}
	left := c.Captured - c.Refunded - t.st.withdrawn(c)
	amount, err := numberIn(form, "amount", left, 1, left)
	if err != nil {
		return nil, err
	}
	reason := form.Get("reason")
	if reason == "" {
		reason = "fraudulent"
	}
	if !slices.Contains(disputeReasons, reason) {
		return nil, fmt.Errorf("reason must be one of %s", strings.Join(disputeReasons, ", "))
	}
	switch form.Get("status") {
	case "", disputeNeedsAnswer:
		return t.dispute(c, amount, reason, false), nil
	case inquiryNeedsAnswer:
		return t.dispute(c, amount, reason, true), nil
	}
	return nil, errors.New("status must be needs_response or warning_needs_response")
}

// decide reads dispute and outcome: won, lost, closed (of an inquiry) or escalated.
func (t *tx) decide(form url.Values) (*dispute, error) {
	d := t.st.disputes.byID[form.Get("dispute")]
	if d == nil {
		return nil, errors.New("no such dispute")
	}
	if d.isOver() {
		return nil, errors.New("the dispute is over: " + d.Status)
	}
	outcome := form.Get("outcome")
	switch {
	case outcome == "escalated" && d.isInquiry():
		return t.escalate(d), nil
	case outcome == "closed" && d.isInquiry(), outcome == "won":
		return t.settle(d, disputeWon), nil
	case outcome == "lost":
		return t.settle(d, disputeLost), nil
	}
	return nil, errors.New("outcome must be won or lost, and for an inquiry closed, escalated or lost")
}

// turnRefund moves a refund by hand: status succeeded, failed, canceled or requires_action.
func (b *Bank) turnRefund(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	status := form.Get("status")
	var now *refund
	b.commit(func(t *tx) {
		old := t.st.refunds.byID[form.Get("refund")]
		switch {
		case old == nil:
			err = errors.New("no such refund")
		case !old.turnable(status):
			err = fmt.Errorf("a refund that is %s cannot become %q", old.Status, status)
		default:
			now = t.turnRefund(old, status)
		}
	})
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	b.answerSwitch(w, r, obj{"refund": now.ID, "status": now.Status})
}

// numberIn reads a whole number between least and most.
func numberIn(form url.Values, name string, preset, least, most int64) (int64, error) {
	n := preset
	if s := form.Get(name); s != "" {
		var err error
		if n, err = strconv.ParseInt(s, 10, 64); err != nil {
			return 0, fmt.Errorf("%s must be a whole number", name)
		}
	}
	if n < least || n > most {
		return 0, fmt.Errorf("%s must be from %d to %d", name, least, most)
	}
	return n, nil
}

func (b *Bank) resendEvent(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		b.refuseSwitch(w, r, err)
		return
	}
	sent, known := 0, false
	b.commit(func(t *tx) {
		if e := t.st.events.byID[form.Get("event")]; e != nil {
			sent, known = t.resend(e), true
		}
	})
	if !known {
		b.refuseSwitch(w, r, errors.New("no such event"))
		return
	}
	b.answerSwitch(w, r, obj{"event": form.Get("event"), "deliveries": sent})
}

// readSwitch takes a form or a flat JSON object.
func readSwitch(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		if err := r.ParseForm(); err != nil {
			return nil, errors.New("the form cannot be read")
		}
		return r.Form, nil
	}
	var flat obj
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if err := d.Decode(&flat); err != nil {
		return nil, errors.New("the body is no JSON object")
	}
	form := url.Values{}
	for k, v := range flat {
		form.Set(k, fmt.Sprint(v))
	}
	return form, nil
}

// answerSwitch sends a person back to the page where the button stands and tells a program the result.
func (b *Bank) answerSwitch(w http.ResponseWriter, r *http.Request, result obj) {
	if byPerson(r) {
		http.Redirect(w, r, backOf(r), http.StatusSeeOther)
		return
	}
	answerJSON(w, http.StatusOK, result)
}

func (b *Bank) refuseSwitch(w http.ResponseWriter, r *http.Request, err error) {
	if byPerson(r) {
		b.pages.showRefused(w, err, backOf(r))
		return
	}
	answerJSON(w, http.StatusBadRequest, obj{"error": err.Error()})
}

func byPerson(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// backOf is the page of this bank that a form came from; the first one when the form names none.
func backOf(r *http.Request) string {
	back := r.PostForm.Get("back")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n") {
		return "/"
	}
	return back
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	a := encode(status, v)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}
