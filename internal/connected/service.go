package connected

import (
	"context"
	"log/slog"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/jobs"
	"forecourt/internal/platform/mail"
)

// Place is what a notice needs to know of a market.
type Place struct {
	Locale string // its first
	Zone   *time.Location
	Unit   i18n.Unit
	Desk   string // where an answer to a mail goes; empty for the house
}

// Service tells keepers of warnings.
type Service struct {
	DB      *db.DB
	Jobs    *jobs.Client
	Words   *i18n.Catalogue
	Letters mail.Setter
	Sender  mail.Sender
	Texts   Texter // nil while no provider is connected: nobody is told by SMS
	Rules   *Rules
	Log     *slog.Logger
	Place   func(id.Market) Place

	// Offer is called once for a new warning, within seconds and outside of any transaction, before its keeper is told: whoever
	// makes offers hangs one on it. ErrNoOffer says that there is none; after any other error it is called again for a minute.
	Offer func(context.Context, Warning) error
	// Dress adds to a notice what belongs to the offer: its words and where to press. Nil adds nothing.
	Dress func(context.Context, Warning, *i18n.Printer) ([]mail.Part, error)
}

// Zone is the time zone of a market, for NewIntake.
func (s *Service) Zone(m id.Market) *time.Location { return s.Place(m).Zone }

// Printer speaks a keeper's language, else the market's first.
func (s *Service) Printer(m id.Market, locale string) *i18n.Printer {
	if locale == "" {
		locale = s.Place(m).Locale
	}
	return s.Words.Printer(locale)
}
