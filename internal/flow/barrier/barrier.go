package barrier

import (
	"context"
	"fmt"
	"strings"

	"forecourt/internal/feedback"
	"forecourt/internal/id"
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
	Words   *i18n.Catalogue
	Letters mail.Setter
	Sender  mail.Sender
}

// mailArgs asks to send one report. The job holds its key only.
type mailArgs struct {
	Report id.Report `json:"report"`
}

func (mailArgs) Kind() string { return "barrier.mail" }

// Register adds this flow's worker.
func (s *Service) Register(w *river.Workers) {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[mailArgs]) error { return s.Send(ctx, j.Args.Report) }))
}

// ReportTx keeps a report and enqueues its mail.
func (s *Service) ReportTx(ctx context.Context, tx *db.Tx, r feedback.Report) error {
	if err := feedback.AddTx(tx, &r); err != nil {
		return err
	}
	return s.Jobs.InsertTx(ctx, tx, mailArgs{Report: r.ID}, nil)
}

// Send mails a report to its market's desk, in the market's language. One that was sent is not sent again; a
// crash between the sending and its mark repeats the mail under the same Message-ID.
func (s *Service) Send(ctx context.Context, key id.Report) error {
	r, waits, err := feedback.Unsent(s.DB.Read(ctx), key)
	if err != nil || !waits {
		return err
	}
	m, ok := s.World.Now().Market(r.Market)
	if !ok || m.Access.Mail == "" {
		return fmt.Errorf("barrier: market %s has no desk for report %s", r.Market, r.ID)
	}
	p := s.Words.Printer(m.Locale)
	letter, err := s.Letters.Set(mail.Notice{ID: "barrier." + string(r.ID), To: m.Access.Mail, ReplyTo: r.Email, Words: p, Subject: p.T("mail.barrier.subject", "Number", short(r.ID)), At: r.CreatedAt, Parts: parts(p, r)})
	if err != nil {
		return err
	}
	if err := s.Sender.Send(ctx, letter); err != nil {
		return err
	}
	return feedback.MarkSent(s.DB.Read(ctx), r.ID, s.DB.Clock.Now())
}

func parts(p *i18n.Printer, r feedback.Report) []mail.Part {
	page, answer := r.Page, p.T("mail.barrier.no_answer")
	if page == "" {
		page = p.T("mail.barrier.no_page")
	}
	if r.Email != "" {
		answer = p.T("mail.barrier.answer", "Email", r.Email)
	}
	return []mail.Part{{Text: p.T("mail.barrier.intro")}, {Text: p.T("mail.barrier.page", "Page", page)}, {Text: r.Message}, {Text: answer}, {Text: p.T("mail.barrier.due")}}
}

// short is the part of a key that people can read out: its random end.
func short(key id.Report) string { return strings.ToUpper(string(key)[len(key)-6:]) }
