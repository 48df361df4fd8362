package usedcars

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Many cars at once, as a file brings them: a few statements for all of them. The rows of cars are locked and written in the
// order of their VINs, so that two files with the same cars wait for each other and never each for the other.

// Standing reads the cars in anybody's stock under some VINs, by VIN.
func Standing(g *gorm.DB, vins []string) (map[string]*Car, error) { return standing(g, vins, ``) }

// LockStandingTx does the same and locks them until the transaction ends.
func LockStandingTx(tx *db.Tx, vins []string) (map[string]*Car, error) {
	return standing(tx.DB, vins, ` FOR UPDATE`)
}

func standing(g *gorm.DB, vins []string, lock string) (map[string]*Car, error) {
	var rows []carRow
	err := g.Raw(`SELECT `+columns+` FROM used_cars c WHERE c.vin = ANY (string_to_array(?, ',')) AND c.state IN ('draft', 'listed', 'held', 'sold') ORDER BY c.vin`+lock, strings.Join(vins, ",")).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("usedcars: standing: %w", err)
	}
	out := make(map[string]*Car, len(rows))
	for i := range rows {
		c, err := rows[i].car()
		if err != nil {
			return nil, err
		}
		out[c.VIN] = c
	}
	return out, nil
}

// MostKmOf reads the most that an odometer ever showed and that nobody has explained away, by VIN.
func MostKmOf(g *gorm.DB, vins []string) (map[string]int, error) {
	var rows []struct {
		Vin string
		Km  int
	}
	err := g.Raw(`SELECT m.vin, max(m.km) AS km FROM used_mileages m WHERE m.vin = ANY (string_to_array(?, ','))
			AND NOT EXISTS (SELECT FROM used_mileage_notes n JOIN used_cars c ON c.id = n.car WHERE c.vin = m.vin AND n.most_km >= m.km) GROUP BY m.vin`, strings.Join(vins, ",")).Scan(&rows).Error
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.Vin] = r.Km
	}
	return out, err
}

// flat is a car as one statement takes many of them.
type flat struct {
	ID         id.UsedCar `json:"id"`
	Brand      id.Brand   `json:"brand"`
	Market     id.Market  `json:"market"`
	Dealer     id.Dealer  `json:"dealer"`
	VIN        string     `json:"vin"`
	Plate      string     `json:"plate"`
	Make       string     `json:"make"`
	Model      string     `json:"model"`
	Version    string     `json:"version"`
	Engine     string     `json:"engine"`
	Body       string     `json:"body"`
	Fuel       string     `json:"fuel"`
	Gearbox    string     `json:"gearbox"`
	Colour     string     `json:"colour"`
	Doors      int        `json:"doors"`
	Seats      int        `json:"seats"`
	KW         int        `json:"kw"`
	CO2        int        `json:"co2"`
	Emission   string     `json:"emission"`
	Registered string     `json:"registered_on"`
	Km         int        `json:"km"`
	Owners     int        `json:"owners"`
	Has        string     `json:"has"`
	Look       Look       `json:"look"`
	Text       int        `json:"text_id"`
	Price      int64      `json:"price_minor"`
	Prior      *int64     `json:"prior_minor"`
	Currency   string     `json:"currency"`
	VAT        VAT        `json:"vat"`
	Bought     *int64     `json:"bought_minor"`
	Pct        *int       `json:"battery_pct"`
	How        string     `json:"battery_how"`
	On         *string    `json:"battery_on"`
	State      State      `json:"state"`
	Was        State      `json:"was_state"`
	Paid       int64      `json:"was_minor"`
}

const flatColumns = `id text, brand text, market text, dealer text, vin text, plate text, make text, model text, version text, engine text, body text, fuel text, gearbox text, colour text, doors smallint, seats smallint,
	kw smallint, co2 smallint, emission text, registered_on date, km integer, owners smallint, has text, look jsonb, text_id integer, price_minor bigint, prior_minor bigint, currency text, vat text, bought_minor bigint,
	battery_pct smallint, battery_how text, battery_on date, state text, was_state text, was_minor bigint`

