package membership

import (
	"context"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/world"

	"github.com/riverqueue/river"
)

// Service holds what the use cases need.
type Service struct {
	DB    *db.DB
	World *world.Keeper
}

type sweepArgs struct{}

func (sweepArgs) Kind() string { return "membership.sweep" }

// Register adds the sweep of those who leave.
func (s *Service) Register(w *river.Workers) []*river.PeriodicJob {
	river.AddWorker(w, river.WorkFunc(func(ctx context.Context, _ *river.Job[sweepArgs]) error { return s.Sweep(ctx) }))
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(time.Minute),
		func() (river.JobArgs, *river.InsertOpts) {
			return sweepArgs{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: time.Minute}}
		}, nil)}
}

// Signature is what a dealer signs with.
type Signature struct {
	Brand id.Brand
	Flow  id.Flow
	Terms string // version that was on the page
	Lang  string
	Text  string // as it was shown
	Name  string
}

// JoinTx makes a dealer part of a pilot from now on.
func (s *Service) JoinTx(ctx context.Context, tx *db.Tx, by identity.User, d id.Dealer, sig Signature) error {
	site, err := s.site(by, d)
	if err != nil {
		return err
	}
	if !site.Offered(sig.Brand, sig.Flow) {
		return network.ErrNotInvited
	}
	if sig.Terms != network.TermsVersion {
		return network.ErrTerms
	}
	m := network.Membership{ID: id.New[id.Membership](), Dealer: d, Market: site.Market, Brand: sig.Brand, Flow: sig.Flow, Terms: sig.Terms, Lang: sig.Lang, Name: sig.Name, By: by.Actor(), At: tx.Now}
	if err := m.Sign(sig.Text); err != nil {
		return err
	}
	ok, err := network.JoinTx(tx, m)
	if err != nil {
		return err
	}
	if !ok {
		return network.ErrJoined
	}
	return s.tellTx(ctx, tx, by.Actor(), "pilot.joined", m)
}

// NoticeTx says that the dealer leaves: NoticeDays from today, by the site's own day.
func (s *Service) NoticeTx(ctx context.Context, tx *db.Tx, by identity.User, d id.Dealer, b id.Brand, f id.Flow) error {
	site, err := s.site(by, d)
	if err != nil {
		return err
	}
	on := LeavesOn(site, tx.Now)
	ok, err := network.NoticeTx(tx, d, b, f, on, by.Actor())
	if err != nil {
		return err
	}
	if !ok {
		return network.ErrNotMember
	}
	return s.tellTx(ctx, tx, by.Actor(), "pilot.notice", network.Membership{Dealer: d, Market: site.Market, Brand: b, Flow: f, LeavesOn: on})
}

// LeavesOn is the first day without new orders when notice is given now.
func LeavesOn(site *network.Dealer, now time.Time) market.Date {
	return market.DateOf(now.In(site.Zone())).Plus(network.NoticeDays)
}

// site is a dealer over whose group the user decides.
func (s *Service) site(by identity.User, d id.Dealer) (*network.Dealer, error) {
	if !by.MayAt(identity.DealerGroup, d) {
		return nil, identity.ErrGrant
	}
	site, ok := s.World.Now().FileOf(d)
	if !ok {
		return nil, network.ErrNotInvited
	}
	return site, nil
}

// Sweep ends memberships whose notice is over and lets the clock of their open offers run out now.
func (s *Service) Sweep(ctx context.Context) error {
	return s.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		due, err := network.LeavingTx(tx)
		if err != nil {
			return err
		}
		for _, m := range due {
			site, ok := s.World.Now().FileOf(m.Dealer)
			if ok && market.DateOf(tx.Now.In(site.Zone())) < m.LeavesOn {
				continue
			}
			if ok, err := network.LeaveTx(tx, m.ID); err != nil || !ok {
				return err
			}
			if err := allocation.HurryTx(tx, m.Dealer, m.Brand, m.Flow); err != nil {
				return err
			}
			if err := s.tellTx(ctx, tx, "system", "pilot.left", m); err != nil {
				return err
			}
		}
		return nil
	})
}

// tellTx writes the audit and tells all instances.
func (s *Service) tellTx(ctx context.Context, tx *db.Tx, actor, action string, m network.Membership) error {
	err := audit.WriteTx(ctx, tx, audit.Row{Actor: actor, Action: action, Subject: "dealer:" + string(m.Dealer), Market: string(m.Market), Brand: string(m.Brand),
		New: map[string]any{"flow": m.Flow, "terms": m.Terms, "leaves_on": m.LeavesOn}})
	if err != nil {
		return err
	}
	return world.TouchTx(tx)
}
