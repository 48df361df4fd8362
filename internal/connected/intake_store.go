package connected

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// Lists travel as one JSON parameter: a statement whose text changes with their length would be planned each time.

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own rows of texts, numbers and times
	}
	return string(b)
}

// keysNamed reads keys, revoked or not.
func keysNamed(g *gorm.DB, kids []string) (map[string]carKey, error) {
	var rows []struct {
		Kid       string
		VehicleID string
		Public    []byte
	}
	err := g.Raw(`SELECT kid, vehicle_id, public FROM car_keys WHERE kid IN (SELECT json_array_elements_text(CAST(? AS json)))`, asJSON(kids)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("connected: keys: %w", err)
	}
	out := map[string]carKey{}
	for _, r := range rows {
		out[r.Kid] = carKey{id.Vehicle(r.VehicleID), r.Public}
	}
	return out, nil
}

type linkRow struct {
	KeeperID   string
	VehicleID  string
	VIN        string `gorm:"column:vin"`
	Market     string
	Brand      string
	Model      string
	Title      string
	Fuel       string
	Since      time.Time
	Until      *time.Time
	Consents   []byte
	Thresholds []byte
	Latest     []byte
	Locale     string
	QuietFrom  int
	QuietTo    int
}

const linkColumns = `keeper_id, vehicle_id, vin, market, brand, model, title, fuel, since, until, consents, thresholds, latest, locale, quiet_from, quiet_to`

func (r *linkRow) link() (*link, error) {
	l := &link{Keeper: id.Keeper(r.KeeperID), Vehicle: id.Vehicle(r.VehicleID), VIN: r.VIN, Car: Car{id.Market(r.Market), id.Brand(r.Brand), id.Model(r.Model), r.Title, r.Fuel}, Since: r.Since,
		Consents: map[Kind]time.Time{}, Thresholds: map[string]int{}, Latest: map[Kind]Latest{}, Locale: r.Locale, Quiet: Quiet{r.QuietFrom, r.QuietTo}, Known: map[int64]bool{}}
	for _, x := range []struct {
		raw []byte
		to  any
	}{{r.Consents, &l.Consents}, {r.Thresholds, &l.Thresholds}, {r.Latest, &l.Latest}} {
		if err := json.Unmarshal(x.raw, x.to); err != nil {
			return nil, fmt.Errorf("connected: link of %s: %w", r.KeeperID, err)
		}
	}
	return l, nil
}

// lockLinksTx locks the cars of some messages as they are kept now, by VIN, in an order that all who lock several have in common.
// What else is known of them is read after that: it can not change any more.
func lockLinksTx(tx *db.Tx, all []said) (map[string]*link, error) {
	var rows []linkRow
	vins := make([]string, len(all))
	for i, m := range all {
		vins[i] = m.VIN
	}
	err := tx.Raw(`SELECT `+linkColumns+` FROM car_links WHERE until IS NULL AND vin IN (SELECT json_array_elements_text(CAST(? AS json))) ORDER BY keeper_id FOR NO KEY UPDATE`, asJSON(vins)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("connected: lock links: %w", err)
	}
	byVIN, byKeeper := map[string]*link{}, map[string]*link{}
	if len(rows) == 0 {
		return byVIN, nil
	}
	for i := range rows {
		l, err := rows[i].link()
		if err != nil {
			return nil, err
		}
		byVIN[l.VIN], byKeeper[rows[i].KeeperID] = l, l
	}
	if err := furnishTx(tx, byKeeper); err != nil {
		return nil, err
	}
	return byVIN, knownTx(tx, byVIN, all)
}

