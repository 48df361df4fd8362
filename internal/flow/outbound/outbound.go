package outbound

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/hook"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/clock"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/mail"
	"forecourt/internal/world"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Service holds what the use cases need. Courier, Words and Sender are used by the jobs.
type Service struct {
	DB      *db.DB
	World   *world.Keeper
	Jobs    *jobs.Client
	Seal    hook.Seal
	Courier *hook.Courier
	Users   *identity.Users
	Words   *i18n.Catalogue
	Letters mail.Setter
	Sender  mail.Sender
	BaseURL string // of the site, without a trailing slash
	Log     *slog.Logger
}

// MayRun tells whether somebody runs an address: that of a site who runs the site, that of a group who runs the group.
func (s *Service) MayRun(by identity.User, a *hook.Address) bool {
	if a.Dealer != "" {
		return by.MayAt(identity.DealerSite, a.Dealer)
	}
	for _, d := range by.SitesWith(identity.DealerGroup) {
		if site, ok := s.World.Now().Dealer(d); ok && site.GroupCode() == a.Group {
			return true
		}
	}
	return false
}

// Of lists the addresses of a group that somebody runs.
func (s *Service) Of(ctx context.Context, by identity.User, group id.Group) ([]*hook.Address, error) {
	all, err := hook.OfGroup(s.DB.Read(ctx), group)
	var out []*hook.Address
	for _, a := range all {
		if s.MayRun(by, a) {
			out = append(out, a)
		}
	}
	return out, err
}

// Get reads an address; one that is not his to run does not exist.
func (s *Service) Get(ctx context.Context, by identity.User, key id.Hook) (*hook.Address, error) {
	a, err := hook.Get(s.DB.Read(ctx), key)
	if err == nil && !s.MayRun(by, a) {
		return nil, hook.ErrNoHook
	}
	return a, err
}

// AddTx registers an address for a site, or with whole for all sites of its group.
func (s *Service) AddTx(ctx context.Context, tx *db.Tx, by identity.User, site id.Dealer, whole bool, url string, kinds []string) (*hook.Address, error) {
	d, ok := s.World.Now().Dealer(site)
	if !ok {
		return nil, hook.ErrNoHook
	}
	a := &hook.Address{Market: d.Market, Group: d.GroupCode(), Dealer: site, CreatedBy: by.ID}
	if whole {
		a.Dealer = ""
	}
	if !s.MayRun(by, a) {
		return nil, identity.ErrGrant
	}
	var err error
	if a.URL, err = s.Courier.CheckURL(url); err != nil {
		return nil, err
	}
	if a.Kinds, err = hook.CheckKinds(kinds); err != nil {
		return nil, err
	}
	if err := hook.AddTx(tx, s.Seal, a); err != nil {
		return nil, err
	}
	return a, s.auditTx(ctx, tx, by, "hook.added", a)
}

// lockTx locks an address that somebody runs.
func (s *Service) lockTx(tx *db.Tx, by identity.User, key id.Hook) (*hook.Address, error) {
	a, err := hook.LockTx(tx, key)
	if err == nil && !s.MayRun(by, a) {
		return nil, hook.ErrNoHook
	}
	return a, err
}

// ChangeTx says anew of what an address is told.
func (s *Service) ChangeTx(ctx context.Context, tx *db.Tx, by identity.User, key id.Hook, kinds []string) error {
	a, err := s.lockTx(tx, by, key)
	if err != nil {
		return err
	}
	if kinds, err = hook.CheckKinds(kinds); err != nil {
		return err
	}
	if err := hook.ChangeKindsTx(tx, a, kinds); err != nil {
		return err
	}
	return s.auditTx(ctx, tx, by, "hook.changed", a)
}

// MoveTx pauses, resumes or ends an address.
func (s *Service) MoveTx(ctx context.Context, tx *db.Tx, by identity.User, key id.Hook, to hook.State) error {
	a, err := s.lockTx(tx, by, key)
	if err != nil {
		return err
	}
	why := ""
	if to == hook.Paused {
		why = hook.ByAsking
	}
	if err := hook.MoveTx(tx, a, to, why); err != nil {
		return err
	}
	return s.auditTx(ctx, tx, by, "hook."+string(to), a)
}

