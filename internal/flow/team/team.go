package team

import (
	"context"
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/mail"
	"forecourt/internal/world"

	"github.com/riverqueue/river"
)

// Service holds what the use case needs.
type Service struct {
	DB      *db.DB
	World   *world.Keeper
	Jobs    *jobs.Client
	Users   *identity.Users
	Links   identity.Links
	Words   *i18n.Catalogue
	Letters mail.Setter
	Sender  mail.Sender
	BaseURL string // of the site, without a trailing slash
}

type mailArgs struct {
	Invitation id.Invitation `json:"invitation"`
}

func (mailArgs) Kind() string { return "team.invitation_mail" }

// Register adds this flow's worker.
func (s *Service) Register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[mailArgs]) error { return s.Send(ctx, j.Args.Invitation) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[resetArgs]) error { return s.SendReset(ctx, j.Args.Reset) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[Changed]) error { return s.SendChanged(ctx, j.Args) }))
}

// InviteTx writes an invitation of a manager and enqueues its letter.
func (s *Service) InviteTx(ctx context.Context, tx *db.Tx, by identity.User, email, name string, grants []identity.Grant) error {
	key, err := s.Users.InviteTx(ctx, tx, by, s.Links, email, name, grants)
	if err != nil {
		return err
	}
	return s.Jobs.InsertTx(ctx, tx, mailArgs{key}, nil)
}

// Send mails an invitation that is still open, in the language of the site. One that was sent is not sent
// again; a crash between the sending and its mark repeats the letter under the same Message-ID.
func (s *Service) Send(ctx context.Context, key id.Invitation) error {
	i, ok, err := s.Users.InvitationByID(ctx, key)
	if err != nil || !ok || i.Sent || !i.Open || len(i.Grants) == 0 {
		return err
	}
	w := s.World.Now()
	site, ok := w.Dealer(i.Grants[0].Dealer)
	if !ok {
		return fmt.Errorf("team: invitation %s is for an unknown site", key)
	}
	m, ok := w.Market(site.Market)
	if !ok {
		return fmt.Errorf("team: invitation %s is for an unknown market", key)
	}
	p := s.Words.Printer(m.Locale)
	letter, err := s.Letters.Set(mail.Notice{ID: "invitation." + string(i.ID), To: i.Email, ToName: i.Name, Words: p, Subject: p.T("site.invitation.subject", "Group", i.GroupName), At: i.CreatedAt,
		Parts: []mail.Part{{Text: p.T("site.invitation.intro", "Name", i.Name, "Group", i.GroupName)}, {Items: s.roles(p, w, i.Grants)},
			{Text: p.T("site.invitation.link", "When", p.DateTime(i.ExpiresAt.In(site.Zone())))}, {Link: s.BaseURL + "/login/invitation/" + s.Links.Invitation(i.ID)}, {Text: p.T("site.invitation.not_you")}}})
	if err != nil {
		return err
	}
	if err := s.Sender.Send(ctx, letter); err != nil {
		return err
	}
	return s.Users.MarkInvited(ctx, i.ID)
}

// roles lists what the invited person may do where, a line each.
func (s *Service) roles(p *i18n.Printer, w *world.World, grants []identity.Grant) []string {
	var out []string
	for _, g := range grants {
		name := string(g.Dealer)
		if d, ok := w.Dealer(g.Dealer); ok {
			name = d.Name
		}
		out = append(out, p.T("site.invitation.role", "Role", p.T("siterole."+string(g.Role)), "Site", name))
	}
	return out
}