func (c *Car) flat(text int) flat {
	return flat{ID: c.ID, Brand: c.Brand, Market: c.Market, Dealer: c.Dealer, VIN: c.VIN, Plate: c.Plate, Make: c.Make, Model: c.Model, Version: c.Version, Engine: c.Engine, Body: c.Body, Fuel: c.Fuel, Gearbox: c.Gearbox,
		Colour: c.Colour, Doors: c.Doors, Seats: c.Seats, KW: c.KW, CO2: c.CO2, Emission: c.Emission, Registered: string(c.Registered), Km: c.Km, Owners: c.Owners, Has: strings.Join(c.Equipment, ","), Look: c.Look, Text: text,
		Price: c.PriceMinor, Prior: db.OrNull(c.PriorMinor), Currency: c.Currency, VAT: c.VAT, Bought: db.OrNull(c.Bought), Pct: db.OrNull(c.Battery.Pct), How: c.Battery.How, On: db.OrNull(string(c.Battery.On)), State: c.State}
}

// Delivery is what a file asks for of one market's cars.
type Delivery struct {
	Adds    []*Car
	Changes []Change
	Fell    func(was, now *Car) bool // whether a mileage is less than was read before
	Say     func(*Car) string        // the words a car is found by
	Actor   string
	Why     string
}

// Change is a car that stands in a stock and what is to be true of it from now on.
type Change struct{ Was, Car *Car }

// BringTx writes new cars as drafts and what is new about locked ones. A new car is left out whose VIN somebody has by now, or
// whose number is taken: those written are answered by VIN. The words of all are written before any car, in their order, so that
// nobody who waits for a car holds words that the other needs.
func BringTx(tx *db.Tx, d Delivery) (added map[string]bool, err error) {
	cars := slices.Clone(d.Adds)
	for _, x := range d.Changes {
		cars = append(cars, x.Car)
	}
	if len(cars) == 0 {
		return nil, nil
	}
	said := make([]string, len(cars))
	for i, c := range cars {
		said[i] = d.Say(c)
	}
	texts, err := textsTx(tx, cars[0].Market, said)
	if err != nil {
		return nil, err
	}
	text := map[*Car]int{}
	for i, c := range cars {
		text[c] = texts[said[i]]
	}
	if err := changeManyTx(tx, d, text); err != nil {
		return nil, err
	}
	return addManyTx(tx, d, text)
}

func addManyTx(tx *db.Tx, d Delivery, text map[*Car]int) (map[string]bool, error) {
	if len(d.Adds) == 0 {
		return nil, nil
	}
	doc, err := flatten(d.Adds, text, func(c *Car, f *flat) { f.State = Draft })
	if err != nil {
		return nil, err
	}
	var vins []string
	err = tx.Raw(`INSERT INTO used_cars (id, brand, market, dealer, vin, plate, make, model, version, engine, body, fuel, gearbox, colour, doors, seats, kw, co2, emission, registered_on, km, owners, equipment, look,
			text_id, price_minor, currency, vat, bought_minor, battery_pct, battery_how, battery_on, state, created_at, updated_at)
		SELECT r.id, r.brand, r.market, r.dealer, r.vin, r.plate, r.make, r.model, r.version, r.engine, r.body, r.fuel, r.gearbox, r.colour, r.doors, r.seats, r.kw, r.co2, r.emission, r.registered_on, r.km, r.owners,
			string_to_array(r.has, ','), r.look, r.text_id, r.price_minor, r.currency, r.vat, r.bought_minor, r.battery_pct, r.battery_how, r.battery_on, 'draft', ?, ?
		FROM json_to_recordset(?::json) AS r (`+flatColumns+`) ORDER BY r.vin ON CONFLICT DO NOTHING RETURNING vin`, tx.Now, tx.Now, doc).Scan(&vins).Error
	if err != nil {
		return nil, fmt.Errorf("usedcars: add many: %w", err)
	}
	added := make(map[string]bool, len(vins))
	for _, v := range vins {
		added[v] = true
	}
	cars := slices.DeleteFunc(slices.Clone(d.Adds), func(c *Car) bool { return !added[c.VIN] })
	if err := notesTx(tx, cars, func(c *Car) State { return "" }, Draft, d.Actor, d.Why); err != nil {
		return nil, err
	}
	return added, readingsTx(tx, cars)
}

