package dealer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"forecourt/internal/allocation"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/i18n"
	"forecourt/internal/platform/photo"
	"forecourt/internal/sale"
	"forecourt/internal/web"

	"html/template"

	"github.com/labstack/echo/v4"
)

// HandoverPage is held in one hand beside the car: the buyer's code, the money, four checks, done.
type HandoverPage struct {
	Page
	Order     *allocation.OrderView
	Number    string
	Car       string
	Drawing   template.HTML
	Tail      string
	Booked    string
	MoneyView MoneyView
	Deferral  Deferral
	Papers    string
	Items     []Item
	All       bool // ticked at once, as in the plain case
	Code      string
	Scanned   bool // the code came with the address and is the right one
	Odometer  string
	Miles     bool
	Vehicle   bool   // there is an odometer to read
	VIN       string // whole, to be compared with the car
	Keys      string
	Given     []Item // papers that go with the car
	Faults    string
	OnPaper   bool
	Most      int    // photos
	Draft     string // signed, for this reader and order
	Ready     bool   // the order can be handed over now
	State     string
	Already   string // who handed it over and when; empty while nobody did
}

// usualKeys are those of a new car.
const usualKeys = "2"

// MaxHandoverForm is the most that a handover with its pictures may have.
const MaxHandoverForm = allocation.MostHandPhotos*photo.MostBytes + 64<<10

// Done counts the ticks.
func (p *HandoverPage) Done() int {
	n := 0
	for _, i := range p.Items {
		if i.Done {
			n++
		}
	}
	return n
}

func (h *Handlers) showHandover(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	code := web.CleanLine(c.QueryParam("code"))
	if code != "" {
		if err := h.mayTryCode(c, s); err != nil {
			return err
		}
	}
	p, err := h.handoverPage(c, s, code)
	if err != nil {
		return err
	}
	if p.Scanned {
		if err := h.knewCode(c, s); err != nil {
			return err
		}
	}
	if ordering.State(p.Order.OrderState).Sold() {
		return web.SeeOther(c, "/dealer/orders/"+p.Number)
	}
	return h.kit.Show(c, http.StatusOK, "dealer/handover", p)
}

func (h *Handlers) handoverPage(c echo.Context, s site, code string) (*HandoverPage, error) {
	v, err := h.order(c, s)
	if err != nil {
		return nil, err
	}
	if v.EntryState != allocation.Accepted && v.EntryState != allocation.Done {
		return nil, web.ErrNotFound // nobody to hand it to is known here
	}
	p := &HandoverPage{Page: h.page(c, s, "", "handovers"), Draft: h.cars.HandoverDraft(s.staff(), v.ID)}
	return p, p.fill(s, v, code)
}

func (p *HandoverPage) fill(s site, v *allocation.OrderView, code string) error {
	var snap ordering.Snapshot
	if err := json.Unmarshal(v.Snapshot, &snap); err != nil {
		return fmt.Errorf("dealer: snapshot of %s: %w", v.Number, err)
	}
	p.Order, p.Number, p.Car, p.Tail = v, v.Number, snap.ModelName+" "+snap.Version, vinTail(v.VIN)
	p.MoneyView, p.Miles = s.money(v), s.unit() == i18n.Miles
	p.Ready, p.State = v.OrderState == string(ordering.Ready), "dstate."+v.OrderState
	if ordering.State(v.OrderState).Sold() {
		p.Already = p.T("dealer.handed_already", "When", p.When(v.HandedOverAt), "By", v.HandedOverBy)
	}
	p.VIN, p.Most, p.Vehicle = v.VIN, allocation.MostHandPhotos, s.kind.Vehicle
	if p.Vehicle {
		p.Keys = usualKeys
		for _, code := range ordering.HandoverPapers {
			p.Given = append(p.Given, Item{Code: code, Done: true})
		}
	}
	p.Title = p.T("dealer.handover_title", "Name", v.Name)
	p.Drawing, p.Booked, p.Papers = draw(p.Page, v.Row, "car"), p.When(v.StartsAt), p.T("dealer.papers_hint", "Papers", p.P.Series(papers(s.market)))
	p.Code = plainCode(code)
	p.Scanned = p.Code != "" && p.Code == v.PickupCode
	for _, item := range s.kind.HandoverChecks {
		p.Items = append(p.Items, Item{Code: item})
	}
	var err error
	p.Deferral, err = s.deferral(p.Page, v, p.MoneyView)
	p.Deferral.From = "handover"
	return err
}

// plainCode is a pickup code without what people put between its characters.
func plainCode(s string) string {
	return cut(strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s)), 12)
}

// handOver gives the car to the buyer. Sent twice, it happens once.
func (h *Handlers) handOver(c echo.Context) error {
	s, err := h.siteOf(c)
	if err != nil {
		return err
	}
	if err := h.mayTryCode(c, s); err != nil { // outside the transaction, so that a refusal counts too
		return err
	}
	done, err := web.ReadParts(c)
	if err != nil {
		return err
	}
	defer done()
	var made sale.HandOver
	var broken error
	check := func(s site, _ Page, f *web.Form) { made, broken = readHandover(s, f) }
	knew := false
	err = h.act(c, deed{name: "handover", check: check, again: h.handoverAgain, do: func(ctx context.Context, tx *db.Tx, s site, number string, _ *web.Form) (string, error) {
		if broken != nil {
			return "", broken
		}
		err := h.cars.HandOverTx(ctx, tx, s.staff(), number, made)
		knew = !errors.Is(err, sale.ErrCode)
		return orderURL(number, "handed_over"), err
	}})
	if knew {
		return errors.Join(err, h.knewCode(c, s))
	}
	return err
}

