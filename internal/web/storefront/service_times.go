package storefront

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/flow/workshop"
	"forecourt/internal/id"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// ServiceTimesPage shows where and when the work can be done.
type ServiceTimesPage struct {
	web.Base
	Form       ServiceForm
	Work       []string
	Minutes    string
	Mobilities []Option
	Unknown    bool // the place is not known
	Sites      []SiteTimes
	Errors     web.FieldErrors
	Notice     string
	Carry      []Hidden // for the search
	Keep       []Hidden // for the slot that is taken
	Action     string
	HoldURL    string
	BackURL    string
}

// SiteTimes is a workshop with its free times.
type SiteTimes struct {
	Name, Address, Distance string
	Days                    []SlotDay
	Later                   []SlotDay
	MoreURL                 string
	None                    bool
}

// How many workshops are shown, and how far each is looked ahead.
const (
	sitesShown = 5
	daysAhead  = 21
	timesShown = 4
)

func (h *Handlers) showServiceTimes(c echo.Context) error {
	s, err := h.serviceShop(c)
	if err != nil {
		return err
	}
	f, _ := readService(c.QueryParams())
	return h.serviceTimes(c, s, f, http.StatusOK, nil)
}

// serviceTimes shows the times; told is what was in the way of the one that was pressed.
func (h *Handlers) serviceTimes(c echo.Context, s *shop, f ServiceForm, status int, told *fault.Fault) error {
	lines, err := h.wanted(c, s, f)
	if err != nil {
		return err
	}
	if aftersales.MinutesOf(lines) == 0 {
		return web.SeeOther(c, s.service()+"?"+f.values().Encode())
	}
	if f.Mobility == "" {
		f.Mobility = string(aftersales.OnFoot)
	}
	p := &ServiceTimesPage{Base: h.base(c, s, "", "service"), Form: f, Action: s.service() + "/times", HoldURL: s.service() + "/hold", BackURL: s.service() + "?" + f.values().Encode(), Minutes: "", Carry: f.carry("near", "mobility", "dealer"), Keep: f.carry("dealer")}
	p.Title, p.NoIndex = p.T("service.times.title"), true
	p.Minutes = p.N("service.minutes", aftersales.MinutesOf(lines))
	for _, l := range lines {
		p.Work = append(p.Work, s.say(l.Name))
	}
	for _, m := range aftersales.Mobilities {
		p.Mobilities = append(p.Mobilities, Option{string(m), p.T("service.mobility." + string(m)), f.Mobility == string(m)})
	}
	if told != nil {
		p.Notice = p.Sentence(told.Key)
	}
	if err := h.sites(c, p, s, lines); err != nil {
		return err
	}
	return h.Kit.Show(c, status, "storefront/service_times", p)
}

// wanted are the lines that a form asks for. What the shop does not know, or the car cannot have, is a bad request of a made-up
// address.
func (h *Handlers) wanted(c echo.Context, s *shop, f ServiceForm) ([]aftersales.Line, error) {
	car, _, wrong := f.car(s)
	if wrong.Any() {
		return nil, web.ErrBadForm
	}
	if _, err := h.Workshop.Known(h.NewCar.DB.Read(c.Request().Context()), &car, s.market.Code); err != nil {
		return nil, err
	}
	return s.world.Service().Pick(s.market, car, s.day, f.picks())
}

func (f ServiceForm) picks() (out []aftersales.Pick) {
	for _, code := range f.Picks {
		out = append(out, aftersales.Pick{Code: code})
	}
	return out
}