// flatten makes one document of many cars.
func flatten(cars []*Car, text map[*Car]int, with func(*Car, *flat)) (string, error) {
	out := make([]flat, len(cars))
	for i, c := range cars {
		out[i] = c.flat(text[c])
		with(c, &out[i])
	}
	doc, err := json.Marshal(out)
	return string(doc), err
}

// changeManyTx writes what is new about cars that are drafts or for sale. A price that is new goes the way of every
// price: its history, and beside a cut the lowest of the thirty days before. A mileage that is new is read once more; where it
// fell, a car that was for sale is not any more until its dealer has said why.
func changeManyTx(tx *db.Tx, d Delivery, text map[*Car]int) error {
	if len(d.Changes) == 0 {
		return nil
	}
	priced := map[id.UsedCar]bool{}
	var cars, read, back []*Car
	by := map[id.UsedCar]*Car{}
	for _, x := range d.Changes {
		if x.Was.State != Draft && x.Was.State != Listed {
			return ErrMoved
		}
		cars, by[x.Car.ID] = append(cars, x.Car), x.Was
		priced[x.Car.ID] = x.Was.State == Listed && x.Was.PriceMinor != x.Car.PriceMinor
		if x.Was.State == Draft && x.Was.PriceMinor != x.Car.PriceMinor {
			x.Car.PriorMinor = 0 // a draft's price was shown to nobody
		}
		if x.Was.Km != x.Car.Km {
			read = append(read, x.Car)
			if x.Was.State == Listed && d.Fell(x.Was, x.Car) {
				x.Car.State = Draft
				back = append(back, x.Car)
			}
		}
	}
	if err := priorsTx(tx, cars, priced); err != nil {
		return err
	}
	doc, err := flatten(cars, text, func(c *Car, f *flat) { f.Was, f.Paid = by[c.ID].State, by[c.ID].PriceMinor })
	if err != nil {
		return err
	}
	r := tx.Exec(`UPDATE used_cars c SET brand = r.brand, plate = r.plate, make = r.make, model = r.model, version = r.version, engine = r.engine, body = r.body, fuel = r.fuel, gearbox = r.gearbox, colour = r.colour,
			doors = r.doors, seats = r.seats, kw = r.kw, co2 = r.co2, emission = r.emission, registered_on = r.registered_on, km = r.km, owners = r.owners, equipment = string_to_array(r.has, ','), look = r.look,
			text_id = r.text_id, price_minor = r.price_minor, prior_minor = r.prior_minor, vat = r.vat, bought_minor = r.bought_minor, battery_pct = r.battery_pct, battery_how = r.battery_how, battery_on = r.battery_on,
			state = r.state, updated_at = ?
		FROM json_to_recordset(?::json) AS r (`+flatColumns+`) WHERE c.id = r.id AND c.state = r.was_state AND c.price_minor = r.was_minor`, tx.Now, doc)
	if r.Error != nil {
		return fmt.Errorf("usedcars: change many: %w", r.Error)
	}
	if int(r.RowsAffected) != len(cars) {
		return ErrMoved
	}
	if err := notesTx(tx, back, func(*Car) State { return Listed }, Draft, d.Actor, "mileage_fell"); err != nil {
		return err
	}
	if err := pricesTx(tx, slices.DeleteFunc(slices.Clone(cars), func(c *Car) bool { return !priced[c.ID] }), d.Actor); err != nil {
		return err
	}
	return readingsTx(tx, read)
}

