package manager

import (
	"context"
	"slices"
	"strings"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/money"
	"forecourt/internal/usedcars"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const usedPath = "/manager/used"

// usedLimit bounds the lists of the page.
const usedLimit = 50

// UsedPage is the desk for used cars: an agent finds one for a customer on the telephone, holds it for him, and lets it go. The
// office sees besides which cars between two sites are overdue.
type UsedPage struct {
	web.Base
	Asked  string
	Found  []UsedRow // nil while nothing is asked
	None   bool      // nothing was found
	Held   []UsedRow // by agents, for customers who have not ordered yet
	Late   []LateMove
	Office bool
	Done   string
	Wrong  string // why the last act could not be done
	Errors web.FieldErrors
	Typed  UsedTyped
}

// UsedTyped is what was typed into a car's form.
type UsedTyped struct{ Car, Email string }

// UsedRow is one car.
type UsedRow struct {
	ID, Name, Facts, Site, Market string
	Price                         money.Money
	State                         Badge
	Until                         string // it is held
	By, For                       string // who holds it for whom
	Waiting                       string
	CanHold, CanRelease           bool
	URL                           string // in the shop
}

// LateMove is a car that was not sent or did not come in time.
type LateMove struct{ Number, Car, Task, Due string }

// SellUsed opens the desk for used cars.
func (s *Surface) SellUsed(u *usedcar.Service) *Surface {
	s.used = u
	return s
}

func (s *Surface) showUsed(c echo.Context) error {
	p, err := s.usedPage(c, web.CleanLine(c.QueryParam("q")))
	if err != nil {
		return err
	}
	if done := c.QueryParam("done"); done == "hold" || done == "release" {
		p.Done = p.T("used.desk.done." + done)
	}
	return s.kit.Show(c, 200, "manager/used", p)
}

// usedPage finds what was asked for: what is longer than any car's words is cut.
func (s *Surface) usedPage(c echo.Context, asked string) (*UsedPage, error) {
	if s.used == nil {
		return nil, web.ErrNotFound
	}
	r, ctx := s.reader(c), c.Request().Context()
	p := &UsedPage{Base: s.base(c, usedPath, "used.desk.title"), Asked: strings.ToValidUTF8(asked[:min(len(asked), 80)], ""), Office: r.May(identity.ManagerView)}
	var found []usedcars.OnDesk
	var err error
	if p.Asked != "" {
		if found, err = s.used.FindForDesk(ctx, r.office(), p.Asked); err != nil {
			return nil, err
		}
		p.None = len(found) == 0
	}
	held, err := usedcars.HeldForOthers(s.kit.DB.Read(ctx), r.codes(), usedLimit)
	if err != nil {
		return nil, err
	}
	names, err := s.agents(c, append(append([]usedcars.OnDesk(nil), found...), held...))
	if err != nil {
		return nil, err
	}
	for _, x := range found {
		p.Found = append(p.Found, s.usedRow(p, x, names))
	}
	for _, x := range held {
		p.Held = append(p.Held, s.usedRow(p, x, names))
	}
	if p.Office {
		err = s.lateMoves(c, p, r)
	}
	return p, err
}

// agents names who holds cars for customers.
func (s *Surface) agents(c echo.Context, list []usedcars.OnDesk) (map[id.User]string, error) {
	var who []id.User
	for _, x := range list {
		if x.By != "" {
			who = append(who, x.By)
		}
	}
	return identity.NamesOf(s.kit.DB.Read(c.Request().Context()), who...)
}

func (s *Surface) usedRow(p *UsedPage, x usedcars.OnDesk, names map[id.User]string) UsedRow {
	w := s.kit.World.Now()
	r := UsedRow{ID: string(x.ID), Name: x.Title() + " " + x.Version, Facts: strings.Join(slices.DeleteFunc([]string{x.Year(), p.T("used.fuel." + x.Fuel), x.Plate}, func(s string) bool { return s == "" }), ", "), Market: marketName(w, x.Market), Price: money.Of(x.PriceMinor, money.Currency(x.Currency)),
		State: Badge{Label: p.T("used.state." + string(x.State)), Tone: map[usedcars.State]string{usedcars.Listed: "good", usedcars.Sold: "info"}[x.State]}, By: names[x.By], For: x.Email,
		CanHold: x.State == usedcars.Listed, URL: "/" + string(x.Brand) + "/" + string(x.Market) + "/used/" + x.Slug()}
	if d, ok := w.Dealer(x.Dealer); ok {
		r.Site = d.Name
	}
	if !x.HeldUntil.IsZero() {
		r.Until = p.T("used.held_until", "Time", instant(p.Base, w, x.Market, x.HeldUntil))
	}
	if x.Waiting > 0 {
		r.Waiting = p.N("used.waiting", x.Waiting)
	}
	r.CanRelease = x.Holder == usedcars.Holding && (x.By != "" || p.Office) || x.Holder == usedcars.Offered && p.Office
	return r
}

func (s *Surface) lateMoves(c echo.Context, p *UsedPage, r reader) error {
	w := s.kit.World.Now()
	late, err := usedcars.LateTravels(s.kit.DB.Read(c.Request().Context()), r.codes(), s.kit.DB.Clock.Now(), usedLimit)
	for _, t := range late {
		p.Late = append(p.Late, LateMove{t.Number, t.Title() + " " + t.Version, p.T("used.desk.late_move", "From", siteName(w, t.From), "To", siteName(w, t.To)), instant(p.Base, w, t.Market, t.Due())})
	}
	return err
}

func (s *Surface) holdUsed(c echo.Context) error {
	return s.usedAct(c, "hold", func(f *web.Form) func(context.Context, *db.Tx, id.UsedCar) error {
		email := strings.ToLower(f.Value("email"))
		if !web.PlausibleEmail(email) {
			f.Reject("email", "checkout.error.email")
		}
		return func(ctx context.Context, tx *db.Tx, car id.UsedCar) error {
			_, err := s.used.HoldForTx(ctx, tx, s.reader(c).office(), car, email)
			return err
		}
	})
}

func (s *Surface) releaseUsed(c echo.Context) error {
	return s.usedAct(c, "release", func(*web.Form) func(context.Context, *db.Tx, id.UsedCar) error {
		return func(ctx context.Context, tx *db.Tx, car id.UsedCar) error {
			r := s.reader(c)
			return s.used.ReleaseForTx(ctx, tx, r.office(), car, r.May(identity.ManagerView))
		}
	})
}

// usedAct carries an act upon a car out once, or shows the page with why not, and with what became of the car meanwhile.
func (s *Surface) usedAct(c echo.Context, act string, plan func(f *web.Form) func(context.Context, *db.Tx, id.UsedCar) error) error {
	if s.used == nil {
		return web.ErrNotFound
	}
	car := id.UsedCar(c.Param("car"))
	if _, ok := usedcars.OfSlug("x-" + string(car)); !ok {
		return web.ErrNotFound
	}
	return web.Post(s.kit, c, func(echo.Context) (id.UsedCar, error) { return car, nil }, func(car id.UsedCar, f *web.Form) (web.Act, error) {
		do := plan(f)
		return web.Act{Name: "manager.used_" + act + " " + string(car), Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return usedPath + "?q=" + string(car) + "&done=" + act, do(ctx, tx, car)
		}, Again: func(r web.Refusal) error {
			p, err := s.usedPage(c, string(car))
			if err != nil {
				return err
			}
			p.Errors, p.Wrong, p.Typed = f.Errors(), p.Sentence(r.Key), UsedTyped{string(car), f.Value("email")}
			return s.kit.Show(c, r.Status, "manager/used", p)
		}}, nil
	})
}

