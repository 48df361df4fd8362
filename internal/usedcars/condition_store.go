package usedcars

import (
	"encoding/json"
	"fmt"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"

	"gorm.io/gorm"
)

// known is what the page of a car reads beside its row, as the database answers it.
type known struct {
	Photos    []byte
	Faults    []byte
	Answers   []byte
	Past      []byte
	Explained *string
}

// knownColumns reads it in the statement that reads the car c.
const knownColumns = `(SELECT json_agg(` + photoJSON + ` ORDER BY p.place) FROM used_photos p WHERE p.car = c.id AND p.place IS NOT NULL) AS photos,
	(SELECT json_agg(json_build_object('Seq', f.seq, 'Panel', f.panel, 'Kind', f.kind, 'MM', f.mm, 'Words', f.words, 'Added', f.added_at, 'Photo', (SELECT ` + photoJSON + ` FROM used_photos p WHERE p.id = f.photo)) ORDER BY f.seq)
		FROM used_faults f WHERE f.car = c.id) AS faults,
	(SELECT i.answers FROM used_inspections i WHERE i.car = c.id ORDER BY i.seq DESC LIMIT 1) AS answers,
	(` + pastQuery + ` WHERE k.vin = c.vin ORDER BY k.at DESC LIMIT 1) AS past,
	(SELECT n.words FROM used_mileage_notes n WHERE n.car = c.id AND n.km <= c.km AND n.most_km >= (SELECT max(m.km) FROM used_mileages m WHERE m.vin = c.vin) ORDER BY n.at DESC LIMIT 1) AS explained`

const photoJSON = `json_build_object('ID', p.id, 'Place', coalesce(p.place, 0), 'Angle', p.angle, 'Alt', p.alt, 'Cut', p.cut, 'Wide', p.wide,
	'Frame', json_build_object('Size', p.frame_size, 'Across', p.frame_across, 'Down', p.frame_down))`

const pastQuery = `SELECT json_build_object('Source', k.source, 'Reference', k.reference, 'Finance', k.finance, 'WrittenOff', k.written_off, 'Stolen', k.stolen, 'Owners', k.owners, 'Readings', k.readings, 'At', k.at) FROM used_checks k`

// into reads what the database answered.
func (k *known) into(w *Whole) error {
	w.Explained = db.OrZero(k.Explained)
	for _, x := range []struct {
		raw  []byte
		into any
	}{{k.Photos, &w.Photos}, {k.Faults, &w.Faults}, {k.Answers, &w.Answers}, {k.Past, &w.Past}} {
		if len(x.raw) == 0 {
			continue
		}
		if err := json.Unmarshal(x.raw, x.into); err != nil {
			return err
		}
	}
	return nil
}

// FaultNotes are the changes of what is known to be worn or broken, the newest first.
func FaultNotes(g *gorm.DB, car id.UsedCar) ([]FaultNote, error) {
	var rows []struct {
		Act, Panel, Kind, Words string
		Fault, Mm               int
		Offered                 bool
		At                      time.Time
	}
	err := g.Raw(`SELECT act, fault, panel, kind, mm, words, offered, at FROM used_fault_notes WHERE car = ? ORDER BY seq DESC`, car).Scan(&rows).Error
	var out []FaultNote
	for _, r := range rows {
		out = append(out, FaultNote{Act: r.Act, Fault: Fault{Seq: r.Fault, Panel: r.Panel, Kind: r.Kind, MM: r.Mm, Words: r.Words}, Offered: r.Offered, At: r.At})
	}
	return out, err
}

