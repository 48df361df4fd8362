package dealer

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/photo"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// usedPhotosAtOnce bounds a form of pictures.
const usedPhotosAtOnce = 6

// MaxUsedPhotos is the most that a form with a car's pictures may have, or with a fault and one that is too large: it is told so.
const MaxUsedPhotos = usedPhotosAtOnce*photo.MostBytes + 64<<10

// UsedPhotos are the pictures of a car with the form for more.
type UsedPhotos struct {
	Rows     []UsedPhoto
	Angles   []Choice // On: there is a picture of it
	Next     []Choice // what the form offers; the first that is missing is chosen
	NextName string
	Least    string // how many are asked for
	Alt      string // as typed
	Most     int    // at once
}

// UsedPhoto is a picture with its form.
type UsedPhoto struct {
	ID, No, URL, Alt   string
	Width, Height      int
	Mute               bool // it does not say yet what it shows
	First, Last        bool
	Angles             []Choice
	Sizes, Across, Ups []Choice
}

// The frames that a form offers: how much of the picture, and where.
var (
	frameSizes = []int{100, 85, 70, 55}
	framePlace = []int{0, 50, 100}
)

func (p *UsedCarPage) photos(w *usedcars.Whole, terms market.Used) UsedPhotos {
	out := UsedPhotos{Most: usedPhotosAtOnce, Least: p.T("condition.photos_least", "Have", len(w.Photos), "Need", terms.Photos)}
	var there []string
	for i, x := range w.Photos {
		there = append(there, x.Angle)
		wide := x.Best(320)
		row := UsedPhoto{ID: string(x.ID), No: strconv.Itoa(x.Place), URL: usedCarURL(w.ID) + "/photos/" + photoName(x, wide), Alt: x.Alt, Width: wide, Height: x.High(wide), Mute: x.Alt == "",
			First: i == 0, Last: i == len(w.Photos)-1, Angles: p.angles(x.Angle), Sizes: p.choices("condition.frame_size.", frameSizes, x.Frame.Size), Across: p.choices("condition.frame_across.", framePlace, x.Frame.Across),
			Ups: p.choices("condition.frame_down.", framePlace, x.Frame.Down)}
		if row.Mute && x.Angle != "" {
			row.Alt = w.Title() + ", " + p.T("condition.angle."+x.Angle) // an offer: it counts when somebody has saved it
		}
		out.Rows = append(out.Rows, row)
	}
	next := ""
	for _, a := range usedcars.Angles {
		has := slices.Contains(there, a)
		if !has && next == "" {
			next = a
		}
		out.Angles = append(out.Angles, Choice{a, p.T("condition.angle." + a), has})
	}
	out.Next = p.angles(next)
	if next != "" {
		out.NextName = p.T("condition.angle." + next)
	}
	return out
}

func photoName(x usedcars.Photo, wide int) string {
	return string(x.ID) + "/" + strconv.Itoa(x.Cut) + "-" + strconv.Itoa(wide) + ".jpg"
}

func (p *UsedCarPage) angles(now string) []Choice {
	out := []Choice{{"", p.T("condition.angle_none"), now == ""}}
	for _, a := range usedcars.Angles {
		out = append(out, Choice{a, p.T("condition.angle." + a), a == now})
	}
	return out
}

func (p *UsedCarPage) choices(words string, of []int, now int) []Choice {
	var out []Choice
	for _, n := range of {
		v := strconv.Itoa(n)
		out = append(out, Choice{v, p.T(words + v), n == now})
	}
	return out
}

// addUsedPhotos takes pictures: drawn anew, cut, and all of them or none.
func (h *Handlers) addUsedPhotos(c echo.Context) error {
	return h.onUsedCar(c, func(_ site, f *web.Form, w *usedcars.Whole) (usedDeed, error) {
		angle, alt := f.Value("angle"), f.Value("alt")
		checkPhotoWords(f, angle, alt)
		news, err := newPhotos(f, usedPhotosAtOnce)
		if err != nil {
			return usedDeed{}, err
		}
		if len(news) == 0 {
			f.Reject("photo", "condition.photo_none")
		}
		for i := range news {
			if news[i].Alt = alt; i == 0 { // a form has words for one picture, and the angle is that of the first
				news[i].Angle = angle
			}
		}
		return usedDeed{done: "used_photo", section: "photos", fields: map[string]string{usedcars.ErrPhotoMany.Key: "photo", usedcar.ErrNeeded.Key: "alt"}, do: func(ctx context.Context, tx *db.Tx, s site) error {
			return h.used.AddPhotosTx(ctx, tx, s.staff(), w.ID, news)
		}, keep: func(p *UsedCarPage) { p.Photos.Alt, p.Photos.Next = alt, p.angles(angle) }}, nil
	})
}