// RotateTx makes a new secret; for a day the one before signs too.
func (s *Service) RotateTx(ctx context.Context, tx *db.Tx, by identity.User, key id.Hook) error {
	a, err := s.lockTx(tx, by, key)
	if err != nil {
		return err
	}
	if err := hook.RotateTx(tx, s.Seal, a); err != nil {
		return err
	}
	return s.auditTx(ctx, tx, by, "hook.secret_made", a)
}

// Show gives the newest secret, once.
func (s *Service) Show(ctx context.Context, by identity.User, key id.Hook) (secret string, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := s.lockTx(tx, by, key)
		if err != nil {
			return err
		}
		if secret, err = hook.ShowTx(tx, s.Seal, a.ID); err != nil {
			return err
		}
		return s.auditTx(ctx, tx, by, "hook.secret_shown", a)
	})
	return secret, err
}

// AgainTx sends one event again: the same id, the same body.
func (s *Service) AgainTx(ctx context.Context, tx *db.Tx, by identity.User, key id.Hook, e id.Event) error {
	a, err := s.lockTx(tx, by, key)
	if err != nil {
		return err
	}
	d, err := hook.DeliveryOf(tx.DB, a.ID, e)
	if err != nil {
		return err
	}
	if err := hook.ReplayTx(tx, d); err != nil {
		return err
	}
	return s.auditTx(ctx, tx, by, "hook.sent_again", a)
}

// SinceTx sends all events since an instant again, and counts them.
func (s *Service) SinceTx(ctx context.Context, tx *db.Tx, by identity.User, key id.Hook, since time.Time) (int, error) {
	a, err := s.lockTx(tx, by, key)
	if err != nil {
		return 0, err
	}
	if since.After(tx.Now) || since.Before(tx.Now.Add(-hook.Life)) {
		return 0, hook.ErrSince
	}
	n, err := hook.ReplaySinceTx(tx, a.ID, since)
	if err != nil {
		return 0, err
	}
	return n, s.auditTx(ctx, tx, by, "hook.sent_since", a)
}

func (s *Service) auditTx(ctx context.Context, tx *db.Tx, by identity.User, action string, a *hook.Address) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: by.Actor(), Action: action, Subject: "hook:" + string(a.ID), Market: string(a.Market),
		New: map[string]string{"state": string(a.State), "site": string(a.Dealer), "group": string(a.Group), "kinds": strings.Join(a.Kinds, " ")}})
}

type sweepArgs struct{}

func (sweepArgs) Kind() string { return "outbound.sweep" }

type sendArgs struct {
	Hook id.Hook `json:"hook" river:"unique"`
}

func (sendArgs) Kind() string { return "outbound.send" }

type noticeArgs struct {
	Hook id.Hook `json:"hook"`
}

func (noticeArgs) Kind() string { return "outbound.notice" }

// SweepEvery bounds how long an event waits before it is sent.
const SweepEvery = 5 * time.Second

// mostAddresses are looked after in one sweep; the next sees the others.
const mostAddresses = 200

// Register adds this flow's workers and gives its periodic job. Sending has a queue of its own: however slow the systems of
// dealers answer, no payment and no letter waits behind them.
func (s *Service) Register(w *river.Workers) []*river.PeriodicJob {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[sweepArgs]) error { return s.Sweep(ctx) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[sendArgs]) error { return s.Send(ctx, j.Args.Hook) }))
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, j *river.Job[noticeArgs]) error { return s.Notice(ctx, j.Args.Hook) }))
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(SweepEvery), func() (river.JobArgs, *river.InsertOpts) {
		return sweepArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: SweepEvery}}
	}, &river.PeriodicJobOpts{RunOnStart: true})}
}

