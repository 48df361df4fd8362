package allocation

import (
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
)

// RateTx keeps a buyer's rating of the dealer who handed the car over; a second one changes the first, as long as
// RatingOpen. ErrRated when that is over. One of a handover that was undone is void: the next one takes its place, with
// its own time. The caller holds the order's lock.
func RateTx(tx *db.Tx, o id.Order, m id.Market, d id.Dealer, stars int, words string) error {
	if err := CheckRating(stars, words); err != nil {
		return err
	}
	ok, err := db.Changed(tx.DB, `INSERT INTO ratings (order_id, market, dealer, stars, words, given_at, changed_at) VALUES (@order, @market, @dealer, @stars, @words, @now, @now)
		ON CONFLICT (order_id) DO UPDATE SET stars = EXCLUDED.stars, words = EXCLUDED.words, dealer = EXCLUDED.dealer, changed_at = EXCLUDED.changed_at,
			given_at = CASE WHEN EXISTS (SELECT FROM orders o WHERE o.id = ratings.order_id AND o.handed_over_at <= ratings.given_at) THEN ratings.given_at ELSE EXCLUDED.given_at END
		WHERE ratings.given_at > @open OR NOT EXISTS (SELECT FROM orders o WHERE o.id = ratings.order_id AND o.handed_over_at <= ratings.given_at)`,
		map[string]any{"order": o, "market": m, "dealer": d, "stars": stars, "words": words, "now": tx.Now, "open": tx.Now.Add(-RatingOpen)})
	if err != nil {
		return fmt.Errorf("allocation: rating: %w", err)
	}
	if !ok {
		return ErrRated
	}
	return nil
}

// CheckRating refuses what is no rating.
func CheckRating(stars int, words string) error {
	switch {
	case stars < 1 || stars > 5:
		return ErrStars
	case len([]rune(words)) > MostRatingNote:
		return ErrRateWords
	}
	return nil
}

// EraseRatingTx erases the buyer's words and keeps what was thought; it answers how many had any.
func EraseRatingTx(tx *db.Tx, o id.Order) (int64, error) {
	res := tx.Exec(`UPDATE ratings SET words = '' WHERE order_id = ? AND words <> ''`, o)
	return res.RowsAffected, res.Error
}

// NewRemark is a remark that is being written. Number names a case; empty means the figure.
type NewRemark struct {
	Dealer id.Dealer
	Market id.Market
	Figure Figure
	Number string
	Side   Side
	User   id.User
	Body   string
}

// RemarkTx keeps a remark. A case is an order that this dealer was offered: ErrRemarkCase for any other.
func RemarkTx(tx *db.Tx, n NewRemark) error {
	switch l := len([]rune(n.Body)); {
	case l == 0 || l > MostRemark || !IsFigure(n.Figure):
		return ErrRemark
	}
	var order *string
	if n.Number != "" {
		var key string
		ok, err := db.One(tx.DB, &key, `SELECT o.id::text FROM orders o JOIN queue_entries q ON q.order_id = o.id AND q.dealer = ? WHERE o.number = ? LIMIT 1`, n.Dealer, n.Number)
		if err != nil {
			return fmt.Errorf("allocation: remark: %w", err)
		}
		if !ok {
			return ErrRemarkCase
		}
		order = &key
	}
	ok, err := db.Changed(tx.DB, `INSERT INTO scorecard_remarks (market, dealer, figure, order_id, side, by_user, body, created_at)
		SELECT @market, @dealer, @figure, CAST(@order AS uuid), @side, CAST(@user AS uuid), @body, @now
		WHERE (SELECT count(*) FROM scorecard_remarks WHERE dealer = @dealer AND side = @side AND created_at > CAST(@now AS timestamptz) - interval '1 day') < @most`,
		map[string]any{"market": n.Market, "dealer": n.Dealer, "figure": n.Figure, "order": order, "side": n.Side, "user": n.User, "body": n.Body, "now": tx.Now, "most": MostRemarksDay})
	if err != nil {
		return fmt.Errorf("allocation: remark: %w", err)
	}
	if !ok {
		return ErrRemarkMany
	}
	return nil
}
