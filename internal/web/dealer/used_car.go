package dealer

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// UsedCarPage is one used car of the site with all that is known of it, and a form for each part of that.
type UsedCarPage struct {
	Page
	ID, Name, Version, Facts, VIN string
	State, Tone                   string
	Price                         money.Money
	ShopURL                       string // where it is offered; empty for a draft
	May                           bool   // the reader may change what is known
	Busy                          bool   // somebody has the car, or it is over: nothing changes
	Draft                         bool
	Section                       string // of the form that was refused
	Lacks                         []UsedLack
	Photos                        UsedPhotos
	Faults                        UsedFaults
	Points                        []UsedPoint
	Inspector                     string
	Past                          UsedPast
	Battery                       *UsedBattery // nil for a car without one
	Doubt                         bool         // the VIN's check digit is wrong, where it has one
	Lives                         []UsedLife   // what it was here before, under other numbers
}

// UsedLack is one thing that keeps the car from being offered, with where it is mended.
type UsedLack struct{ Text, URL string }

// UsedLife is a step that the car made here before.
type UsedLife struct{ ID, Text, Day, URL string }

// UsedPoint is a point of the checklist with what was said of it.
type UsedPoint struct {
	Code, Name, Words, Who string
	Choices                []Choice
}

// UsedPast is what a register says of the car.
type UsedPast struct {
	Facts []UsedFact
	Flags []string
	Fell  bool   // its odometer shows less than it did, and its dealer has to say why
	Said  string // why, in the dealer's words
	Asked string // when it was asked and has not answered; empty when nothing waits
	May   bool   // the reader may have a register asked
	None  bool   // there is none
}

// UsedFact is a name and a value.
type UsedFact struct{ Label, Value string }

// UsedBattery is how the battery is, as the fields show it.
type UsedBattery struct {
	Percent, Day string
	Hows         []Choice // the first says that nobody measured
}

func (h *Handlers) showUsedCar(c echo.Context) error {
	return web.View(h.kit, c, h.siteOf, "dealer/used_car", func(c echo.Context, s site) (*UsedCarPage, error) {
		w, err := h.ownUsed(c, s)
		if err != nil {
			return nil, err
		}
		return h.usedCarPage(c, s, w)
	})
}

// ownUsed reads the car that the address names; another dealer's does not exist here.
func (h *Handlers) ownUsed(c echo.Context, s site) (*usedcars.Whole, error) {
	w, err := usedcars.WholeOf(h.kit.DB.Read(c.Request().Context()), id.UsedCar(c.Param("car")))
	if err == nil && w.Dealer != s.dealer.Code {
		err = usedcars.ErrNoCar
	}
	return w, err
}

func usedCarURL(car id.UsedCar) string { return usedPath + "/" + string(car) }

func (h *Handlers) usedCarPage(c echo.Context, s site, w *usedcars.Whole) (*UsedCarPage, error) {
	p := &UsedCarPage{Page: h.page(c, s, "", "stock"), Inspector: s.user.Name}
	lacks, err := h.used.Missing(w, s.now)
	if err != nil {
		return nil, err
	}
	notes, err := usedcars.FaultNotes(h.kit.DB.Read(c.Request().Context()), w.ID)
	if err != nil {
		return nil, err
	}
	terms, _ := s.market.UsedAt(market.DateOf(s.now.In(s.market.Zone())))
	p.fill(s, w, terms, lacks, notes)
	lives, err := usedcars.LivesOf(h.kit.DB.Read(c.Request().Context()), w.Car)
	if err != nil {
		return nil, err
	}
	p.lives(lives)
	p.Past.None = h.used.Past == nil
	p.Past.May = !p.Past.None && p.Page.May("dealer.queue") && (p.May || w.State == usedcars.Held || w.State == usedcars.Sold)
	return p, nil
}

func (p *UsedCarPage) fill(s site, w *usedcars.Whole, terms market.Used, lacks []usedcars.Lack, notes []usedcars.FaultNote) {
	p.ID, p.Name, p.Version, p.VIN, p.Price = string(w.ID), w.Title(), w.Version, w.VIN, s.market.Amount(w.PriceMinor)
	p.Title = w.Title() + " " + string(w.ID)
	p.Facts = strings.Join([]string{w.Year(), p.P.Distance(int64(w.Km)*1000, s.unit()), p.T("used.fuel." + w.Fuel)}, ", ")
	p.State, p.Tone = stateOf(p.Page, w.State)
	p.Draft = w.State == usedcars.Draft
	p.Doubt = !w.State.Over() && id.DoubtfulVIN(w.VIN)
	p.Busy = !p.Draft && w.State != usedcars.Listed
	p.May = p.Page.May("dealer.queue") && !p.Busy
	if !p.Draft {
		p.ShopURL = "/" + string(w.Brand) + "/" + string(w.Market) + "/used/" + w.Slug()
	}
	for _, l := range lacks {
		p.Lacks = append(p.Lacks, UsedLack{p.T("condition.lack."+l.Code, "Have", l.Have, "Need", l.Need, "Point", p.point(l.Point)), "#h-" + l.Section})
	}
	p.Photos = p.photos(w, terms)
	p.Faults = p.faults(w, notes)
	p.points(w.Answers, terms.Checklist)
	p.past(s, w)
	if w.HasBattery() {
		p.battery(w.Battery)
	}
}

