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
	DB     *db.DB
	World  *world.Keeper
	Jobs   *jobs.Client
	Words  *i18n.Catalogue
	Sender mail.Sender
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
	letter := mail.Message{ID: "barrier." + string(r.ID), To: m.Access.Mail, Subject: p.T("mail.barrier.subject", "Number", short(r.ID)),
		Text: text(p, r), Lang: p.Lang(), Date: r.CreatedAt}
	if r.Email != "" {
		letter.Headers = map[string]string{"Reply-To": r.Email}
	}
	if err := s.Sender.Send(ctx, letter); err != nil {
		return err
	}
	return feedback.MarkSent(s.DB.Read(ctx), r.ID, s.DB.Clock.Now())
}

func text(p *i18n.Printer, r feedback.Report) string {
	page, answer := r.Page, p.T("mail.barrier.no_answer")
	if page == "" {
		page = p.T("mail.barrier.no_page")
	}
	if r.Email != "" {
		answer = p.T("mail.barrier.answer", "Email", r.Email)
	}
	return strings.Join([]string{p.T("mail.barrier.intro"), p.T("mail.barrier.page", "Page", page), r.Message, answer, p.T("mail.barrier.due")}, "\n\n") + "\n"
}

// short is the part of a key that people can read out: its random end.
func short(key id.Report) string { return strings.ToUpper(string(key)[len(key)-6:]) }
