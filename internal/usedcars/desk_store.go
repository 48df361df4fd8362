package usedcars

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// OnDesk is a car as somebody sees it who holds cars for others.
type OnDesk struct {
	Own
	By    id.User // who holds it for a customer; empty where nobody does
	Email string  // of that customer
}

// Lookup finds cars of a market that are for sale or held, by what a customer reads out: number, VIN, plate or words. Texts are
// those that have the words (FindWords).
func Lookup(g *gorm.DB, m id.Market, typed string, texts []int32, most int) ([]OnDesk, error) {
	code := strings.ToUpper(strings.ReplaceAll(typed, " ", ""))
	return onDesk(g, `c.market = ? AND c.state IN ('listed', 'held', 'sold') AND (c.id = ? OR c.vin = ? OR upper(replace(c.plate, ' ', '')) = ? OR c.text_id IN ?) ORDER BY c.state <> 'listed', c.price_minor, c.id LIMIT ?`,
		m, code, code, code, texts, most)
}

// HeldForOthers are the cars of some markets that agents hold for customers who have not ordered yet, the newest first.
func HeldForOthers(g *gorm.DB, markets []id.Market, most int) ([]OnDesk, error) {
	if len(markets) == 0 {
		return nil, nil
	}
	return onDesk(g, `c.market IN ? AND h.held_by IS NOT NULL AND h.state = 'holding' ORDER BY h.started_at DESC LIMIT ?`, slices.Clone(markets), most)
}

func onDesk(g *gorm.DB, where string, args ...any) ([]OnDesk, error) {
	var rows []struct {
		Row       carRow `gorm:"embedded"`
		HeldUntil *time.Time
		Holder    string
		HeldBy    string
		HeldFor   string
		Waiting   int
	}
	err := g.Raw(`SELECT `+columns+`, h.due_at AS held_until, coalesce(h.state, '') AS holder, coalesce(h.held_by::text, '') AS held_by, CASE WHEN h.held_by IS NULL THEN '' ELSE h.email END AS held_for,
			(SELECT count(*) FROM used_holds w WHERE w.car = c.id AND w.state = 'waiting') AS waiting
		FROM used_cars c LEFT JOIN used_holds h ON h.car = c.id AND h.state IN ('offered', 'holding', 'ordered') WHERE `+where, args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("usedcars: desk: %w", err)
	}
	out := make([]OnDesk, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		c, err := r.Row.car()
		if err != nil {
			return nil, err
		}
		out = append(out, OnDesk{Own{Shown{Car: c, HeldUntil: db.OrZero(r.HeldUntil), Waiting: r.Waiting}, HoldState(r.Holder)}, id.User(r.HeldBy), r.HeldFor})
	}
	return out, nil
}
