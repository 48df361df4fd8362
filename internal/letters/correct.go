package letters

import (
	"errors"

	"forecourt/internal/ordering"
)

var errNoCorrection = errors.New("nothing was put right")

// carCorrected tells which number of the car reads otherwise now, and what became of papers that named the old one.
func carCorrected(w *writer) error {
	c := w.Correction
	if c == nil || c.Kind != ordering.SlipCar {
		return errNoCorrection
	}
	w.title("car_corrected.subject")
	w.greet()
	w.say("car_corrected.intro")
	if c.VINWas != c.VINNow {
		w.sayNow("car_corrected.vin", c.VINNow)
	}
	switch {
	case c.PlateWas == c.PlateNow:
	case c.PlateNow == "":
		w.say("car_corrected.plate_gone")
	default:
		w.sayNow("car_corrected.plate", c.PlateNow)
	}
	if w.Order.State.Sold() {
		w.say("car_corrected.papers")
	}
	w.button("order")
	w.car("order")
	w.dealer()
	return nil
}

// paymentCorrected takes the letter about a payment at the desk back that was recorded wrongly.
func paymentCorrected(w *writer) error {
	c := w.Correction
	if c == nil || c.Kind != ordering.SlipPayment {
		return errNoCorrection
	}
	w.set("Was", w.p.Money(c.Was()))
	w.set("Now", w.p.Money(c.Now()))
	w.title("payment_corrected.subject")
	w.greet()
	switch c.NowMinor {
	case 0:
		w.say("payment_corrected.intro_none")
	case c.WasMinor:
		w.say("payment_corrected.intro_entry")
	default:
		w.say("payment_corrected.intro")
	}
	w.say(w.owed())
	if w.Order.State == ordering.HandedOver {
		w.say("payment_corrected.papers")
	}
	w.say("payment_corrected.wrong")
	w.button("order")
	w.paidCar()
	w.leave()
	w.dealer()
	return nil
}

// sayNow says a sentence about what stands there now.
func (w *writer) sayNow(key, now string) {
	w.add(block{Kind: "para", Text: w.p.T("mail."+key, "Now", clean(now))})
}