// readHandover reads what was typed, ticked and photographed. What is wrong is noted in the form; an error is a file
// that could not be read at all.
func readHandover(s site, f *web.Form) (sale.HandOver, error) {
	h := sale.HandOver{Code: f.Value("code"), Checks: s.seen(f), Papers: f.Values("given"), OnPaper: f.Has("on_paper"), Disputed: f.Has("disputed"), Draft: f.Value("draft")}
	var ok bool
	if h.OdometerKm, ok = readKm(f.Value("odometer"), s.unit()); s.kind.Vehicle && (!ok || s.kind.MostKm > 0 && h.OdometerKm > s.kind.MostKm) {
		f.Reject("odometer", s.odometerWrong())
	}
	if h.Code == "" {
		f.Reject("code", sale.ErrCode.Key)
	}
	if typed := f.Value("keys"); typed != "" { // a page of before does not ask
		n, err := strconv.Atoi(typed)
		if err != nil || n < 1 || n > allocation.MostKeys {
			f.Reject("keys", sale.ErrKeys.Key)
		}
		h.Keys = n
	}
	if faults := f.Text("faults"); faults != "" {
		h.Faults = strings.Split(faults, "\n")
	}
	if f.SentPhotos() > allocation.MostHandPhotos {
		f.Reject("photo", sale.ErrPhotos.Key)
		return h, nil
	}
	var err error
	h.Photos, err = f.Photos(allocation.MostHandPhotos)
	return h, err
}

func (h *Handlers) handoverAgain(c echo.Context, s site, f *web.Form, a web.Refusal) error {
	p, err := h.handoverPage(c, s, f.Value("code"))
	if err != nil {
		return err
	}
	p.Errors, p.Problem, p.Odometer = f.Errors(), p.Sentence(a.Key), f.Value("odometer")
	p.All, p.OnPaper = slices.Contains(f.Values("checks"), allSeen), f.Has("on_paper")
	p.Keys, p.Faults = f.Value("keys"), f.Text("faults")
	for i := range p.Given {
		p.Given[i].Done = slices.Contains(f.Values("given"), p.Given[i].Code)
	}
	for i := range p.Items {
		p.Items[i].Done = slices.Contains(f.Values("checks"), p.Items[i].Code)
	}
	return h.kit.Show(c, a.Status, "dealer/handover", p)
}

// allSeen stands for all checks: who has looked at everything together with the buyer ticks once.
const allSeen = "all"

// seen are the checks that a form ticks.
func (s site) seen(f *web.Form) []string {
	made := f.Values("checks")
	if slices.Contains(made, allSeen) {
		return s.kind.HandoverChecks
	}
	return made
}

// Together says in one line what one tick confirms.
func (p *HandoverPage) Together() string {
	var out []string
	for _, x := range p.Items {
		out = append(out, p.T("handover."+x.Code))
	}
	return p.P.Series(out)
}

// Apart tells whether the checks were ticked one by one.
func (p *HandoverPage) Apart() bool { return p.Done() > 0 && !p.All }

// Opened tells whether the rest of the record lies open: when something of it was refused, or is not as usual. Keys and
// papers are never in it: they are recorded as they stand, so whoever confirms has them before his eyes.
func (p *HandoverPage) Opened() bool {
	for _, f := range []string{"faults", "photo"} {
		if p.Errors.Of(f) != "" {
			return true
		}
	}
	return p.Faults != "" || p.OnPaper
}

// whole is a distance in metres that the market's unit shows as the whole figure which was typed: it is
// kept in whole kilometres, and 11 miles come back as 11 and not as 11.2.
func (s site) whole(km int) int64 {
	if s.unit() != i18n.Miles {
		return int64(km) * 1000
	}
	miles := (int64(km)*1_000_000 + 804_672) / 1_609_344
	return miles * 1_609_344 / 1000
}

// odometerWrong says what an odometer may show: little on a new car, anything on another.
func (s site) odometerWrong() string {
	if s.kind.MostKm > 0 {
		return "dealer.odometer_wrong"
	}
	return "dealer.odometer_any"
}

// groupedKm is a number in groups of three, as the pages and an odometer's photo in a listing show it.
var groupedKm = regexp.MustCompile("^[0-9]{1,3}([.,' \u00a0\u202f\u2019][0-9]{3})+$")

// readKm reads whole kilometres or miles of any car and gives kilometres.
func readKm(typed string, unit i18n.Unit) (int, bool) {
	typed = strings.TrimSpace(strings.TrimSuffix(strings.ToLower(typed), string(unit)))
	if groupedKm.MatchString(typed) {
		typed = strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, typed)
	}
	if !web.Digits(typed) || len(typed) > 6 {
		return 0, false
	}
	n, _ := strconv.Atoi(typed)
	if unit == i18n.Miles {
		n = market.MilesToKm(n)
	}
	return n, true
}

// papers are what the buyer brings, in the portal's language.
func papers(m *market.Market) []string {
	var out []string
	for _, p := range m.SayAll(m.Papers, m.Language()) {
		out = append(out, p.Text)
	}
	return out
}
