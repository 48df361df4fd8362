package usedcars

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"github.com/jackc/pgx/v5"
)

// EventsAtOnce bounds how many events are looked at in one transaction.
const EventsAtOnce = 2000

// ErrAlertsBusy says that another instance looks for alerts at this moment.
var ErrAlertsBusy = errors.New("usedcars: somebody else looks for alerts")

// reading is up to where events were read: every transaction before Upto, and of that one, where it was too much for one go,
// the rows up to the one named.
type reading struct {
	Upto, Car, Source string
	N                 int64
	High              string // below it no transaction runs any more
	Restored          bool   // the numbers are of another server
}

// eventsQuery reads steps onto the market and prices in the order of the transactions that wrote them. A transaction at or above
// the snapshot's lower bound may still write: it is read the next time.
const eventsQuery = `SELECT car, source, n, at, changed::text AS changed, from_state, price_minor, away_since FROM (
	(SELECT m.car, 'm' AS source, m.seq::bigint AS n, m.at, m.changed, m.from_state, 0::bigint AS price_minor,
		(SELECT max(o.at) FROM used_moves o WHERE o.car = m.car AND o.seq < m.seq AND o.from_state = 'listed') AS away_since
	FROM used_moves m WHERE m.to_state = 'listed' AND m.changed >= $1::text::xid8 AND m.changed < $5::text::xid8 AND (m.changed, m.car, 'm'::text, m.seq::bigint) > ($1::text::xid8, $2::text, $3::text, $4::bigint) AND m.at > $6
	ORDER BY m.changed, m.car, m.seq LIMIT $7)
	UNION ALL
	(SELECT p.car, 'p', (extract(epoch FROM p.at) * 1000000)::bigint, p.at, p.changed, '', p.price_minor, NULL
	FROM used_prices p WHERE p.changed >= $1::text::xid8 AND p.changed < $5::text::xid8 AND (p.changed, p.car, 'p'::text, (extract(epoch FROM p.at) * 1000000)::bigint) > ($1::text::xid8, $2::text, $3::text, $4::bigint) AND p.at > $6
		AND p.price_minor < (SELECT b.price_minor FROM used_prices b WHERE b.car = p.car AND b.at < p.at ORDER BY b.at DESC LIMIT 1)
	ORDER BY p.changed, p.car, p.at LIMIT $7)) e ORDER BY e.changed, car, source, n LIMIT $7`

// EventsTx reads what happened since the last time, in order, and notes that it was read: what the same transaction makes of it is
// kept with that note or not at all. More tells that there is more. One reads at a time: ErrAlertsBusy.
func EventsTx(ctx context.Context, tx *db.Tx) (events []CarEvent, more bool, err error) {
	var r reading
	ok, err := db.One(tx.DB, &r, `SELECT upto::text AS upto, car, source, n, pg_snapshot_xmin(pg_current_snapshot())::text AS high,
		upto > pg_snapshot_xmax(pg_current_snapshot()) AS restored FROM used_alerts_read FOR UPDATE SKIP LOCKED`)
	if err != nil {
		return nil, false, fmt.Errorf("usedcars: events: %w", err)
	}
	if !ok {
		return nil, false, ErrAlertsBusy
	}
	if r.Restored {
		// A backup went to a server that counts lower: all that is fresh is looked at again, and the keys keep it from being told twice.
		r.Upto, r.Car, r.Source, r.N = "0", "", "", 0
	}
	n := 0
	rows, err := tx.Pgx().Query(ctx, eventsQuery, r.Upto, r.Car, r.Source, r.N, r.High, tx.Now.Add(-staleAfter), EventsAtOnce)
	if err == nil {
		events, n, err = readEvents(rows, &r)
	}
	if err != nil {
		return nil, false, fmt.Errorf("usedcars: events: %w", err)
	}
	if n < EventsAtOnce {
		r.Upto, r.Car, r.Source, r.N = r.High, "", "", 0
	}
	if n == 0 && !r.Restored {
		return nil, false, nil // nothing to note: the next reading begins where this one did
	}
	err = tx.Exec(`UPDATE used_alerts_read SET upto = ?::text::xid8, car = ?, source = ?, n = ?`, r.Upto, r.Car, r.Source, r.N).Error
	return events, n == EventsAtOnce, err
}

