package team

import (
	"context"
	"fmt"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/mail"
)

type resetArgs struct {
	Reset id.Reset `json:"reset"`
}

func (resetArgs) Kind() string { return "team.reset_mail" }

// Changed is the job that tells the owner of an account that it has another password. Reset is empty when he chose it himself.
type Changed struct {
	Letter string    `json:"letter"` // names it: sent twice, it is one
	User   id.User   `json:"user"`
	Reset  id.Reset  `json:"reset,omitempty"`
	At     time.Time `json:"at"`
}

// Kind implements river.JobArgs.
func (Changed) Kind() string { return "team.password_mail" }

// ResetTx writes a reset of a colleague and enqueues its letter.
func (s *Service) ResetTx(ctx context.Context, tx *db.Tx, by identity.User, who id.User) error {
	key, err := s.Users.ResetTx(ctx, tx, by, s.Links, who)
	if err != nil {
		return err
	}
	return s.Jobs.InsertTx(ctx, tx, resetArgs{key}, nil)
}

// Reset gives the account of a reset's link its new password and tells the owner. What can go wrong is identity's ErrNoReset
// and ErrPassword.
func (s *Service) Reset(ctx context.Context, token, password string) (identity.User, error) {
	r, err := s.Users.ResetBy(ctx, token)
	if err != nil {
		return identity.User{}, err
	}
	hash, err := s.Users.HashPassword(ctx, r.Email, password)
	if err != nil {
		return identity.User{}, err
	}
	var u identity.User
	err = s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if u, err = s.Users.TakeResetTx(ctx, tx, r, hash); err != nil {
			return err
		}
		return s.tellTx(ctx, tx, u.ID, r.ID)
	})
	return u, err
}

// ChangePassword gives the account of u another password when old is the one that it has, ends its other sessions and tells
// the owner. here names the session that stays. What can go wrong is identity's ErrLogin, ErrPassword, ErrNoPassword and
// limit.ErrLimited.
func (s *Service) ChangePassword(ctx context.Context, u identity.User, here, old, fresh string) error {
	if has, err := s.Users.HasPassword(ctx, u); err != nil || !has {
		return orNone(err)
	}
	if err := s.Users.Confirm(ctx, u, old); err != nil {
		return err
	}
	hash, err := s.Users.HashPassword(ctx, u.Email, fresh)
	if err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.Users.ChangePasswordTx(ctx, tx, u, hash, here); err != nil {
			return err
		}
		return s.tellTx(ctx, tx, u.ID, "")
	})
}

func orNone(err error) error {
	if err != nil {
		return err
	}
	return identity.ErrNoPassword
}

func (s *Service) tellTx(ctx context.Context, tx *db.Tx, who id.User, reset id.Reset) error {
	return s.Jobs.InsertTx(ctx, tx, Changed{Letter: id.New[string](), User: who, Reset: reset, At: tx.Now}, nil)
}

// SendReset mails a reset that is still open, in the language of the person's site. One that was sent is not sent again; a
// crash between the sending and its mark repeats the letter under the same Message-ID.
func (s *Service) SendReset(ctx context.Context, key id.Reset) error {
	r, ok, err := s.Users.ResetByID(ctx, key)
	if err != nil || !ok || r.Sent || !r.Open {
		return err
	}
	p, site, err := s.voice(r.Dealer)
	if err != nil {
		return err
	}
	lines := []string{p.T("site.reset.intro", "Name", r.Name, "By", r.ByName, "Site", site.Name),
		p.T("site.reset.link", "When", p.DateTime(r.ExpiresAt.In(site.Zone()))), s.BaseURL + "/login/reset/" + s.Links.Reset(r.ID), p.T("site.reset.not_you", "By", r.ByName)}
	letter := mail.Message{ID: "reset." + string(r.ID), To: r.Email, ToName: r.Name, Subject: p.T("site.reset.subject"),
		Text: strings.Join(lines, "\n\n") + "\n", Lang: p.Lang(), Date: r.CreatedAt}
	if err := s.Sender.Send(ctx, letter); err != nil {
		return err
	}
	return s.Users.MarkReset(ctx, r.ID)
}

// SendChanged tells the owner of an account that it has another password, so that one whom somebody robbed of it hears so.
func (s *Service) SendChanged(ctx context.Context, a Changed) error {
	u, ok, err := s.Users.UserByID(ctx, a.User)
	if err != nil || !ok {
		return err
	}
	p, zone := s.Words.Printer("en-GB"), time.UTC // an office has no one market
	if u.Role == identity.RoleDealer {
		words, site, err := s.voice(u.Dealer)
		if err != nil {
			return err
		}
		p, zone = words, site.Zone()
	}
	what := p.T("site.password.changed", "Name", u.Name, "When", p.DateTime(a.At.In(zone)))
	if a.Reset != "" {
		what = p.T("site.password.reset", "Name", u.Name, "When", p.DateTime(a.At.In(zone)))
	}
	return s.Sender.Send(ctx, mail.Message{ID: "password." + a.Letter, To: u.Email, ToName: u.Name, Subject: p.T("site.password.subject"),
		Text: strings.Join([]string{what, p.T("site.password.not_you")}, "\n\n") + "\n", Lang: p.Lang(), Date: a.At})
}

// voice is the language of a site's market, and the site.
func (s *Service) voice(d id.Dealer) (*i18n.Printer, *network.Dealer, error) {
	w := s.World.Now()
	site, ok := w.Dealer(d)
	if !ok {
		return nil, nil, fmt.Errorf("team: a letter is for an unknown site %s", d)
	}
	m, ok := w.Market(site.Market)
	if !ok {
		return nil, nil, fmt.Errorf("team: a letter is for an unknown market %s", site.Market)
	}
	return s.Words.Printer(m.Locale), site, nil
}
