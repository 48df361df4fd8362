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

// LedgerLine is the truth about one payment, for invariants.
type LedgerLine struct {
	Intent     string `json:"intent"`
	Session    string `json:"session"`
	OrderID    string `json:"order_id"`
	PaymentID  string `json:"payment_id"`
	Currency   string `json:"currency"`
	Amount     int64  `json:"amount"`
	Authorised int64  `json:"authorised"` // ever
	Held       int64  `json:"held"`       // authorised and neither captured nor released
	Captured   int64  `json:"captured"`
	Refunded   int64  `json:"refunded"` // of what was captured
	Status     string `json:"status"`
}

// Ledger lists all payments, oldest first.
func (b *Bank) Ledger() []LedgerLine {
	out := []LedgerLine{}
	b.commit(func(t *tx) {
		each(&t.st.intents, func(pi *intent) { out = append(out, t.st.ledgerLine(pi)) })
	})
	return out
}

func (st *state) ledgerLine(pi *intent) LedgerLine {
	l := LedgerLine{
		Intent: pi.ID, Session: pi.Session, OrderID: pi.Metadata["order_id"], PaymentID: pi.Metadata["payment_id"],
		Currency: pi.Currency, Amount: pi.Amount, Held: pi.Capturable, Captured: pi.Received, Status: pi.Status,
	}
	if c := st.charges.byID[pi.Charge]; c != nil && c.Status == "succeeded" {
		l.Authorised = c.Amount
		if c.IsCaptured {
			l.Refunded = c.Refunded
		}
	}
	return l
}

func (b *Bank) showLedger(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, obj{"payments": b.Ledger()})
}

func (b *Bank) advanceClock(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		answerSwitchError(w, err)
		return
	}
	seconds, err := strconv.ParseInt(form.Get("seconds"), 10, 64)
	if err != nil || seconds < 0 || seconds > 10*365*24*3600 {
		answerSwitchError(w, errors.New("seconds must be a whole number from 0 to ten years"))
		return
	}
	b.Advance(time.Duration(seconds) * time.Second)
	b.answerSwitch(w, r, obj{"now": b.Now().Format(time.RFC3339)})
}

func (b *Bank) orderFault(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		answerSwitchError(w, err)
		return
	}
	if form.Get("clear") != "" {
		b.faults.clear()
		b.answerSwitch(w, r, obj{"cleared": true})
		return
	}
	order, err := readFault(form)
	if err != nil {
		answerSwitchError(w, err)
		return
	}
	b.faults.add(order)
	b.answerSwitch(w, r, obj{"path": order.Path, "phase": order.Phase, "kind": order.Kind, "count": order.Left})
}

func readFault(form url.Values) (fault, error) {
	f := fault{Path: form.Get("path"), Method: form.Get("method"), Phase: form.Get("phase"), Kind: form.Get("kind"), Left: 1}
	if n := form.Get("count"); n != "" {
		left, err := strconv.Atoi(n)
		if err != nil || left < 1 || left > 1_000_000 {
			return f, errors.New("count must be a whole number from 1")
		}
		f.Left = left
	}
	kinds := []string{faultError, faultBusy, faultLimit, faultHang, faultReset, faultTruncate, faultHTML}
	switch {
	case !strings.HasPrefix(f.Path, "/v1/"):
		return f, errors.New("path must begin with /v1/")
	case f.Phase != phaseBefore && f.Phase != phaseAfter:
		return f, errors.New("phase must be before or after")
	case !slices.Contains(kinds, f.Kind):
		return f, fmt.Errorf("kind must be one of %s", strings.Join(kinds, ", "))
	}
	return f, nil
}

func (b *Bank) resendEvent(w http.ResponseWriter, r *http.Request) {
	form, err := readSwitch(w, r)
	if err != nil {
		answerSwitchError(w, err)
		return
	}
	sent, known := 0, false
	b.commit(func(t *tx) {
		if e := t.st.events.byID[form.Get("event")]; e != nil {
			sent, known = t.resend(e), true
		}
	})
	if !known {
		answerJSON(w, http.StatusNotFound, obj{"error": "no such event"})
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

// answerSwitch sends a person back to the dashboard and tells a program the result.
func (b *Bank) answerSwitch(w http.ResponseWriter, r *http.Request, result obj) {
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	answerJSON(w, http.StatusOK, result)
}

func answerSwitchError(w http.ResponseWriter, err error) {
	answerJSON(w, http.StatusBadRequest, obj{"error": err.Error()})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	a := encode(status, v)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}