// PagedRow is a row with its page, for the part that draws it.
type PagedRow struct {
	Page *UsedPage
	Row  UsedRow
}

// Rows pairs rows with their page. A car that is held stands in both lists; its form in the first alone.
func (p *UsedPage) Rows(list []UsedRow) []PagedRow {
	out := make([]PagedRow, 0, len(list))
	for _, r := range list {
		out = append(out, PagedRow{p, r})
	}
	return out
}

func sampleUsed() *UsedPage {
	row := UsedRow{ID: "U-7K2M9X", Name: "Renault Clio Techno", Facts: "2021, petrol", Site: "Leeds", Market: "United Kingdom", Price: money.Of(1299000, "GBP"), State: Badge{Label: "Held"}, Until: "until 12:00", By: "Sam", For: "priya@example.com", Waiting: "1 waits", CanRelease: true, URL: "/"}
	free := row
	free.ID, free.CanHold, free.By, free.CanRelease = "U-7K2M9Y", true, "", false
	return &UsedPage{Base: sampleBase(), Asked: "clio", Found: []UsedRow{free, row}, None: true, Held: []UsedRow{row}, Late: []LateMove{{"FC-7K3M-29QX", "Renault Clio", "from Leeds to York", "today"}}, Office: true, Done: "done", Wrong: "wrong",
		Errors: web.FieldErrors{Keys: map[string]string{"email": "checkout.error.email"}, Order: []string{"email"}}, Typed: UsedTyped{"U-7K2M9Y", "x"}}
}