func (p *UsedCarPage) lives(list []usedcars.Life) {
	for _, x := range list {
		p.Lives = append(p.Lives, UsedLife{ID: string(x.Car), Text: p.T("condition.life." + string(x.To)), Day: p.DateShort(x.At), URL: usedCarURL(x.Car)})
	}
}

// point is the name of a point of the checklist; empty for none.
func (p *UsedCarPage) point(code string) string {
	if code == "" {
		return ""
	}
	return p.T("condition.point." + code)
}

// stateOf says where a car stands; a word and a tone.
func stateOf(p Page, st usedcars.State) (words, tone string) {
	switch st {
	case usedcars.Gone, usedcars.Returned, usedcars.Withdrawn:
		return p.T("condition.over"), ""
	}
	return p.T("used.state." + string(st)), map[usedcars.State]string{usedcars.Listed: "good", usedcars.Held: "warn", usedcars.Sold: "info"}[st]
}

func (p *UsedCarPage) points(as usedcars.Answers, list []string) {
	for _, code := range list {
		a := as[code]
		x := UsedPoint{Code: code, Name: p.point(code), Words: a.Words}
		for _, v := range usedcars.Verdicts {
			x.Choices = append(x.Choices, Choice{v, p.T("condition.said." + v), a.Said == v})
		}
		if a.By != "" {
			x.Who = p.T("condition.said_by", "Name", a.By, "Day", p.day(a.On))
		}
		p.Points = append(p.Points, x)
	}
}

// day writes a date of a car's papers.
func (p *UsedCarPage) day(d market.Date) string { return p.P.DateShort(d.Time(time.UTC)) }

func (p *UsedCarPage) past(s site, w *usedcars.Whole) {
	p.Past.Said = w.Explained
	for _, f := range w.Flags() {
		// A fall between two readings of before is not its dealer's to explain.
		p.Past.Fell = p.Past.Fell || f == usedcars.FlagFalls && slices.ContainsFunc(w.Kms, func(r usedcars.Reading) bool { return r.Km > w.Km })
		p.Past.Flags = append(p.Past.Flags, p.T("condition.flag."+f))
	}
	if x := w.Past; x != nil {
		for _, f := range usedcar.PastFacts(p.P, x, p.DateShort(x.At)) {
			p.Past.Facts = append(p.Past.Facts, UsedFact(f))
		}
	}
	if !w.AskedAt.IsZero() && (w.Past == nil || w.Past.At.Before(w.AskedAt)) {
		p.Past.Asked = p.T("condition.asked", "When", p.DateTime(w.AskedAt))
	}
}

func (p *UsedCarPage) battery(b usedcars.Battery) {
	p.Battery = &UsedBattery{Day: string(b.On), Hows: []Choice{{"", p.T("condition.battery_none"), b.Pct == 0}}}
	if b.Pct > 0 {
		p.Battery.Percent = strconv.Itoa(b.Pct)
	}
	for _, v := range usedcars.BatteryHows {
		p.Battery.Hows = append(p.Battery.Hows, Choice{v, p.T("used.battery_how." + v), b.How == v})
	}
}

// usedDeed is one form of the page: what it does, and which part shows what was typed when it is refused.
type usedDeed struct {
	done, section string
	do            func(ctx context.Context, tx *db.Tx, s site) error
	keep          func(p *UsedCarPage)
	fields        map[string]string
}

// onUsedCar carries out a form about one car of the site.
func (h *Handlers) onUsedCar(c echo.Context, plan func(s site, f *web.Form, w *usedcars.Whole) (usedDeed, error)) error {
	end, err := web.ReadParts(c)
	if err != nil {
		return err
	}
	defer end()
	return web.Post(h.kit, c, h.siteOf, func(s site, f *web.Form) (web.Act, error) {
		w, err := h.ownUsed(c, s)
		if err != nil {
			return web.Act{}, err
		}
		d, err := plan(s, f, w)
		if err != nil {
			return web.Act{}, err
		}
		return web.Act{Name: "dealer." + d.done + " " + string(w.ID), Fields: d.fields, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return usedCarURL(w.ID) + "?done=" + d.done + "#h-" + d.section, d.do(ctx, tx, s)
		}, Again: func(r web.Refusal) error { return h.usedCarAgain(c, s, f, d, r) }}, nil
	})
}

