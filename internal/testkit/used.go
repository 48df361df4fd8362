package testkit

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"sync"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/photo"
	"forecourt/internal/sale"
	"forecourt/internal/usedcars"
	"forecourt/internal/world"
)

// JPEG is a picture of some pixels, as a camera would send it.
func JPEG(w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), 90, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err) // into memory
	}
	return b.Bytes()
}

var cutOnce = sync.OnceValues(func() (usedcars.NewPhoto, error) {
	p, err := photo.Clean(bytes.NewReader(JPEG(800, 600)))
	if err != nil {
		return usedcars.NewPhoto{}, err
	}
	return usedcars.CutPhoto(p, photo.Middle)
})

// UsedPhoto is a picture of a used car, cleaned and cut.
func (k *Kit) UsedPhoto(alt string) usedcars.NewPhoto {
	k.T.Helper()
	n, err := cutOnce()
	if err != nil {
		k.T.Fatal(err)
	}
	n.Alt = alt
	return n
}

// Ready gives a dealer's draft all that its market asks for before it can be offered.
func (k *Kit) Ready(staff sale.Staff, car id.UsedCar) {
	k.T.Helper()
	k.Photograph(staff, car)
	k.Inspect(staff, car, nil)
	k.Report(staff, car, usedcars.Report{Source: "Test register", Reference: "T-1", Owners: 1})
}

// Photograph gives a car as many pictures as its market asks for.
func (k *Kit) Photograph(staff sale.Staff, car id.UsedCar) {
	k.T.Helper()
	_, terms := k.usedTerms(car)
	var ps []usedcars.NewPhoto
	for _, a := range usedcars.Angles[:terms.Photos] {
		n := k.UsedPhoto("The car, " + a)
		n.Angle = a
		ps = append(ps, n)
	}
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.UsedCar.AddPhotosTx(ctx, tx, staff, car, ps) })
}

// Inspect lets every point of the checklist pass, but those for which something else is said.
func (k *Kit) Inspect(staff sale.Staff, car id.UsedCar, but usedcars.Answers) {
	k.T.Helper()
	mk, terms := k.usedTerms(car)
	said := usedcars.Answers{}
	for _, p := range terms.Checklist {
		a, other := but[p]
		if !other {
			a.Said = usedcars.Pass
		}
		a.By, a.On = "Owen Pryce", world.Today(mk, k.Clock.Now())
		said[p] = a
	}
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.UsedCar.InspectTx(ctx, tx, staff, car, said) })
}

// register answers what a test wants to hear.
type register struct{ report usedcars.Report }

func (r register) Look(context.Context, usedcars.Asked) (usedcars.Report, error) {
	return r.report, nil
}

// Report lets a register answer about a car of a dealer; a question about it is asked first.
func (k *Kit) Report(staff sale.Staff, car id.UsedCar, r usedcars.Report) {
	k.T.Helper()
	k.Clock.Advance(time.Second) // two questions are not of one moment
	was := k.UsedCar.Past
	k.UsedCar.Past = register{r}
	defer func() { k.UsedCar.Past = was }()
	k.Tx(func(ctx context.Context, tx *db.Tx) error { return k.UsedCar.AskPastTx(ctx, tx, staff, car) })
	if err := k.UsedCar.LookNow(k.T.Context(), car); err != nil {
		k.T.Fatal(err)
	}
}

func (k *Kit) usedTerms(car id.UsedCar) (*market.Market, market.Used) {
	k.T.Helper()
	c, err := usedcars.Get(k.DB.Read(k.T.Context()), car)
	if err != nil {
		k.T.Fatal(err)
	}
	mk, terms, _, err := k.UsedCar.Terms(c.Market, k.Clock.Now())
	if err != nil {
		k.T.Fatal(err)
	}
	return mk, terms
}