// furnishTx reads keys, silences and warnings of locked links.
func furnishTx(tx *db.Tx, links map[string]*link) error {
	var rows []struct {
		KeeperID string
		Keys     []byte
		Silences []byte
		Warnings []byte
	}
	keepers := make([]string, 0, len(links))
	for k := range links {
		keepers = append(keepers, k)
	}
	err := tx.Raw(`SELECT l.keeper_id, (SELECT json_agg(k.kid) FROM car_keys k WHERE k.vehicle_id = l.vehicle_id AND k.revoked_at IS NULL) AS keys,
			(SELECT json_agg(json_build_object('kind', s.kind, 'from', s.from_at, 'until', least(s.until_at, '9000-01-01'))) FROM car_silences s WHERE s.keeper_id = l.keeper_id) AS silences,
			(SELECT json_agg(json_build_object('id', w.id, 'rule', w.rule, 'state', w.state, 'muted', w.muted)) FROM car_warnings w WHERE w.keeper_id = l.keeper_id AND (w.ended_at IS NULL OR w.muted)) AS warnings
		FROM car_links l WHERE l.keeper_id IN (SELECT CAST(json_array_elements_text(CAST(? AS json)) AS uuid))`, asJSON(keepers)).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("connected: furnish links: %w", err)
	}
	for _, r := range rows {
		l := links[r.KeeperID]
		for _, x := range []struct {
			raw []byte
			to  any
		}{{r.Keys, &l.Keys}, {r.Silences, &l.Silences}, {r.Warnings, &l.Warnings}} {
			if len(x.raw) == 0 {
				continue
			}
			if err := json.Unmarshal(x.raw, x.to); err != nil {
				return fmt.Errorf("connected: link of %s: %w", r.KeeperID, err)
			}
		}
	}
	return nil
}

type numberRow struct {
	Keeper id.Keeper `json:"k"`
	Seq    int64     `json:"s"`
}

// knownTx notes which numbers of these messages were stored before.
func knownTx(tx *db.Tx, links map[string]*link, all []said) error {
	var ask []numberRow
	byKeeper := map[id.Keeper]*link{}
	for _, m := range all {
		if l := links[m.VIN]; l != nil {
			byKeeper[l.Keeper] = l
			ask = append(ask, numberRow{l.Keeper, m.Seq})
		}
	}
	var rows []struct {
		KeeperID string
		Seq      int64
	}
	err := tx.Raw(`SELECT m.keeper_id, m.seq FROM json_to_recordset(CAST(? AS json)) AS a (k uuid, s bigint) JOIN car_messages m ON m.keeper_id = a.k AND m.seq = a.s`, asJSON(ask)).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("connected: known messages: %w", err)
	}
	for _, r := range rows {
		byKeeper[id.Keeper(r.KeeperID)].Known[r.Seq] = true
	}
	return nil
}

type messageRow struct {
	Keeper   id.Keeper `json:"k"`
	Seq      int64     `json:"s"`
	At       time.Time `json:"t"`
	Readings Readings  `json:"r"`
}

type doubtRow struct {
	Keeper  id.Keeper `json:"k"`
	Seq     int64     `json:"s"`
	At      time.Time `json:"t"`
	Km      int       `json:"km"`
	KnownAt time.Time `json:"kt"`
	KnownKm int       `json:"kkm"`
}

type latestRow struct {
	Keeper id.Keeper       `json:"k"`
	Latest map[Kind]Latest `json:"l"`
}

// saveTx writes what a batch came to, a statement for each table that it touches.
func (g *gathered) saveTx(tx *db.Tx, links map[string]*link) error {
	var newest []latestRow
	for _, l := range links {
		if l.Changed {
			newest = append(newest, latestRow{l.Keeper, l.Latest})
		}
	}
	for _, w := range []struct {
		n     int
		query string
		rows  any
		more  []any
	}{
		{len(g.messages), `INSERT INTO car_messages (keeper_id, seq, at, received_at, readings) SELECT k, s, t, ?, r FROM json_to_recordset(CAST(? AS json)) AS x (k uuid, s bigint, t timestamptz, r jsonb)`, g.messages, []any{g.now}},
		{len(newest), `UPDATE car_links l SET latest = x.l FROM json_to_recordset(CAST(? AS json)) AS x (k uuid, l jsonb) WHERE l.keeper_id = x.k AND l.until IS NULL`, newest, nil},
		{len(g.doubts), `INSERT INTO car_doubts (keeper_id, seq, at, km, known_at, known_km) SELECT k, s, t, km, kt, kkm FROM json_to_recordset(CAST(? AS json)) AS x (k uuid, s bigint, t timestamptz, km integer, kt timestamptz, kkm integer)
			ON CONFLICT DO NOTHING`, g.doubts, nil},
	} {
		if w.n == 0 {
			continue
		}
		if err := tx.Exec(w.query, append(w.more, asJSON(w.rows))...).Error; err != nil {
			return fmt.Errorf("connected: save messages: %w", err)
		}
	}
	return g.saveWarningsTx(tx)
}
