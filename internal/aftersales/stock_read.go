package aftersales

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// arrivals reads what sites have of the asked parts.
func arrivals(g *gorm.DB, a *Ask) (*shelves, error) {
	return loadShelves(g, codes(a.Sites), a.Parts, cmp.Or(a.spare, a.Except))
}

func loadShelves(g *gorm.DB, dealers string, needs []Need, but id.Booking) (*shelves, error) {
	out := &shelves{needs: together(needs), known: map[id.Dealer]map[string]*shelf{}}
	if len(out.needs) == 0 {
		return out, nil
	}
	parts := make([]string, len(out.needs))
	for i, n := range out.needs {
		parts[i] = n.Part
	}
	var rows []struct {
		Dealer, Part, Supplies string
		OnHand, Reserved       int
		LeadDays               *int
	}
	err := g.Raw(`SELECT s.dealer, s.part, s.on_hand, s.lead_days,
			coalesce((SELECT sum(r.quantity) FROM service_reservations r WHERE r.dealer = s.dealer AND r.part = s.part AND r.state = 'live' AND r.holder IS DISTINCT FROM ?), 0) AS reserved,
			coalesce((SELECT string_agg(p.due_on || ' ' || p.quantity, ',' ORDER BY p.due_on, p.id) FROM service_supplies p WHERE p.dealer = s.dealer AND p.part = s.part AND p.came_at IS NULL), '') AS supplies
		FROM service_stock s WHERE s.dealer = ANY(string_to_array(?, ',')) AND s.part = ANY(string_to_array(?, ','))`, except(but), dealers, strings.Join(parts, ",")).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("aftersales: parts: %w", err)
	}
	for _, r := range rows {
		x := &shelf{onHand: r.OnHand, reserved: r.Reserved, leadDays: Never, supplies: readSupplies(r.Supplies)}
		if r.LeadDays != nil {
			x.leadDays = *r.LeadDays
		}
		if out.known[id.Dealer(r.Dealer)] == nil {
			out.known[id.Dealer(r.Dealer)] = map[string]*shelf{}
		}
		out.known[id.Dealer(r.Dealer)][r.Part] = x
	}
	return out, nil
}

func readSupplies(joined string) (out []Supply) {
	for s := range strings.SplitSeq(joined, ",") {
		if day, n, ok := strings.Cut(s, " "); ok {
			k, _ := strconv.Atoi(n) // a number by the schema
			out = append(out, Supply{k, market.Date(day)})
		}
	}
	return out
}

// except is a booking that does not count; nothing is equal to NULL.
func except(key id.Booking) *string { return db.OrNull(string(key)) }