// AddFaultTx writes a fault of a locked car down, with its picture where there is one.
func AddFaultTx(tx *db.Tx, c *Car, f Fault, picture *NewPhoto, actor string) error {
	var n struct{ Has, Last int }
	if _, err := db.One(tx.DB, &n, `SELECT (SELECT count(*) FROM used_faults WHERE car = ?) AS has, greatest((SELECT max(seq) FROM used_faults WHERE car = ?), (SELECT max(fault) FROM used_fault_notes WHERE car = ?), 0) AS last`, c.ID, c.ID, c.ID); err != nil {
		return err
	}
	if f.Seq = n.Last + 1; n.Has >= MostFaults || f.Seq > 99 {
		return ErrFaultMany
	}
	var shown id.UsedPhoto
	if picture != nil {
		var err error
		if shown, err = writePhotoTx(tx, c.ID, *picture, nil, actor); err != nil {
			return err
		}
	}
	var added *time.Time
	if c.State != Draft {
		added = &tx.Now
	}
	err := tx.Exec(`INSERT INTO used_faults (car, seq, panel, kind, mm, words, photo, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, c.ID, f.Seq, f.Panel, f.Kind, f.MM, f.Words, db.OrNull(string(shown)), added).Error
	if err != nil {
		return fmt.Errorf("usedcars: fault: %w", err)
	}
	return noteFaultTx(tx, c, "added", f, actor)
}

// DropFaultTx takes a fault of a locked draft back; ErrMoved when there is none of the number.
func DropFaultTx(tx *db.Tx, c *Car, seq int, actor string) error {
	var r struct {
		Panel, Kind, Words string
		Mm                 int
		Photo              *string
	}
	ok, err := db.One(tx.DB, &r, `DELETE FROM used_faults WHERE car = ? AND seq = ? RETURNING panel, kind, mm, words, photo`, c.ID, seq)
	if err == nil && !ok {
		err = ErrMoved
	}
	if err != nil {
		return err
	}
	if r.Photo != nil {
		if err := tx.Exec(`DELETE FROM used_photos WHERE id = ? AND car = ?`, *r.Photo, c.ID).Error; err != nil {
			return err
		}
	}
	return noteFaultTx(tx, c, "removed", Fault{Seq: seq, Panel: r.Panel, Kind: r.Kind, MM: r.Mm, Words: r.Words}, actor)
}

func noteFaultTx(tx *db.Tx, c *Car, act string, f Fault, actor string) error {
	return tx.Exec(`INSERT INTO used_fault_notes (car, seq, act, fault, panel, kind, mm, words, offered, actor, at)
		SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM used_fault_notes WHERE car = ?`, c.ID, act, f.Seq, f.Panel, f.Kind, f.MM, f.Words, c.State != Draft, actor, tx.Now, c.ID).Error
}

// AnswersTx keeps what is said of the checklist of a locked car.
func AnswersTx(tx *db.Tx, c *Car, as Answers, actor string) error {
	raw, err := json.Marshal(as)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO used_inspections (car, seq, answers, actor, at) SELECT ?, coalesce(max(seq), 0) + 1, ?, ?, ? FROM used_inspections WHERE car = ?`, c.ID, string(raw), actor, tx.Now, c.ID).Error
}

// BatteryTx writes down how a locked car's battery is; the zero Battery says that nobody measured it.
func BatteryTx(tx *db.Tx, c *Car, b Battery) error {
	c.Battery = b
	return tx.Exec(`UPDATE used_cars SET battery_pct = ?, battery_how = ?, battery_on = ?, updated_at = ? WHERE id = ?`, db.OrNull(b.Pct), b.How, db.OrNull(string(b.On)), tx.Now, c.ID).Error
}

// CarryTx gives the new row of a car the pictures and faults of the former one. What was inspected is inspected again.
func CarryTx(tx *db.Tx, from, to id.UsedCar) error {
	return tx.Exec(`WITH old AS MATERIALIZED (SELECT p.*, gen_random_uuid() AS fresh FROM used_photos p WHERE p.car = ?),
		pictures AS (INSERT INTO used_photos (id, car, place, angle, alt, cut, frame_size, frame_across, frame_down, wide, added_by, added_at)
			SELECT fresh, ?, place, angle, alt, cut, frame_size, frame_across, frame_down, wide, added_by, added_at FROM old),
		files AS (INSERT INTO used_photo_files (photo, wide, jpeg) SELECT o.fresh, f.wide, f.jpeg FROM old o JOIN used_photo_files f ON f.photo = o.id)
		INSERT INTO used_faults (car, seq, panel, kind, mm, words, photo) SELECT ?, f.seq, f.panel, f.kind, f.mm, f.words, o.fresh FROM used_faults f LEFT JOIN old o ON o.id = f.photo WHERE f.car = ?`, from, to, to, from).Error
}
