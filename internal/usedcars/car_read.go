package usedcars

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Shown is a car in a list, with who has it now.
type Shown struct {
	*Car
	HeldUntil time.Time // zero when nobody has it, or its order has no such time
	Waiting   int
	First     *Photo // nil when it has none; of a list
}

// CarsBy reads cars by their numbers, in that order; one that is not for sale any more is left out.
func CarsBy(g *gorm.DB, keys []id.UsedCar) ([]Shown, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var rows []struct {
		Row       carRow `gorm:"embedded"`
		HeldUntil *time.Time
		Waiting   int
		First     []byte
	}
	err := g.Raw(`SELECT `+columns+`, h.due_at AS held_until, (SELECT count(*) FROM used_holds w WHERE w.car = c.id AND w.state = 'waiting') AS waiting, (SELECT `+photoJSON+` FROM used_photos p WHERE p.car = c.id AND p.place = 1) AS first
		FROM used_cars c LEFT JOIN used_holds h ON h.car = c.id AND h.state IN ('offered', 'holding', 'ordered') WHERE c.id IN ? AND c.state IN ('listed', 'held')`, keys).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("usedcars: list: %w", err)
	}
	by := map[id.UsedCar]Shown{}
	for i := range rows {
		c, err := rows[i].Row.car()
		if err != nil {
			return nil, err
		}
		s := Shown{Car: c, HeldUntil: db.OrZero(rows[i].HeldUntil), Waiting: rows[i].Waiting}
		if len(rows[i].First) > 0 {
			if err := json.Unmarshal(rows[i].First, &s.First); err != nil {
				return nil, err
			}
		}
		by[c.ID] = s
	}
	var out []Shown
	for _, k := range keys {
		if s, ok := by[k]; ok {
			out = append(out, s)
		}
	}
	return out, nil
}

// Whole is a car with all that its page tells.
type Whole struct {
	Shown
	Photos  []Photo // in their order
	Faults  []Fault
	Kms     []Reading    // by day
	Prices  []PricePoint // that it was offered at, the first one first
	Answers Answers      // of the checklist; nil when nobody answered
	Past    *Past        // nil when no register answered
	// Explained is why the odometer shows less than it did, in its dealer's words; empty while that is not said of all that is known.
	Explained string
}

// WholeOf reads a car with all that its pages tell in one statement.
func WholeOf(g *gorm.DB, key id.UsedCar) (*Whole, error) {
	if !idForm.MatchString(string(key)) {
		return nil, ErrNoCar
	}
	var r struct {
		Row       carRow `gorm:"embedded"`
		HeldUntil *time.Time
		Waiting   int
		Known     known `gorm:"embedded"`
		Kms       []byte
		Prices    []byte
	}
	ok, err := db.One(g, &r, `SELECT `+columns+`, h.due_at AS held_until, (SELECT count(*) FROM used_holds w WHERE w.car = c.id AND w.state = 'waiting') AS waiting,
			`+knownColumns+`,
			(SELECT coalesce(json_agg(json_build_object('On', k.read_on, 'Km', k.km, 'Source', k.source) ORDER BY k.read_on, k.km), '[]') FROM used_mileages k WHERE k.vin = c.vin) AS kms,
			(SELECT coalesce(json_agg(json_build_object('At', b.at, 'PriceMinor', b.price_minor) ORDER BY b.at), '[]') FROM used_prices b WHERE b.car = c.id) AS prices
		FROM used_cars c LEFT JOIN used_holds h ON h.car = c.id AND h.state IN ('offered', 'holding', 'ordered') WHERE c.id = ?`, key)
	if err != nil {
		return nil, fmt.Errorf("usedcars: whole: %w", err)
	}
	if !ok {
		return nil, ErrNoCar
	}
	c, err := r.Row.car()
	if err != nil {
		return nil, err
	}
	w := &Whole{Shown: Shown{Car: c, HeldUntil: db.OrZero(r.HeldUntil), Waiting: r.Waiting}}
	return w, errors.Join(r.Known.into(w), json.Unmarshal(r.Kms, &w.Kms), json.Unmarshal(r.Prices, &w.Prices))
}

// Life is a step of a car in an earlier row of its dealer's, before it was given back.
type Life struct {
	Car id.UsedCar
	To  State
	At  time.Time
}

// mostLives bounds the list of a page.
const mostLives = 40

// LivesOf are the steps that a dealer's car made under other numbers with the same VIN, the first one first.
func LivesOf(g *gorm.DB, c *Car) ([]Life, error) {
	var out []Life
	err := g.Raw(`SELECT m.car, m.to_state AS "to", m.at FROM used_cars o JOIN used_moves m ON m.car = o.id
		WHERE o.vin = ? AND o.dealer = ? AND o.id <> ? AND m.to_state IN ('listed', 'sold', 'gone', 'returned', 'withdrawn') ORDER BY m.at, m.car, m.seq LIMIT ?`, c.VIN, c.Dealer, c.ID, mostLives).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("usedcars: lives: %w", err)
	}
	return out, nil
}

// Own is a car of a dealer with who has it.
type Own struct {
	Shown
	Holder HoldState // empty when nobody has it
}

// OwnOf lists a dealer's cars that are not over, drafts first and then those that have stood longest, from one place of the list on.
func OwnOf(g *gorm.DB, d id.Dealer, from, most int) ([]Own, error) {
	var rows []struct {
		Row       carRow `gorm:"embedded"`
		HeldUntil *time.Time
		Holder    string
		Waiting   int
	}
	err := g.Raw(`SELECT `+columns+`, h.due_at AS held_until, coalesce(h.state, '') AS holder, (SELECT count(*) FROM used_holds w WHERE w.car = c.id AND w.state = 'waiting') AS waiting
		FROM used_cars c LEFT JOIN used_holds h ON h.car = c.id AND h.state IN ('offered', 'holding', 'ordered')
		WHERE c.dealer = ? AND c.state IN ('draft', 'listed', 'held', 'sold') ORDER BY c.state <> 'draft', c.listed_at NULLS FIRST, c.id LIMIT ? OFFSET ?`, d, most, from).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("usedcars: own: %w", err)
	}
	out := make([]Own, 0, len(rows))
	for i := range rows {
		c, err := rows[i].Row.car()
		if err != nil {
			return nil, err
		}
		out = append(out, Own{Shown{Car: c, HeldUntil: db.OrZero(rows[i].HeldUntil), Waiting: rows[i].Waiting}, HoldState(rows[i].Holder)})
	}
	return out, nil
}