// priorsTx finds what may be shown beside the new price of some cars: Prior over the history of each.
func priorsTx(tx *db.Tx, cars []*Car, priced map[id.UsedCar]bool) error {
	var keys []string
	for _, c := range cars {
		if priced[c.ID] {
			keys = append(keys, string(c.ID))
		}
	}
	var rows []struct {
		Car        string
		At         time.Time
		PriceMinor int64
	}
	if err := tx.Raw(`SELECT car, at, price_minor FROM used_prices WHERE car = ANY (string_to_array(?, ',')) ORDER BY car, at`, strings.Join(keys, ",")).Scan(&rows).Error; err != nil {
		return err
	}
	had := map[id.UsedCar][]PricePoint{}
	for _, r := range rows {
		had[id.UsedCar(r.Car)] = append(had[id.UsedCar(r.Car)], PricePoint{r.At, r.PriceMinor})
	}
	for _, c := range cars {
		if priced[c.ID] {
			c.PriorMinor = Prior(had[c.ID], tx.Now, c.PriceMinor)
		}
	}
	return nil
}

func pricesTx(tx *db.Tx, cars []*Car, actor string) error {
	if len(cars) == 0 {
		return nil
	}
	return tx.Exec(`INSERT INTO used_prices (car, at, price_minor, actor) SELECT r.id, ?, r.price_minor, ? FROM json_to_recordset(?::json) AS r (id text, price_minor bigint) ORDER BY r.id`, tx.Now, actor, brief(cars)).Error
}

func notesTx(tx *db.Tx, cars []*Car, from func(*Car) State, to State, actor, why string) error {
	if len(cars) == 0 {
		return nil
	}
	return tx.Exec(`INSERT INTO used_moves (car, seq, from_state, to_state, actor, why, at)
		SELECT r.id, coalesce((SELECT max(m.seq) FROM used_moves m WHERE m.car = r.id), 0) + 1, ?, ?, ?, ?, ? FROM json_to_recordset(?::json) AS r (id text)`, from(cars[0]), to, actor, why, tx.Now, brief(cars)).Error
}

func readingsTx(tx *db.Tx, cars []*Car) error {
	if len(cars) == 0 {
		return nil
	}
	return tx.Exec(`INSERT INTO used_mileages (vin, read_on, km, source, at) SELECT r.vin, ?, r.km, 'dealer', ? FROM json_to_recordset(?::json) AS r (vin text, km integer) ORDER BY r.vin ON CONFLICT DO NOTHING`,
		tx.Now.UTC().Format(time.DateOnly), tx.Now, brief(cars)).Error
}

// brief is what the books of prices, readings and steps need of cars.
func brief(cars []*Car) string {
	type line struct {
		ID    id.UsedCar `json:"id"`
		VIN   string     `json:"vin"`
		Km    int        `json:"km"`
		Price int64      `json:"price_minor"`
	}
	out := make([]line, len(cars))
	for i, c := range cars {
		out[i] = line{c.ID, c.VIN, c.Km, c.PriceMinor}
	}
	b, _ := json.Marshal(out) // texts and numbers: it can not fail
	return string(b)
}

// EachOwn gives a dealer's cars that are not over, by number, as they are read.
func EachOwn(g *gorm.DB, d id.Dealer, each func(*Car) error) error {
	for after := ""; ; {
		var rows []carRow
		err := g.Raw(`SELECT `+columns+` FROM used_cars c WHERE c.dealer = ? AND c.state IN ('draft', 'listed', 'held', 'sold') AND c.id > ? ORDER BY c.id LIMIT 1000`, d, after).Scan(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			c, err := rows[i].car()
			if err == nil {
				err = each(c)
			}
			if err != nil {
				return err
			}
			after = rows[i].ID
		}
	}
}
