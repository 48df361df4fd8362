package usedcar

import (
	"context"
	"errors"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/audit"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/limit"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"
)

// askLimit is how many letters who types an address can have sent to it.
var askLimit = limit.Rule{Name: "used_search", Max: 4, Window: time.Hour}

// ErrSearchAct is what a search's page does not know.
var ErrSearchAct = usedcars.ErrMoved

// The secrets of a search: each its own, so that the one that mail programs are told opens no page.
func (s *Service) confirmToken(k id.Search) string { return s.Tokens.Of("used_confirm", string(k)) }
func (s *Service) pageToken(k id.Search) string    { return s.Tokens.Of("used_search", string(k)) }
func (s *Service) offToken(k id.Search) string     { return s.Tokens.Of("used_off", string(k)) }

// PageTokenOf is the secret of a search's page, for who has just opened its letter.
func (s *Service) PageTokenOf(k id.Search) string { return s.pageToken(k) }

func (s *Service) secretsOf(k id.Search) usedcars.Secrets {
	h := ordering.HashToken
	return usedcars.Secrets{Confirm: h(s.confirmToken(k)), Page: h(s.pageToken(k)), Off: h(s.offToken(k))}
}

// MayAsk counts that somebody asks for letters to an address; false when enough were sent for now.
func (s *Service) MayAsk(ctx context.Context, email string) (bool, error) {
	err := limit.Take(ctx, s.DB, askLimit, email)
	if errors.Is(err, limit.ErrLimited) {
		return false, nil
	}
	return err == nil, err
}

// SaveSearchTx keeps a search for an address, which is asked by letter whether it wants it. What the address has already is
// told to nobody but the address: whoever asks gets the same answer.
func (s *Service) SaveSearchTx(ctx context.Context, tx *db.Tx, shop sale.Shop, email string, q Query, p usedcars.Pace) error {
	mk, err := s.Market(shop.Market)
	if err != nil {
		return err
	}
	x := &usedcars.Search{ID: id.New[id.Search](), Brand: shop.Brand, Market: shop.Market, Locale: mk.Speak(shop.Locale), Email: email, Query: q.Saved(), Pace: p}
	yes, unheard, err := usedcars.SearchesOf(tx, email)
	if err != nil {
		return err
	}
	had, err := usedcars.SavedTx(tx, x)
	switch {
	case err == nil:
		if err := usedcars.AskedAgainTx(tx, had); err != nil {
			return err
		}
		return s.Jobs.InsertTx(ctx, tx, searchArgs{had.ID, had.Asked}, nil)
	case !errors.Is(err, usedcars.ErrNoSearch):
		return err
	case yes >= usedcars.MostSearches || unheard >= usedcars.MostUnheard:
		return nil
	}
	if err := usedcars.AddSearchTx(tx, x, s.secretsOf(x.ID)); err != nil {
		return err
	}
	if err := s.searchAuditTx(ctx, tx, x, "", "visitor"); err != nil {
		return err
	}
	return s.Jobs.InsertTx(ctx, tx, searchArgs{x.ID, x.Asked}, nil)
}

// searchAuditTx notes a step of a search; neither address nor words are in it.
func (s *Service) searchAuditTx(ctx context.Context, tx *db.Tx, x *usedcars.Search, from usedcars.SearchState, actor string) error {
	return audit.WriteTx(ctx, tx, audit.Row{Actor: actor, Action: "used.search", Subject: "used_search:" + string(x.ID), Market: string(x.Market), Brand: string(x.Brand),
		Old: map[string]string{"state": string(from)}, New: map[string]string{"state": string(x.State), "pace": string(x.Pace)}, Reason: string(x.EndWhy)})
}

// SearchOf reads the search of a secret link.
func (s *Service) SearchOf(ctx context.Context, shop sale.Shop, l usedcars.SearchLink, token string) (*usedcars.Search, error) {
	return usedcars.SearchBy(s.DB.Read(ctx), shop.Brand, shop.Market, l, ordering.HashToken(token))
}

