package usedcars

import (
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"

	"gorm.io/gorm"
)

// The most that a car may have driven, and cost in minor units; see the schema.
const (
	MostKm    = 2_000_000
	MostPrice = mostPrice
)

// Faults of a mileage.
var (
	ErrFell    = fault.New(fault.Conflict, "used.mileage_fell", "usedcars.Move")
	ErrExplain = fault.New(fault.Invalid, "used.mileage_words", "usedcars.Explain")
	ErrNotFell = fault.New(fault.Conflict, "fault.conflict", "usedcars.Explain")
)

// fallen are cars c whose odometer shows less than it did before, without a word about it from who offers them.
const fallen = `FROM used_cars c JOIN LATERAL (SELECT max(m.km) AS km FROM used_mileages m WHERE m.vin = c.vin) most ON most.km > c.km
	WHERE NOT EXISTS (SELECT FROM used_mileage_notes n WHERE n.car = c.id AND n.km <= c.km AND n.most_km >= most.km)`

// Fallen is a car whose mileage fell.
type Fallen struct {
	ID     id.UsedCar
	Make   string
	Model  string
	Vin    string
	Km     int // now
	MostKm int // that was ever read
}

// FallenOf lists the cars of a dealer that wait for a word about their mileage.
func FallenOf(g *gorm.DB, d id.Dealer, most int) ([]Fallen, error) {
	var out []Fallen
	err := g.Raw(`SELECT c.id, c.make, c.model, c.vin, c.km, most.km AS most_km `+fallen+` AND c.dealer = ? AND c.state IN ('draft', 'listed', 'held', 'sold') ORDER BY c.id LIMIT ?`, d, most).Scan(&out).Error
	return out, err
}

func fallenCar(g *gorm.DB, key id.UsedCar) (f Fallen, ok bool, err error) {
	ok, err = db.One(g, &f, `SELECT c.id, c.make, c.model, c.vin, c.km, most.km AS most_km `+fallen+` AND c.id = ?`, key)
	return f, ok, err
}

// The fewest and the most signs of an explanation.
const leastWords, mostWordsOfNote = 10, 500

// ExplainTx keeps why a locked car's odometer shows less than before. Only what is known by now is explained: a reading
// that makes the fall larger asks again.
func ExplainTx(tx *db.Tx, c *Car, words, actor string) error {
	words = strings.TrimSpace(words)
	if n := len([]rune(words)); n < leastWords || n > mostWordsOfNote {
		return ErrExplain
	}
	f, ok, err := fallenCar(tx.DB, c.ID)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNotFell
	}
	return tx.Exec(`INSERT INTO used_mileage_notes (car, at, km, most_km, words, actor) VALUES (?, ?, ?, ?, ?, ?)`, c.ID, tx.Now, f.Km, f.MostKm, words, actor).Error
}

// straightTx refuses a car whose mileage fell and was not explained.
func straightTx(tx *db.Tx, key id.UsedCar) error {
	_, ok, err := fallenCar(tx.DB, key)
	if err == nil && ok {
		err = ErrFell
	}
	return err
}