// newPhotos reads the pictures of a form and cuts them. What is wrong with one is noted in the form.
func newPhotos(f *web.Form, most int) ([]usedcars.NewPhoto, error) {
	if f.Has(web.FilesField) { // comes from behind a lock, without its pictures
		f.Reject("photo", "condition.photo_again")
	}
	if f.SentPhotos() > most {
		f.Reject("photo", usedcars.ErrPhotoMany.Key)
		return nil, nil
	}
	clean, err := f.Photos(most)
	if err != nil || !f.OK() {
		return nil, err
	}
	var out []usedcars.NewPhoto
	for _, x := range clean {
		n, err := usedcars.CutPhoto(x, photo.Middle)
		if errors.Is(err, usedcars.ErrPhotoSmall) {
			f.Reject("photo", usedcars.ErrPhotoSmall.Key)
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func checkPhotoWords(f *web.Form, angle, alt string) {
	if angle != "" && !slices.Contains(usedcars.Angles, angle) {
		f.Reject("angle", "used.stock.choice_bad")
	}
	if len([]rune(alt)) > usedcars.MostAltRunes {
		f.Reject("alt", "used.stock.text_bad")
	}
}

// changeUsedPhoto says what a picture shows, frames it anew, moves it or takes it away.
func (h *Handlers) changeUsedPhoto(c echo.Context) error {
	return h.onUsedCar(c, func(_ site, f *web.Form, w *usedcars.Whole) (usedDeed, error) {
		x := usedcar.PhotoChange{Photo: id.UsedPhoto(c.Param("photo")), Angle: f.Value("angle"), Alt: f.Value("alt")}
		i := slices.IndexFunc(w.Photos, func(p usedcars.Photo) bool { return p.ID == x.Photo })
		if i < 0 {
			return usedDeed{}, web.ErrNotFound
		}
		field := "alt-" + strconv.Itoa(w.Photos[i].Place)
		switch f.Value("act") {
		case "up":
			x.Move = -1
		case "down":
			x.Move = 1
		case "drop":
			x.Drop = true
		case "save":
			if err := h.readFrame(c, f, field, w, w.Photos[i], &x); err != nil {
				return usedDeed{}, err
			}
		default:
			return usedDeed{}, web.ErrBadForm
		}
		return usedDeed{done: "used_photo_kept", section: "photos", fields: map[string]string{usedcar.ErrNeeded.Key: field}, do: func(ctx context.Context, tx *db.Tx, s site) error {
			return h.used.PhotoTx(ctx, tx, s.staff(), w.ID, x)
		}, keep: func(p *UsedCarPage) {
			for k := range p.Photos.Rows {
				if row := &p.Photos.Rows[k]; row.ID == string(x.Photo) && f.Value("act") == "save" {
					row.Alt = x.Alt
				}
			}
		}}, nil
	})
}

// readFrame reads what a picture shows and where its frame lies; another frame is cut at once, before the transaction.
func (h *Handlers) readFrame(c echo.Context, f *web.Form, field string, w *usedcars.Whole, was usedcars.Photo, x *usedcar.PhotoChange) error {
	if len([]rune(x.Alt)) > usedcars.MostAltRunes || x.Alt == "" {
		f.Reject(field, "condition.alt_bad")
	}
	if x.Angle != "" && !slices.Contains(usedcars.Angles, x.Angle) {
		f.Reject(field, "used.stock.choice_bad")
	}
	frame := was.Frame
	for _, v := range []struct {
		name string
		into *int
		of   []int
	}{{"size", &frame.Size, frameSizes}, {"across", &frame.Across, framePlace}, {"down", &frame.Down, framePlace}} {
		n, err := strconv.Atoi(f.Value(v.name))
		if err != nil || !slices.Contains(v.of, n) {
			f.Reject(field, "used.stock.choice_bad")
		}
		*v.into = n
	}
	if !f.OK() || frame == was.Frame {
		return nil
	}
	whole, err := usedcars.WholePhoto(h.kit.DB.Read(c.Request().Context()), w.ID, was.ID)
	if err != nil {
		return err
	}
	n, err := usedcars.CutPhoto(whole, frame)
	x.Recut = &n
	return err
}

// showUsedPhoto is a picture of a car of the site, offered or not.
func (h *Handlers) showUsedPhoto(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	return web.AnswerCut(c, "private, max-age=3600", func(key string, cut, wide int) ([]byte, bool, error) {
		return usedcars.OwnPhoto(h.kit.DB.Read(c.Request().Context()), s.dealer.Code, id.UsedCar(c.Param("car")), id.UsedPhoto(key), cut, wide)
	})
}
