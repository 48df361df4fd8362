package connected

import (
	"context"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/mail"
)

// Send tells a keeper of a warning on one channel. What was sent is not sent again; a crash between the sending and its mark
// repeats it under the same name.
func (s *Service) Send(ctx context.Context, key id.Warning, c Channel) error {
	w, to, ok, err := unsent(s.DB.Read(ctx), key, c)
	if err != nil || !ok {
		return err
	}
	p := s.Printer(w.Car.Market, w.Locale)
	if c == SMS {
		if s.Texts == nil {
			return nil
		}
		err = s.Texts.SendText(ctx, Text{ID: "car-warning-" + string(w.ID), To: to, Body: p.T("car.warning.text", "Car", w.Car.Title, "Warning", w.Sentence(p))})
	} else {
		err = s.mail(ctx, w, to, p)
	}
	if err != nil {
		return err
	}
	return markSent(s.DB.Read(ctx), key, c, s.DB.Clock.Now())
}

func (s *Service) mail(ctx context.Context, w Warning, to string, p *i18n.Printer) error {
	n := mail.Notice{ID: "car-warning." + string(w.ID), To: to, ReplyTo: s.Place(w.Car.Market).Desk, Words: p, At: w.Raised, Subject: p.T("mail.car_warning.subject", "Car", w.Car.Title, "Warning", w.Name(p))}
	n.Parts = []mail.Part{{Text: w.Sentence(p)}, {Text: p.T("car.urgency." + string(w.Urgency))}}
	if s.Dress != nil {
		more, err := s.Dress(ctx, w, p)
		if err != nil {
			return err
		}
		n.Parts = append(n.Parts, more...)
	}
	n.Parts = append(n.Parts, mail.Part{Text: p.T("mail.car_warning.why")})
	letter, err := s.Letters.Set(n)
	if err != nil {
		return err
	}
	return s.Sender.Send(ctx, letter)
}

// Name is the warning in a few words.
func (w *Warning) Name(p *i18n.Printer) string { return p.T("car.warning." + w.Rule + ".name") }

// Sentence is what the car says, in one sentence that can be read out.
func (w *Warning) Sentence(p *i18n.Printer) string {
	return p.T("car.warning."+w.Rule+".text", "Value", p.Int(int64(w.Value)))
}

// Speech is a short text that can be read out: what is known of a car, and what it warns of. What a warning says is not said twice.
func (s *Shared) Speech(p *i18n.Printer, unit i18n.Unit) string {
	if s.Silent {
		return p.T("car.say.silent")
	}
	var out []string
	warned := map[Kind]bool{}
	for i := range s.Warnings {
		warned[s.Warnings[i].Kind] = true
	}
	for _, k := range Kinds {
		if v, ok := s.Latest[k]; ok && !warned[k] {
			out = append(out, spoken(p, unit, k, v.Readings)...)
		}
	}
	for i := range s.Warnings {
		out = append(out, s.Warnings[i].Sentence(p))
	}
	switch {
	case len(s.Latest) == 0 && len(out) == 0:
		return p.T("car.say.nothing")
	case len(s.Warnings) == 0:
		out = append(out, p.T("car.say.well"))
	}
	return strings.Join(out, " ")
}

// spoken is what can be said of a kind; lamps and tyres are of interest when they warn.
func spoken(p *i18n.Printer, unit i18n.Unit, k Kind, r Readings) []string {
	switch {
	case k == Odometer:
		return []string{p.T("car.say.odometer", "Distance", p.Distance(int64(*r.Km)*1000, unit))}
	case k == Battery:
		return []string{p.T("car.say.battery", "Percent", p.Percent(int64(*r.Charge)*100))}
	case k == Health:
		return []string{p.T("car.say.health", "Percent", p.Percent(int64(*r.Health)*100))}
	case k == Upkeep && r.ServiceDays != nil && *r.ServiceDays < 0:
		return []string{p.T("car.say.overdue")}
	case k == Upkeep && r.ServiceDays != nil:
		return []string{p.N("car.say.service", *r.ServiceDays)}
	}
	return nil
}