// usedCarAgain shows the page as things are by now, with what was typed.
func (h *Handlers) usedCarAgain(c echo.Context, s site, f *web.Form, d usedDeed, r web.Refusal) error {
	w, err := h.ownUsed(c, s)
	if err != nil {
		return err
	}
	p, err := h.usedCarPage(c, s, w)
	if err != nil {
		return err
	}
	if d.keep != nil {
		d.keep(p)
	}
	p.Errors, p.Problem, p.Section = f.Errors(), p.Sentence(r.Key), d.section
	return h.kit.Show(c, r.Status, "dealer/used_car", p)
}

// listUsed offers the car. What it still needs is on its page, which a refusal shows.
func (h *Handlers) listUsed(c echo.Context) error {
	return h.onUsedCar(c, func(_ site, _ *web.Form, w *usedcars.Whole) (usedDeed, error) {
		return usedDeed{done: "used_listed", section: "ready", do: func(ctx context.Context, tx *db.Tx, s site) error { return h.used.ListTx(ctx, tx, s.staff(), w.ID) }}, nil
	})
}

// inspectUsed keeps what was said of the points of the checklist.
func (h *Handlers) inspectUsed(c echo.Context) error {
	return h.onUsedCar(c, func(s site, f *web.Form, w *usedcars.Whole) (usedDeed, error) {
		day := market.DateOf(s.now.In(s.market.Zone()))
		terms, _ := s.market.UsedAt(day)
		name := f.Value("inspector")
		if name == "" || len([]rune(name)) > 80 {
			f.Reject("inspector", "condition.inspector_bad")
		}
		said := readPoints(f, terms.Checklist, name, day)
		return usedDeed{done: "used_inspected", section: "checks", do: func(ctx context.Context, tx *db.Tx, s site) error {
			return h.used.InspectTx(ctx, tx, s.staff(), w.ID, said)
		}, keep: func(p *UsedCarPage) {
			p.Inspector, p.Points = name, nil
			p.points(said, terms.Checklist)
		}}, nil
	})
}

func readPoints(f *web.Form, list []string, by string, on market.Date) usedcars.Answers {
	out := usedcars.Answers{}
	for _, code := range list {
		a := usedcars.Answer{Said: f.Value("point_" + code), Words: f.Value("words_" + code), By: by, On: on}
		switch {
		case a.Said == "" && a.Words == "":
			continue
		case !slices.Contains(usedcars.Verdicts, a.Said):
			f.Reject("point_"+code, "used.stock.choice_bad")
		case a.Said != usedcars.Pass && a.Words == "":
			f.Reject("point_"+code, "condition.say_why")
		case len([]rune(a.Words)) > usedcars.MostWordsRunes:
			f.Reject("point_"+code, "used.stock.text_bad")
		}
		out[code] = a
	}
	return out
}

// askPast lets a register be asked about the car.
func (h *Handlers) askPast(c echo.Context) error {
	return h.onUsedCar(c, func(_ site, _ *web.Form, w *usedcars.Whole) (usedDeed, error) {
		return usedDeed{done: "used_asked", section: "past", do: func(ctx context.Context, tx *db.Tx, s site) error { return h.used.AskPastTx(ctx, tx, s.staff(), w.ID) }}, nil
	})
}

// sayBattery keeps how the battery is.
func (h *Handlers) sayBattery(c echo.Context) error {
	return h.onUsedCar(c, func(s site, f *web.Form, w *usedcars.Whole) (usedDeed, error) {
		b := usedcars.Battery{How: f.Value("how"), On: market.Date(f.Value("measured"))}
		percent := strings.TrimSpace(strings.TrimSuffix(f.Value("percent"), "%"))
		if b.How != "" {
			n, err := strconv.Atoi(percent)
			if err != nil || n < 1 || n > 100 {
				f.Reject("percent", "condition.battery_bad")
			}
			b.Pct = n
			if !slices.Contains(usedcars.BatteryHows, b.How) {
				f.Reject("how", "used.stock.choice_bad")
			}
			if _, err := time.Parse(time.DateOnly, string(b.On)); err != nil || b.On < w.Registered || b.On > market.DateOf(s.now.In(s.market.Zone())) {
				f.Reject("measured", "condition.measured_bad")
			}
		} else {
			b.On = ""
		}
		return usedDeed{done: "used_battery", section: "battery", do: func(ctx context.Context, tx *db.Tx, s site) error {
			return h.used.BatteryTx(ctx, tx, s.staff(), w.ID, b)
		}, keep: func(p *UsedCarPage) {
			if p.Battery != nil {
				p.battery(b)
				p.Battery.Percent = percent
			}
		}}, nil
	})
}