// lockSearchTx locks the search of a secret link. One that ended is gone: usedcars.ErrSearchOver.
func (s *Service) lockSearchTx(tx *db.Tx, shop sale.Shop, l usedcars.SearchLink, token string) (*usedcars.Search, error) {
	x, err := usedcars.SearchBy(tx.DB, shop.Brand, shop.Market, l, ordering.HashToken(token))
	if err != nil {
		return nil, err
	}
	if x, err = usedcars.LockSearchTx(tx, x.ID); err == nil && x.State == usedcars.SearchEnded {
		err = usedcars.ErrSearchOver
	}
	return x, err
}

func (s *Service) moveSearchTx(ctx context.Context, tx *db.Tx, x *usedcars.Search, to usedcars.SearchState, why usedcars.SearchWhy) error {
	from := x.State
	if err := usedcars.MoveSearchTx(tx, x, to, why); err != nil {
		return err
	}
	return s.searchAuditTx(ctx, tx, x, from, "reader")
}

// ConfirmSearchTx is the address saying yes. Pressed twice it is the same yes; too late, or with too many searches, it is none:
// usedcars.ErrSearchOver, usedcars.ErrSearchesFull.
func (s *Service) ConfirmSearchTx(ctx context.Context, tx *db.Tx, shop sale.Shop, token string) (id.Search, error) {
	x, err := s.lockSearchTx(tx, shop, usedcars.ConfirmLink, token)
	if err != nil {
		return "", err
	}
	if x.State != usedcars.SearchWaiting {
		return x.ID, nil
	}
	if !tx.Now.Before(x.DueAt) {
		return "", usedcars.ErrSearchOver
	}
	yes, _, err := usedcars.SearchesOf(tx, x.Email)
	if err != nil {
		return "", err
	}
	if yes >= usedcars.MostSearches {
		return "", usedcars.ErrSearchesFull
	}
	return x.ID, s.moveSearchTx(ctx, tx, x, usedcars.SearchOn, "")
}

// ActOnSearchTx does what a search's page offers: "once", "daily", "pause", "resume", "delete". What is so already stays.
func (s *Service) ActOnSearchTx(ctx context.Context, tx *db.Tx, shop sale.Shop, token, act string) error {
	x, err := s.lockSearchTx(tx, shop, usedcars.PageLink, token)
	if err != nil {
		return err
	}
	switch to := map[string]usedcars.SearchState{"pause": usedcars.SearchPaused, "resume": usedcars.SearchOn, "delete": usedcars.SearchEnded}[act]; {
	case to == usedcars.SearchEnded:
		return s.moveSearchTx(ctx, tx, x, to, usedcars.SearchDeleted)
	case to == x.State:
		return nil
	case x.State == usedcars.SearchWaiting:
		return ErrSearchAct
	case to != "":
		return s.moveSearchTx(ctx, tx, x, to, "")
	case act == string(usedcars.AtOnce) || act == string(usedcars.Daily):
		if err := usedcars.PaceTx(tx, x, usedcars.Pace(act)); err != nil {
			return err
		}
		return s.searchAuditTx(ctx, tx, x, x.State, "reader")
	}
	return ErrSearchAct
}

// SearchOffTx ends a search by the link of a letter, pressed by its reader or by a mail program for him. Ended already it
// stays so.
func (s *Service) SearchOffTx(ctx context.Context, tx *db.Tx, shop sale.Shop, token string) error {
	x, err := s.lockSearchTx(tx, shop, usedcars.OffLink, token)
	if errors.Is(err, usedcars.ErrSearchOver) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.moveSearchTx(ctx, tx, x, usedcars.SearchEnded, usedcars.SearchOff)
}

// inOf is where a search is asked now.
func (s *Service) inOf(b id.Brand, m id.Market, now time.Time) (In, error) {
	mk, err := s.Market(m)
	if err != nil {
		return In{}, err
	}
	return In{World: s.World.Now(), Brand: b, Market: mk, Day: world.Today(mk, now)}, nil
}

// SeedSearchTx writes a search of the demo as it would stand since its address said yes.
func (s *Service) SeedSearchTx(tx *db.Tx, x usedcars.Search) error {
	x.ID = id.New[id.Search]()
	return usedcars.SeedSearchTx(tx, &x, s.secretsOf(x.ID))
}