// sites lists the workshops that can do the work, the nearest first, each with its next free times; one alone with all of them.
func (h *Handlers) sites(c echo.Context, p *ServiceTimesPage, s *shop, lines []aftersales.Line) error {
	place, near := s.world.Places(s.market.Code).Find(s.market.Code, p.Form.Near)
	p.Unknown = p.Form.Near != "" && !near
	if p.Form.Mobility == string(aftersales.IsCollected) && !near {
		p.Errors.Add("near", "service.error.near")
	}
	dealers := slices.Clone(h.Workshop.Sites(s.flow()))
	if only := id.Dealer(p.Form.Dealer); only != "" {
		dealers = slices.DeleteFunc(dealers, func(d *network.Dealer) bool { return d.Code != only })
	}
	if near {
		slices.SortStableFunc(dealers, func(a, b *network.Dealer) int {
			return cmp.Compare(network.Metres(place.Lat, place.Lon, a.Lat, a.Lon), network.Metres(place.Lat, place.Lon, b.Lat, b.Lon))
		})
	}
	dealers = dealers[:min(len(dealers), sitesShown)]
	first := timesShown
	if p.Form.Dealer != "" {
		first = 0
	}
	slots, err := h.Workshop.Slots(c.Request().Context(), s.flow(), dealers, lines, aftersales.Mobility(p.Form.Mobility), s.now, daysAhead, first)
	if err != nil {
		return err
	}
	for _, d := range dealers {
		p.Sites = append(p.Sites, p.site(s, d, slots, place, near))
	}
	return nil
}

func (p *ServiceTimesPage) site(s *shop, d *network.Dealer, slots []aftersales.Slot, place network.Place, near bool) SiteTimes {
	out := SiteTimes{Name: d.Name, Address: address(d)}
	if near {
		out.Distance = p.Distance(network.Metres(place.Lat, place.Lon, d.Lat, d.Lon))
	}
	var days []SlotDay
	for _, t := range slots {
		if t.Dealer != d.Code {
			continue
		}
		at := t.StartsAt.In(d.Zone())
		if day := p.dayIn(at); len(days) == 0 || days[len(days)-1].Day != day {
			days = append(days, SlotDay{Day: day, Open: len(days) < 3})
		}
		last := &days[len(days)-1]
		last.Slots = append(last.Slots, SlotChoice{Value: string(d.Code) + "|" + t.StartsAt.UTC().Format(time.RFC3339), Time: p.clockIn(at)})
	}
	out.None = len(days) == 0
	out.Days, out.Later = days[:min(len(days), daysShown)], days[min(len(days), daysShown):]
	if p.Form.Dealer == "" && !out.None {
		f := p.Form
		f.Dealer = string(d.Code)
		out.MoreURL = p.Action + "?" + f.values().Encode()
	}
	return out
}

// clockIn and dayIn are a time as the workshop's clocks show it.
func (p *ServiceTimesPage) clockIn(at time.Time) string { return p.P.Time(at) }
func (p *ServiceTimesPage) dayIn(at time.Time) string   { return p.P.Date(at) }

// holdService holds the slot that was pressed and leads to the page on which it is booked.
func (h *Handlers) holdService(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, err := h.serviceShop(c)
	if err != nil {
		return err
	}
	asked, _ := readService(c.Request().PostForm)
	car, title, wrong := asked.car(s)
	dealer, at, _ := strings.Cut(f.Value("slot"), "|")
	start, err := time.Parse(time.RFC3339, at)
	if wrong.Any() {
		return web.ErrBadForm
	}
	if err != nil {
		return h.serviceTimes(c, s, asked, http.StatusUnprocessableEntity, fault.New(fault.Invalid, "service.error.slot", "storefront.hold"))
	}
	if err := h.Kit.MayBegin(c); err != nil {
		return err
	}
	key, err := h.Kit.Once(c, f, "storefront.service_hold", func(ctx context.Context, tx *db.Tx) (string, error) {
		b, err := h.Workshop.HoldTx(ctx, tx, s.flow(), workshop.Wish{Car: car, Title: title, Picks: asked.picks(), Dealer: id.Dealer(dealer), Start: start, Mobility: aftersales.Mobility(asked.Mobility), Near: asked.Near, Source: aftersales.FromWeb})
		if err != nil {
			return "", err
		}
		return string(b.ID), nil
	})
	var told *fault.Fault
	if errors.As(err, &told) && (told.Kind == fault.Conflict || told.Kind == fault.Invalid) {
		return h.serviceTimes(c, s, asked, web.StatusOf(err), told)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, s.service()+"/book/"+h.Workshop.VisitToken(id.Booking(key)))
}
