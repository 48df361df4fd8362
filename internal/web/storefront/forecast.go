package storefront

import (
	"context"
	"sync"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
)

// scoreLife is how long the scores of a market are kept: they move by a few cases a day, and every buyer's page asks.
const scoreLife = 15 * time.Minute

// scores keeps how often the forecasts of each market held.
type scores struct {
	mu   sync.Mutex
	kept map[id.Market]keptScore
}

type keptScore struct {
	at  time.Time
	all []allocation.Scored // by odds
}

// held is how the ranges of a market with these odds came true; false while too few have ended.
func (s *scores) held(ctx context.Context, d *db.DB, m *market.Market, odds int, now time.Time) (allocation.Scored, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.kept[m.Code]
	if age := now.Sub(k.at); !ok || age < 0 || age > scoreLife {
		all, err := allocation.ScoresOf(d.Read(ctx), m.Code, now.AddDate(0, 0, -allocation.ScoredDays), now, m.Zone())
		if err != nil {
			return allocation.Scored{}, false, err
		}
		if s.kept == nil {
			s.kept = map[id.Market]keptScore{}
		}
		k = keptScore{now, allocation.ByOdds(all)}
		s.kept[m.Code] = k
	}
	for _, x := range k.all {
		if x.Odds == odds && x.Forecasts >= allocation.LeastScored {
			return x, true, nil
		}
	}
	return allocation.Scored{}, false, nil
}