// onceAtATime keeps an address to one sender.
var onceAtATime = &river.InsertOpts{Queue: jobs.Outside, MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}}}

// Sweep sets a sender to work for every address for which something is due.
func (s *Service) Sweep(ctx context.Context) error {
	due, err := hook.Due(s.DB.Read(ctx), s.DB.Clock.Now(), mostAddresses)
	if err != nil || len(due) == 0 {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, h := range due {
			if err := s.Jobs.InsertTx(ctx, tx, sendArgs{h}, onceAtATime); err != nil {
				return err
			}
		}
		return nil
	})
}

// sendFor is how long one job begins new attempts; with the last one it stays within the time of a job.
const sendFor = 5 * time.Second

// Send brings what is due to an address, one after the other, until all is there, one fails, or the job's time is used up.
func (s *Service) Send(ctx context.Context, h id.Hook) error {
	begin, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	for begin.Err() == nil {
		p, err := s.pack(ctx, h)
		if err != nil || p == nil {
			return err
		}
		machine := clock.Machine(s.DB.Clock) // who receives it compares with a clock that no demo turns
		began := machine.Now()
		a := s.Courier.Send(ctx, p.URL, []byte(p.Body), map[string]string{hook.HeaderSignature: hook.Sign(p.Secrets, began, []byte(p.Body)),
			hook.HeaderEvent: string(p.ID), hook.HeaderAttempt: strconv.Itoa(p.Tried + 1)})
		a.Took = max(machine.Now().Sub(began), 0)
		if ctx.Err() != nil {
			return ctx.Err() // we were stopped, not they
		}
		if err := s.mark(ctx, p, a); err != nil || !a.OK() {
			return err
		}
	}
	return nil
}

func (s *Service) pack(ctx context.Context, h id.Hook) (p *hook.Parcel, err error) {
	err = s.DB.InTx(ctx, func(_ context.Context, tx *db.Tx) (err error) {
		p, err = hook.PackTx(tx, s.Seal, h)
		return err
	})
	if errors.Is(err, hook.ErrMoved) {
		return nil, nil
	}
	return p, err
}

func (s *Service) mark(ctx context.Context, p *hook.Parcel, a hook.Answer) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		paused, err := hook.MarkTx(tx, p, a)
		if err != nil || !paused {
			return err
		}
		if err := audit.WriteTx(ctx, tx, audit.Row{Actor: "system", Action: "hook.paused", Subject: "hook:" + string(p.Address), New: map[string]string{"why": a.Why}}); err != nil {
			return err
		}
		return s.Jobs.InsertTx(ctx, tx, noticeArgs{p.Address}, nil)
	})
}

// Notice writes to the site, or to the group's first site, that an address is paused.
func (s *Service) Notice(ctx context.Context, key id.Hook) error {
	a, err := hook.Get(s.DB.Read(ctx), key)
	if errors.Is(err, hook.ErrNoHook) || err == nil && a.State != hook.Paused {
		return nil // ended or resumed meanwhile: nothing to tell
	}
	if err != nil {
		return err
	}
	w := s.World.Now()
	for _, d := range w.DealersOf(a.Market) {
		if d.Code != a.Dealer && (a.Dealer != "" || d.GroupCode() != a.Group) {
			continue
		}
		m, ok := w.Market(d.Market)
		if !ok {
			return nil
		}
		p := s.Words.Printer(m.Locale)
		letter, err := s.Letters.Set(mail.Notice{ID: "hook." + string(a.ID) + "." + a.PausedWhy, To: d.Email, ToName: d.Name, Words: p, Subject: p.T("site.hook.mail.subject"), At: s.DB.Clock.Now(),
			Parts: []mail.Part{{Text: p.T("site.hook.mail."+a.PausedWhy, "Address", a.URL)}, {Text: p.T("site.hook.mail.kept")}, {Link: s.BaseURL + "/dealer/site/hooks/" + string(a.ID)}}})
		if err != nil {
			return err
		}
		return s.Sender.Send(ctx, letter)
	}
	return nil
}
