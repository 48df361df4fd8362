package storefront

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// UsedShot is a picture of a car in several widths.
type UsedShot struct {
	URL, Srcset, Full, Alt string
	Width, Height          int
}

// UsedMark is where on the drawing of the panels a fault is.
type UsedMark struct{ X, Y, No int }

// UsedLine is what an odometer said, as a line of a 300 by 90 drawing that needs no script; the table beside it says the same.
type UsedLine struct {
	Path string
	Dots []UsedDot
	Said string
}

// UsedDot is a reading on the line.
type UsedDot struct{ X, Y string }

// UsedKnown is what others say of the car: who inspected it, and a register.
type UsedKnown struct {
	Checked   string // who inspected it, when, and how many points passed
	Disclosed []Fact
	Past      []Fact
	Flags     []string // why it cannot be bought now
}

func usedPhotoURL(p usedcars.Photo, wide int) string {
	return "/used-photo/" + string(p.ID) + "/" + strconv.Itoa(p.Cut) + "-" + strconv.Itoa(wide) + ".jpg"
}

// usedShot is a picture shown about so many pixels wide.
func usedShot(p usedcars.Photo, wide int) UsedShot {
	wide = p.Best(wide)
	out := UsedShot{URL: usedPhotoURL(p, wide), Full: usedPhotoURL(p, p.Wide), Alt: p.Alt, Width: wide, Height: p.High(wide)}
	var set []string
	for _, w := range p.Widths() {
		set = append(set, fmt.Sprintf("%s %dw", usedPhotoURL(p, w), w))
	}
	out.Srcset = strings.Join(set, ", ")
	return out
}

// UsedTurn is a picture of the tour around a car.
type UsedTurn struct {
	UsedShot
	View string // "Left side"
	Said string // "Picture 2 of 6: left side"
}

// tour lays the pictures around the car out as a tour; the list of pictures has the others.
func (p *UsedCarPage) tour(photos []usedcars.Photo) {
	turn := usedcars.Around(photos)
	if len(turn) == 0 {
		return
	}
	for i, x := range turn {
		view := p.T("condition.angle." + x.Angle)
		p.Turn = append(p.Turn, UsedTurn{usedShot(x, 320), view, p.T("used.turn.said", "Now", i+1, "Of", len(turn), "View", view)})
	}
	rest := p.Photos[:1:1]
	for i, x := range photos[1:] {
		if !slices.ContainsFunc(turn, func(t usedcars.Photo) bool { return t.ID == x.ID }) {
			rest = append(rest, p.Photos[i+1])
		}
	}
	p.Photos = rest
}

// known fills what the page tells of the car beside its papers.
func (p *UsedCarPage) known(s *shop, w *usedcars.Whole) {
	for i, x := range w.Photos {
		wide := 320
		if i == 0 {
			wide = 1280
		}
		p.Photos = append(p.Photos, usedShot(x, wide))
	}
	p.tour(w.Photos)
	p.faults(w)
	p.Line = mileageLine(p.Base, w.Kms)
	terms, _ := s.market.UsedAt(s.day)
	p.Known = p.inspected(w.Answers, terms)
	if w.Past != nil {
		for _, f := range usedcar.PastFacts(p.P, w.Past, p.DateShort(w.Past.At)) {
			p.Known.Past = append(p.Known.Past, Fact{f.Label, f.Value})
		}
	}
	for _, f := range w.Flags() {
		p.Known.Flags = append(p.Known.Flags, p.T("condition.flag."+f))
	}
}

func (p *UsedCarPage) inspected(as usedcars.Answers, terms market.Used) UsedKnown {
	var k UsedKnown
	passed, by := 0, ""
	for _, point := range terms.Checklist {
		a := as[point]
		switch a.Said {
		case usedcars.Pass:
			passed++
		case usedcars.Disclosed:
			k.Disclosed = append(k.Disclosed, Fact{p.T("condition.point." + point), a.Words})
		}
		if a.On == as.Last() && a.By != "" {
			by = a.By
		}
	}
	if by != "" {
		k.Checked = p.T("condition.checked", "Name", by, "Day", dayOf(p.Base, as.Last()), "Passed", passed, "All", len(terms.Checklist))
	}
	return k
}

func (p *UsedCarPage) faults(w *usedcars.Whole) {
	on := map[string]int{}
	for i, f := range w.Faults {
		x := UsedFault{No: i + 1, Panel: p.T("used.panel." + f.Panel), Text: usedcar.FaultWords(p.P, f)}
		if !f.Added.IsZero() {
			x.Added = p.T("condition.added", "Day", p.DateShort(f.Added))
		}
		if f.Photo != nil {
			f.Photo.Alt = p.T("condition.fault_photo", "Number", strconv.Itoa(x.No))
			shot := usedShot(*f.Photo, 320)
			x.Photo = &shot
		}
		p.Faults = append(p.Faults, x)
		if at, ok := panelAt[f.Panel]; ok {
			p.Marks = append(p.Marks, UsedMark{at[0] + on[f.Panel]%3*20, at[1], x.No})
			on[f.Panel]++
		}
	}
}

// panelAt is the middle of each panel on the drawing of a car seen from above, its nose on the left: 360 by 190.
var panelAt = map[string][2]int{"bumper_front": {17, 95}, "bonnet": {62, 95}, "windscreen": {127, 95}, "roof": {172, 70}, "interior": {172, 118}, "tailgate": {283, 95}, "bumper_rear": {343, 95},
	"wing_right": {62, 31}, "door_right": {172, 31}, "wing_left": {62, 159}, "door_left": {172, 159}, "wheel": {262, 159}}

// mileageLine draws the readings over their days; nil where there are fewer than two.
func mileageLine(b web.Base, kms []usedcars.Reading) *UsedLine {
	if len(kms) < 2 {
		return nil
	}
	const left, right, top, floor = 8, 292, 10, 80
	first, last, most := kms[0].On.Time(time.UTC).Unix(), kms[len(kms)-1].On.Time(time.UTC).Unix(), 1
	for _, r := range kms {
		most = max(most, r.Km)
	}
	out := &UsedLine{Said: b.T("condition.line", "Count", len(kms), "From", dayOf(b, kms[0].On), "To", dayOf(b, kms[len(kms)-1].On))}
	var path strings.Builder
	for i, r := range kms {
		x := float64(left)
		if last > first {
			x += float64(right-left) * float64(r.On.Time(time.UTC).Unix()-first) / float64(last-first)
		}
		d := UsedDot{fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", floor-float64(floor-top)*float64(r.Km)/float64(most))}
		sign := "L"
		if i == 0 {
			sign = "M"
		}
		path.WriteString(sign + d.X + " " + d.Y)
		out.Dots = append(out.Dots, d)
	}
	out.Path = path.String()
	return out
}

// showUsedPhoto is a picture of a car that was offered. Its address says which cutting it is, so it can be kept for ever.
func (h *Handlers) showUsedPhoto(c echo.Context) error {
	return web.AnswerCut(c, foreverCache, func(key string, cut, wide int) ([]byte, bool, error) {
		return usedcars.PublicPhoto(h.NewCar.DB.Read(c.Request().Context()), id.UsedPhoto(key), cut, wide)
	})
}
