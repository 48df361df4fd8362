package manager

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"forecourt/internal/identity"
	"forecourt/internal/insight"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/timemachine"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const clockPath = "/manager/clock"

// clockRefresh is after how many seconds the browser asks again while a jump is walked; jumpsShown is how many are listed.
const (
	clockRefresh = 2
	jumpsShown   = 10
)

// ClockPage moves the demo's clock.
type ClockPage struct {
	web.Base
	Errors   web.FieldErrors
	Problem  string // why nothing was done
	Now      string
	ZoneName string
	Moving   *Moving // nil when the clock stands where it was brought to
	Nears    []Stretch
	Length   string // as it was typed
	Units    []Option
	Jumps    []JumpRow
}

// Moving is a jump that is walked.
type Moving struct {
	Walked, By int // hours
	Said       string
}

// Stretch is a button.
type Stretch struct{ Value, Label string }

// Heads are the names of the figures.
func (p *ClockPage) Heads() []string {
	var out []string
	for _, f := range p.Jumps[0].Facts {
		out = append(out, f.Label)
	}
	return out
}

// JumpRow is one jump and what happened in it, in the reader's markets.
type JumpRow struct {
	By, Way, Who string
	Facts        []Fact
}

// TurnClock adds the page that moves the clock; nil, as everywhere but in a demo, leaves it out.
func (s *Surface) TurnClock(m *timemachine.Machine) *Surface {
	s.time = m
	return s
}

// clockRoutes are there in a demo only.
func (s *Surface) clockRoutes() []web.Route {
	if s.time == nil {
		return nil
	}
	return []web.Route{web.GET(clockPath, identity.ManagerClock, s.showClock), web.POST(clockPath, identity.ManagerClock, s.moveClock)}
}

func (s *Surface) showClock(c echo.Context) error {
	return s.answerClock(c, http.StatusOK, &ClockPage{})
}

// near are the buttons, in hours.
var near = []int{1, 6, 24, 168}

func (s *Surface) answerClock(c echo.Context, status int, p *ClockPage) error {
	if err := s.time.Refresh(c.Request().Context()); err != nil { // another instance may have walked on
		return err
	}
	r := s.reader(c)
	p.Base = s.base(c, clockPath, "manager.clock.title")
	p.Now, p.ZoneName = p.DateTime(s.kit.DB.Clock.Now()), "UTC"
	if p.Zone != nil {
		p.ZoneName = p.Zone.String()
	}
	for _, h := range near {
		p.Nears = append(p.Nears, Stretch{strconv.Itoa(h), p.Stretch(time.Duration(h) * time.Hour)})
	}
	if len(p.Units) == 0 {
		p.units("days")
	}
	jumps, err := timemachine.Last(s.kit.DB.Read(c.Request().Context()), jumpsShown)
	if err != nil {
		return err
	}
	if len(jumps) > 0 && jumps[0].Open() {
		p.move(jumps[0])
		c.Response().Header().Set("Refresh", strconv.Itoa(clockRefresh)+"; url="+clockPath)
	}
	if err := s.fillJumps(c, p, r, jumps); err != nil {
		return err
	}
	return s.kit.Show(c, status, "manager/clock", p)
}

func (p *ClockPage) units(chosen string) {
	for _, u := range []string{"hours", "days"} {
		p.Units = append(p.Units, Option{Value: u, Label: p.T("manager.clock." + u), Selected: u == chosen})
	}
}

func (p *ClockPage) move(j timemachine.Jump) {
	p.Moving = &Moving{Walked: int(j.Walked.Hours()), By: int(j.By.Hours() + .999),
		Said: p.T("manager.clock.walked", "Walked", p.Stretch(j.Walked), "By", p.Stretch(j.By))}
}

func (s *Surface) fillJumps(c echo.Context, p *ClockPage, r reader, jumps []timemachine.Jump) error {
	g := s.kit.DB.Read(c.Request().Context())
	who := make([]string, len(jumps))
	for i, j := range jumps {
		who[i] = strings.TrimPrefix(j.Who, "staff:")
	}
	names, err := insight.Names(g, who)
	if err != nil {
		return err
	}
	for i, j := range jumps {
		to := j.To
		if j.Open() {
			to = s.kit.DB.Clock.Now()
		}
		passed, err := insight.PassedIn(g, r.codes(), j.From, to)
		if err != nil {
			return err
		}
		p.Jumps = append(p.Jumps, p.jump(j, to, names[who[i]], passed))
	}
	return nil
}

func (p *ClockPage) jump(j timemachine.Jump, to time.Time, name string, n insight.Passed) JumpRow {
	row := JumpRow{By: p.Stretch(j.By), Way: p.T("manager.clock.way", "From", p.DateTime(j.From), "To", p.DateTime(to)), Who: name}
	if name == "" {
		row.Who = p.T("manager.actor.system")
	}
	for _, f := range []struct {
		key string
		n   int
	}{{"letters", n.Letters}, {"reminded", n.Reminded}, {"lapsed", n.Lapsed}, {"holds", n.Holds}, {"released", n.Released}, {"refunded", n.Refunded}} {
		row.Facts = append(row.Facts, Fact{p.T("manager.clock.passed." + f.key), p.P.Int(int64(f.n))})
	}
	return row
}

// turner is who moves the clock.
func (s *Surface) turner(c echo.Context) (identity.User, error) {
	u, ok := web.User(c)
	if !ok {
		return u, web.ErrSignIn
	}
	return u, nil
}

// moveClock asks for a jump, once, however often the form comes.
func (s *Surface) moveClock(c echo.Context) error {
	return web.Post(s.kit, c, s.turner, func(u identity.User, f *web.Form) (web.Act, error) {
		by := clockDistance(f)
		return web.Act{Name: "clock.jump", Fields: map[string]string{timemachine.ErrDistance.Key: "length"}, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return clockPath, s.time.AskTx(ctx, tx, "staff:"+string(u.ID), by)
		}, Again: func(r web.Refusal) error {
			p := &ClockPage{Base: s.base(c, clockPath, "manager.clock.title"), Errors: f.Errors(), Length: f.Value("length")}
			p.Problem = p.Sentence(r.Key)
			p.units(f.Value("unit"))
			return s.answerClock(c, r.Status, p)
		}}, nil
	})
}

// clockDistance reads how far to go: a button's hours, or what was typed with its unit.
func clockDistance(f *web.Form) time.Duration {
	text, unit := f.Value("near"), time.Hour
	if text == "" {
		text = f.Value("length")
		if f.Value("unit") == "days" {
			unit = 24 * time.Hour
		}
	}
	n, err := strconv.Atoi(text)
	if most := int(timemachine.Most / unit); err != nil || n < 1 || n > most {
		f.Reject("length", timemachine.ErrDistance.Key)
		return 0
	}
	return time.Duration(n) * unit
}

// sampleClock is invented, for the test that checks all templates against their structs.
func sampleClock() *ClockPage {
	p := &ClockPage{Base: sampleBase(), Problem: "wrong", Now: "today", ZoneName: "UTC", Length: "x", Nears: []Stretch{{"1", "1 hour"}}}
	p.units("days")
	j := timemachine.Jump{By: 72 * time.Hour, Walked: 30 * time.Hour, From: time.Unix(1e9, 0)}
	p.move(j)
	p.Jumps = []JumpRow{p.jump(j, time.Unix(1e9+3600, 0), "Harriet", insight.Passed{Letters: 3})}
	return p
}
