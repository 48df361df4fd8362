package insight

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/money"

	"gorm.io/gorm"
)

// Leads lists orders that stand or stood at a dealer as leads, oldest first: one by its number, or with an empty number
// those that came from an instant until before another. As everywhere, what was declined, ran out, was withdrawn or went to
// another dealer is not the dealer's, and nobody is named before the accept.
func Leads(g *gorm.DB, d id.Dealer, number string, from, to time.Time, limit int) ([]Lead, error) {
	var rows []struct {
		ID, Number, Market, Brand, Model, Version, Body, Colour, VIN, Stock, Currency, State, Wish, Name, Email, Phone, Street, Town, Postcode string
		TotalMinor                                                                                                                             int64
		CreatedAt                                                                                                                              time.Time
	}
	err := g.Raw(`SELECT o.id, o.number, o.market, coalesce(n.doc ->> 'name', o.brand) AS brand, coalesce(o.snapshot ->> 'model_name', '') AS model, coalesce(o.snapshot ->> 'version', '') AS version,
			coalesce(o.snapshot ->> 'body', '') AS body, coalesce(o.snapshot ->> 'colour', '') AS colour, coalesce(o.snapshot -> 'stock' ->> 'number', '') AS stock, o.currency, o.total_minor, o.state, o.created_at,
			CASE WHEN a.yes THEN coalesce(o.vin, '') ELSE '' END AS vin, CASE WHEN a.yes THEN coalesce(o.wish_day::text, '') ELSE '' END AS wish,
			CASE WHEN a.yes THEN b.name ELSE '' END AS name, CASE WHEN a.yes THEN b.email ELSE '' END AS email, CASE WHEN a.yes THEN b.phone ELSE '' END AS phone,
			CASE WHEN a.yes THEN b.street ELSE '' END AS street, CASE WHEN a.yes THEN b.town ELSE '' END AS town, CASE WHEN a.yes THEN b.postcode ELSE '' END AS postcode
		FROM queue_entries q JOIN orders o ON o.id = q.order_id AND o.dealer = q.dealer JOIN buyers b ON b.id = o.buyer JOIN brands n ON n.code = o.brand
		CROSS JOIN LATERAL (SELECT q.state IN ('accepted', 'done') AS yes) a
		WHERE q.dealer = @dealer AND q.state IN ('offered', 'accepted', 'done') AND CASE WHEN @number <> '' THEN o.number = @number ELSE q.offered_at >= @from AND q.offered_at < @to END
		ORDER BY o.id LIMIT @limit`, map[string]any{"dealer": d, "number": number, "from": from, "to": to, "limit": limit}).Scan(&rows).Error
	out := make([]Lead, len(rows))
	for i, r := range rows {
		out[i] = Lead{ID: id.Order(r.ID), Number: r.Number, Market: id.Market(r.Market), Brand: r.Brand, Model: r.Model, Version: r.Version, Body: r.Body, Colour: r.Colour, VIN: r.VIN, Stock: r.Stock,
			Total: money.Of(r.TotalMinor, money.Currency(r.Currency)), State: r.State, CreatedAt: r.CreatedAt, Wish: r.Wish, Name: r.Name, Email: r.Email, Phone: r.Phone, Street: r.Street, Town: r.Town, Postcode: r.Postcode}
	}
	return out, err
}
