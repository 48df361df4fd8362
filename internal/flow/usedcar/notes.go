package usedcar

import (
	"context"

	"forecourt/internal/id"
	"forecourt/internal/platform/mail"
	"forecourt/internal/usedcars"
)

// noteArgs asks to write to who waits, about what became of the wait. The job holds the key only.
type noteArgs struct {
	Hold id.Hold `json:"hold"`
}

func (noteArgs) Kind() string { return "usedcar.note" }

// note writes to one of a line: it is your turn, or it is over. What changed meanwhile is not written any more; a crash
// between the sending and the end of the job repeats the mail under the same Message-ID.
func (s *Service) note(ctx context.Context, key id.Hold) error {
	h, err := usedcars.HoldByID(s.DB.Read(ctx), key)
	if err != nil || h.Email == "" {
		return err
	}
	c, err := usedcars.Get(s.DB.Read(ctx), h.Car)
	if err != nil {
		return err
	}
	mk, err := s.Market(h.Market)
	if err != nil {
		return err
	}
	p := s.Words.Printer(mk.Speak(h.Locale))
	shop := s.BaseURL + "/" + string(h.Brand) + "/" + string(h.Market) + "/used"
	n := mail.Notice{ID: "used." + string(h.State) + "." + string(h.ID), To: h.Email, Words: p, At: s.DB.Clock.Now()}
	car := c.Title() + " " + c.Version
	switch {
	case h.State == usedcars.Offered && h.Has(n.At):
		n.Subject = p.T("mail.used_offer.subject", "Car", c.Title())
		n.Parts = []mail.Part{{Text: p.T("mail.used_offer.intro", "Car", car, "Until", p.DateTime(h.DueAt.In(mk.Zone())))}, {Text: p.T("mail.used_offer.next")}, {Link: shop + "/hold/" + s.token(h.ID)}}
	case h.State == usedcars.Holding && h.By != "" && h.Has(n.At):
		n.Subject = p.T("mail.used_held.subject", "Car", c.Title())
		n.Parts = []mail.Part{{Text: p.T("mail.used_held.intro", "Car", car, "Until", p.DateTime(h.DueAt.In(mk.Zone())))}, {Text: p.T("mail.used_held.next")}, {Link: shop + "/hold/" + s.token(h.ID)}}
	case h.State == usedcars.Ended && h.EndWhy == usedcars.CarGone:
		n.Subject = p.T("mail.used_gone.subject", "Car", c.Title())
		n.Parts = []mail.Part{{Text: p.T("mail.used_gone.intro", "Car", car)}, {Text: p.T("mail.used_gone.next")}, {Link: shop}}
	default:
		return nil
	}
	m, err := s.Letters.Set(n)
	if err != nil {
		return err
	}
	return s.Sender.Send(ctx, m)
}