func readEvents(rows pgx.Rows, r *reading) (events []CarEvent, n int, err error) {
	defer rows.Close()
	for rows.Next() {
		var e CarEvent
		var car, from string
		var away *time.Time
		if err := rows.Scan(&car, &r.Source, &r.N, &e.At, &r.Upto, &from, &e.Price, &away); err != nil {
			return nil, 0, err
		}
		n++
		r.Car, e.Car, e.Key = car, id.UsedCar(car), r.Source+strconv.FormatInt(r.N, 10)
		switch {
		case r.Source == "p":
			e.Kind = AlertDrop
		case away == nil:
			e.Kind = AlertNew
		case e.At.Sub(*away) >= awayLeast:
			e.Kind = AlertBack
		default:
			continue
		}
		events = append(events, e)
	}
	return events, n, rows.Err()
}

// OnOffer is a car that can be bought, as a search looks at it, with the lawful earlier price of its last cut; 0 without.
type OnOffer struct {
	Entry
	PriorMinor int64
}

// OnOfferTx reads those of some cars that can be bought now.
func OnOfferTx(tx *db.Tx, cars []id.UsedCar) (map[id.UsedCar]OnOffer, error) {
	out := map[id.UsedCar]OnOffer{}
	if len(cars) == 0 {
		return out, nil
	}
	rows, err := tx.Raw(`SELECT coalesce(prior_minor, 0) AS prior, `+entryColumns+` FROM used_cars WHERE id IN ? AND state IN ('listed', 'held')`, cars).Rows()
	if err != nil {
		return nil, fmt.Errorf("usedcars: on offer: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r entryRow
		var prior int64
		if err := rows.Scan(&prior, &r.ID, &r.Brand, &r.Market, &r.Live, &r.Make, &r.Model, &r.Fuel, &r.Gearbox, &r.Body, &r.Colour, &r.Doors, &r.Emission, &r.Dealer, &r.Has,
			&r.PriceMinor, &r.Km, &r.Year, &r.TextID, &r.ListedAt); err != nil {
			return nil, fmt.Errorf("usedcars: on offer: %w", err)
		}
		out[id.UsedCar(r.ID)] = OnOffer{r.entry(), prior}
	}
	return out, rows.Err()
}

// SearchesOnTx are the searches of a shop whose readers are told.
func SearchesOnTx(tx *db.Tx, b id.Brand, m id.Market) ([]*Search, error) {
	var rows []searchRow
	err := tx.Raw(`SELECT `+searchColumns+` FROM used_searches WHERE brand = ? AND market = ? AND state = 'on'`, b, m).Scan(&rows).Error
	out := make([]*Search, len(rows))
	for i := range rows {
		out[i] = rows[i].search()
	}
	return out, err
}

// TellTx puts events into the letters of their searches, each once however often it comes. due says when the letter of a search
// goes out; one that is open already goes when the sooner of both says.
func TellTx(ctx context.Context, tx *db.Tx, told []Told, due func(id.Search) time.Time) error {
	if len(told) == 0 {
		return nil
	}
	open, err := openLettersTx(ctx, tx, told, due)
	if err != nil {
		return err
	}
	n := len(told)
	searches, cars, keys, kinds, letters := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	prices, ats := make([]int64, n), make([]time.Time, n)
	for i, t := range told {
		searches[i], cars[i], keys[i], kinds[i], prices[i], ats[i], letters[i] = string(t.Search), string(t.Car), t.Key, string(t.Kind), t.Price, t.At, open[string(t.Search)]
	}
	_, err = tx.Pgx().Exec(ctx, `INSERT INTO used_alerts (search, car, event, kind, price_minor, at, letter)
		SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::uuid[]) ON CONFLICT DO NOTHING`, searches, cars, keys, kinds, prices, ats, letters)
	if err != nil {
		return fmt.Errorf("usedcars: tell: %w", err)
	}
	return nil
}

// openLettersTx gives each search of some events its open letter.
func openLettersTx(ctx context.Context, tx *db.Tx, told []Told, due func(id.Search) time.Time) (map[string]string, error) {
	open := map[string]string{}
	for _, t := range told {
		open[string(t.Search)] = ""
	}
	var keys, searches []string
	var dues []time.Time
	for s := range open {
		keys, searches, dues = append(keys, string(id.New[id.Alert]())), append(searches, s), append(dues, due(id.Search(s)))
	}
	rows, err := tx.Pgx().Query(ctx, `INSERT INTO used_letters (id, search, due_at) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
		ON CONFLICT (search) WHERE queued_at IS NULL DO UPDATE SET due_at = least(used_letters.due_at, EXCLUDED.due_at) RETURNING id::text, search::text`, keys, searches, dues)
	if err != nil {
		return nil, fmt.Errorf("usedcars: letters: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key, search string
		if err := rows.Scan(&key, &search); err != nil {
			return nil, err
		}
		open[search] = key
	}
	return open, rows.Err()
}

// QueueLettersTx closes the letters whose time has come, and gives them to be sent.
func QueueLettersTx(tx *db.Tx, most int) ([]id.Alert, error) {
	var out []id.Alert
	err := tx.Raw(`UPDATE used_letters SET queued_at = ? WHERE id IN (SELECT id FROM used_letters WHERE queued_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING id`,
		tx.Now, tx.Now, most).Scan(&out).Error
	slices.Sort(out)
	return out, err
}

// ErrLetterBusy says that somebody sends the letter at this moment, or did and died of it a moment ago.
var ErrLetterBusy = errors.New("usedcars: the letter is being sent")

// letterBusy is how long who sends a letter has it to himself: longer than a job may take, and no longer than until a job whose
// worker died is given to another.
const letterBusy = 15 * time.Second

// TakeLetterTx takes a letter to send it; nil when it has gone. ErrLetterBusy while another has it.
func TakeLetterTx(tx *db.Tx, key id.Alert) (*AlertLetter, error) {
	var r struct {
		Search   string
		SentAt   *time.Time
		BusyTill *time.Time
	}
	ok, err := db.One(tx.DB, &r, `SELECT search, sent_at, busy_till FROM used_letters WHERE id = ? AND queued_at IS NOT NULL FOR UPDATE`, key)
	if err != nil || !ok || r.SentAt != nil {
		return nil, err
	}
	if r.BusyTill != nil && tx.Now.Before(*r.BusyTill) {
		return nil, ErrLetterBusy
	}
	if err := tx.Exec(`UPDATE used_letters SET busy_till = ? WHERE id = ?`, tx.Now.Add(letterBusy), key).Error; err != nil {
		return nil, err
	}
	l := &AlertLetter{ID: key}
	if l.Search, err = SearchByID(tx.DB, id.Search(r.Search)); err != nil {
		return nil, err
	}
	var rows []struct {
		Car, Event, Kind string
		PriceMinor       int64
		At               time.Time
	}
	err = tx.Raw(`SELECT car, event, kind, price_minor, at FROM used_alerts WHERE letter = ? ORDER BY at, car, event`, key).Scan(&rows).Error
	for _, x := range rows {
		l.Events = append(l.Events, CarEvent{id.UsedCar(x.Car), x.Event, AlertKind(x.Kind), x.PriceMinor, x.At})
	}
	return l, err
}

// LetterGoneTx notes that a letter went out with so much in it, or that nothing of it was true any more (0) and it did not.
func LetterGoneTx(tx *db.Tx, key id.Alert, told int) error {
	return tx.Exec(`UPDATE used_letters SET sent_at = ?, told = ?, busy_till = NULL WHERE id = ? AND sent_at IS NULL`, tx.Now, told, key).Error
}

// LetterBackTx gives a letter back that could not be sent now.
func LetterBackTx(tx *db.Tx, key id.Alert) error {
	return tx.Exec(`UPDATE used_letters SET busy_till = NULL WHERE id = ? AND sent_at IS NULL`, key).Error
}

// WaitersTx are the addresses of who has a car or waits for it, and the buyers of it whose addresses are another's to tell.
func WaitersTx(tx *db.Tx, cars []id.UsedCar) (map[id.UsedCar][]string, map[id.UsedCar][]id.Buyer, error) {
	emails, buyers := map[id.UsedCar][]string{}, map[id.UsedCar][]id.Buyer{}
	if len(cars) == 0 {
		return emails, buyers, nil
	}
	var rows []struct {
		Car   string
		Email string
		Buyer *string
	}
	err := tx.Raw(`SELECT car, lower(email) AS email, buyer FROM used_holds WHERE car IN ? AND state <> 'ended'`, cars).Scan(&rows).Error
	for _, r := range rows {
		k := id.UsedCar(r.Car)
		if r.Email != "" {
			emails[k] = append(emails[k], r.Email)
		}
		if r.Buyer != nil {
			buyers[k] = append(buyers[k], id.Buyer(*r.Buyer))
		}
	}
	return emails, buyers, err
}
