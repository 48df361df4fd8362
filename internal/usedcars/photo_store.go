package usedcars

import (
	"fmt"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/photo"

	"gorm.io/gorm"
)

// AddPhotoTx puts a picture behind the others of a locked car.
func AddPhotoTx(tx *db.Tx, car id.UsedCar, n NewPhoto, actor string) error {
	var last int
	if _, err := db.One(tx.DB, &last, `SELECT coalesce(max(place), 0) FROM used_photos WHERE car = ?`, car); err != nil {
		return err
	}
	if last >= MostPhotos {
		return ErrPhotoMany
	}
	last++
	_, err := writePhotoTx(tx, car, n, &last, actor)
	return err
}

func writePhotoTx(tx *db.Tx, car id.UsedCar, n NewPhoto, place *int, actor string) (id.UsedPhoto, error) {
	key := id.New[id.UsedPhoto]()
	err := tx.Exec(`INSERT INTO used_photos (id, car, place, angle, alt, frame_size, frame_across, frame_down, wide, added_by, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		key, car, place, n.Angle, n.Alt, n.Frame.Size, n.Frame.Across, n.Frame.Down, n.Cuts[len(n.Cuts)-1].Width, actor, tx.Now).Error
	if err == nil {
		err = tx.Exec(`INSERT INTO used_photo_files (photo, wide, jpeg) VALUES (?, 0, ?)`, key, n.Whole.JPEG).Error
	}
	if err == nil {
		err = writeCutsTx(tx, key, n.Cuts)
	}
	if err != nil {
		return "", fmt.Errorf("usedcars: photo: %w", err)
	}
	return key, nil
}

func writeCutsTx(tx *db.Tx, key id.UsedPhoto, cuts []photo.Photo) error {
	for _, x := range cuts {
		if err := tx.Exec(`INSERT INTO used_photo_files (photo, wide, jpeg) VALUES (?, ?, ?)`, key, x.Width, x.JPEG).Error; err != nil {
			return err
		}
	}
	return nil
}

// RecutTx shows another frame of a picture of a locked car; ErrMoved when it has no such picture.
func RecutTx(tx *db.Tx, car id.UsedCar, key id.UsedPhoto, n NewPhoto) error {
	ok, err := db.Changed(tx.DB, `UPDATE used_photos SET frame_size = ?, frame_across = ?, frame_down = ?, wide = ?, cut = cut + 1 WHERE id = ? AND car = ?`,
		n.Frame.Size, n.Frame.Across, n.Frame.Down, n.Cuts[len(n.Cuts)-1].Width, key, car)
	if err == nil && !ok {
		err = ErrMoved
	}
	if err != nil {
		return err
	}
	if err := tx.Exec(`DELETE FROM used_photo_files WHERE photo = ? AND wide > 0`, key).Error; err != nil {
		return err
	}
	return writeCutsTx(tx, key, n.Cuts)
}

// SayPhotoTx says what a picture of a locked car shows.
func SayPhotoTx(tx *db.Tx, car id.UsedCar, key id.UsedPhoto, angle, alt string) error {
	ok, err := db.Changed(tx.DB, `UPDATE used_photos SET angle = ?, alt = ? WHERE id = ? AND car = ? AND place IS NOT NULL`, angle, alt, key, car)
	if err == nil && !ok {
		err = ErrMoved
	}
	return err
}

// MovePhotoTx changes places with the picture before (-1) or behind (1); at an end it stays where it is.
func MovePhotoTx(tx *db.Tx, car id.UsedCar, key id.UsedPhoto, by int) error {
	return tx.Exec(`UPDATE used_photos p SET place = CASE WHEN p.id = a.id THEN b.place ELSE a.place END FROM used_photos a JOIN used_photos b ON b.car = a.car AND b.place = a.place + ?
		WHERE a.id = ? AND a.car = ? AND p.id IN (a.id, b.id)`, by, key, car).Error
}

// DropPhotoTx takes a picture of a locked car away, and closes the gap.
func DropPhotoTx(tx *db.Tx, car id.UsedCar, key id.UsedPhoto) error {
	var place int
	ok, err := db.One(tx.DB, &place, `DELETE FROM used_photos WHERE id = ? AND car = ? AND place IS NOT NULL RETURNING place`, key, car)
	if err == nil && !ok {
		err = ErrMoved
	}
	if err != nil {
		return err
	}
	return tx.Exec(`UPDATE used_photos SET place = place - 1 WHERE car = ? AND place > ?`, car, place).Error
}

// PublicPhoto is a cut of a picture as everybody may see it, as JPEG: of a car that was offered. False when there is none.
func PublicPhoto(g *gorm.DB, key id.UsedPhoto, cut, wide int) ([]byte, bool, error) {
	return photoFile(g, `c.state IN ('listed', 'held', 'sold', 'gone')`, key, cut, wide)
}

// OwnPhoto is a cut of a picture of a car of a dealer, offered or not.
func OwnPhoto(g *gorm.DB, d id.Dealer, car id.UsedCar, key id.UsedPhoto, cut, wide int) ([]byte, bool, error) {
	return photoFile(g, `c.dealer = ? AND c.id = ?`, key, cut, wide, d, car)
}

func photoFile(g *gorm.DB, where string, key id.UsedPhoto, cut, wide int, more ...any) ([]byte, bool, error) {
	if !id.IsKey(string(key)) {
		return nil, false, nil
	}
	var r struct{ Jpeg []byte }
	ok, err := db.One(g, &r, `SELECT f.jpeg FROM used_photo_files f JOIN used_photos p ON p.id = f.photo JOIN used_cars c ON c.id = p.car WHERE p.id = ? AND p.cut = ? AND f.wide = ? AND f.wide > 0 AND `+where, append([]any{key, cut, wide}, more...)...)
	return r.Jpeg, ok, err
}

// WholePhoto is a picture of a car as it was sent, drawn anew, to be cut again.
func WholePhoto(g *gorm.DB, car id.UsedCar, key id.UsedPhoto) (photo.Photo, error) {
	var r struct{ Jpeg []byte }
	ok := false
	var err error
	if id.IsKey(string(key)) {
		ok, err = db.One(g, &r, `SELECT f.jpeg FROM used_photo_files f JOIN used_photos p ON p.id = f.photo WHERE p.id = ? AND p.car = ? AND f.wide = 0 AND p.place IS NOT NULL`, key, car)
	}
	if err == nil && !ok {
		err = ErrNoCar
	}
	if err != nil {
		return photo.Photo{}, err
	}
	return photo.Read(r.Jpeg)
}
