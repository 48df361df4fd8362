package insight

import (
	"time"

	"forecourt/internal/id"

	"gorm.io/gorm"
)

// Silence is a broken promise of news about an order, without personal data.
type Silence struct {
	Number        string
	Market        id.Market
	Dealer        id.Dealer
	State         string    // of the order
	DueAt         time.Time // by when the buyer should have heard something
	DealerToldAt  time.Time
	CountryToldAt *time.Time
	BuyerToldAt   *time.Time
	EndedAt       *time.Time // when there was news again
	NextAt        *time.Time // of the next step, while it lasts
}

// Silences lists the silences of some markets that last, the oldest first, and behind them those that ended since an instant.
// One whose buyer was told and whose order still waits for news lasts.
func Silences(g *gorm.DB, places []Place, since time.Time, limit int) ([]Silence, error) {
	if len(places) == 0 {
		return nil, nil
	}
	var out []Silence
	err := g.Raw(`SELECT o.number, s.market, s.dealer, o.state, s.due_at, s.dealer_told_at, s.country_told_at, s.buyer_told_at, s.ended_at,
			CASE WHEN s.ended_at IS NULL AND s.buyer_told_at IS NULL AND q.news_round = s.round THEN q.news_due_at END AS next_at
		FROM silences s JOIN orders o ON o.id = s.order_id LEFT JOIN queue_entries q ON q.order_id = s.order_id AND q.dealer = s.dealer AND q.state = 'accepted'
		WHERE s.market IN ? AND (s.ended_at IS NULL AND q.id IS NOT NULL OR s.ended_at > ?)
		ORDER BY s.ended_at IS NOT NULL, s.due_at, o.number LIMIT ?`, marketsOf(places), since, limit).Scan(&out).Error
	return out, err
}
