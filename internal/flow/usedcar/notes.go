package usedcar

import (
	"context"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/platform/i18n"
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
	m := mail.Message{ID: "used." + string(h.State) + "." + string(h.ID), To: h.Email, Lang: p.Lang(), Date: s.DB.Clock.Now()}
	switch {
	case h.State == usedcars.Offered && h.Has(s.DB.Clock.Now()):
		link := shop + "/hold/" + s.token(h.ID)
		m.Subject = p.T("mail.used_offer.subject", "Car", c.Title())
		m.Text = text(p, "mail.used_offer", "Car", c.Title()+" "+c.Version, "Until", p.DateTime(h.DueAt.In(mk.Zone())), "Link", link)
	case h.State == usedcars.Ended && h.EndWhy == usedcars.CarGone:
		m.Subject = p.T("mail.used_gone.subject", "Car", c.Title())
		m.Text = text(p, "mail.used_gone", "Car", c.Title()+" "+c.Version, "Link", shop)
	default:
		return nil
	}
	return s.Sender.Send(ctx, m)
}

// text is a short letter of three paragraphs: what happened, what can be done, and where.
func text(p *i18n.Printer, key string, args ...any) string {
	return strings.Join([]string{p.T(key+".intro", args...), p.T(key+".next", args...), p.T(key+".link", args...)}, "\n\n") + "\n"
}
