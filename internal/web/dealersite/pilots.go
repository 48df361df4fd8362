package dealersite

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/flow/membership"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/db"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

// PilotsPage is in which pilots the site takes part, what it may join, and how it leaves.
type PilotsPage struct {
	Page
	Joined  []PilotLine
	Open    []PilotLine
	Terms   []string // what is signed, as paragraphs
	Version string
	Name    string
	Agreed  bool
	Chosen  string // what somebody was about to join
}

// PilotLine is a brand's flow.
type PilotLine struct {
	Value, Label string // "renault/new"
	Since, By    string // who signed; empty for one on paper
	Seal         string // the beginning of the record's hash
	LeavesOn     string // empty without notice
	Would        string // the last day when notice is given today
	Offered      int
	Accepted     int
}

// terms is what is signed: the paragraphs of the page, in the reader's language.
func terms(b web.Base) []string {
	return []string{b.T("site.pilot.terms.1"), b.T("site.pilot.terms.2"), b.T("site.pilot.terms.3"), b.T("site.pilot.terms.4", "Days", network.NoticeDays), b.T("site.pilot.terms.5")}
}

func (h *Handlers) pilotsPage(c echo.Context, d desk) (*PilotsPage, error) {
	ctx := c.Request().Context()
	p := &PilotsPage{Page: h.page(c, d, "site.pilot.title", "calendar"), Version: network.TermsVersion}
	p.Terms = terms(p.Base)
	file, ok := d.world.FileOf(d.site.Code)
	if !ok {
		return nil, web.ErrForbidden
	}
	joined, err := network.MembersAt(h.kit.DB.Read(ctx), d.site.Code)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, m := range joined {
		l := PilotLine{Value: string(m.Brand) + "/" + string(m.Flow), Label: h.pilot(p.Base, d, m.Brand, m.Flow), Would: p.day(membership.LeavesOn(d.site, h.kit.DB.Clock.Now()))}
		has[l.Value] = true
		if !m.OnPaper() {
			l.Since, l.By, l.Seal = p.DateTime(m.At), m.Name, hex.EncodeToString(m.Record[:6])
		}
		if m.LeavesOn != "" {
			l.LeavesOn = p.day(m.LeavesOn)
		}
		if l.Offered, l.Accepted, err = allocation.OpenAt(h.kit.DB.Read(ctx), d.site.Code, m.Brand, m.Flow); err != nil {
			return nil, err
		}
		p.Joined = append(p.Joined, l)
	}
	for _, b := range d.world.Brands {
		for _, f := range id.Flows {
			if v := string(b.Code) + "/" + string(f); !has[v] && file.Offered(b.Code, f) {
				p.Open = append(p.Open, PilotLine{Value: v, Label: h.pilot(p.Base, d, b.Code, f)})
			}
		}
	}
	return p, nil
}

func (p *PilotsPage) day(d market.Date) string { return p.P.Date(d.Time(time.UTC).Add(12 * time.Hour)) }

func (h *Handlers) pilot(b web.Base, d desk, brand id.Brand, f id.Flow) string {
	name := string(brand)
	if x, ok := d.world.Brand(brand); ok {
		name = x.Name
	}
	return b.Pair(name, b.T("site.pilot.flow."+string(f)))
}

func (h *Handlers) showPilots(c echo.Context) error {
	return web.View(h.kit, c, h.deskOf, "dealer/pilots", h.pilotsPage)
}

// joinPilot signs: version and words of the text, name, time.
func (h *Handlers) joinPilot(c echo.Context) error {
	return h.pilotAct(c, "joined", func(f *web.Form) {
		if !f.Has("agree") {
			f.Reject("agree", "pilot.agree")
		}
		if f.Value("name") == "" {
			f.Reject("name", network.ErrName.Key)
		}
	}, func(ctx context.Context, tx *db.Tx, d desk, p *PilotsPage, b id.Brand, fl id.Flow, f *web.Form) error {
		return h.pilots.JoinTx(ctx, tx, d.user, d.site.Code, membership.Signature{Brand: b, Flow: fl, Terms: f.Value("terms"), Lang: p.P.Lang(), Text: strings.Join(p.Terms, "\n"), Name: f.Value("name")})
	})
}

func (h *Handlers) leavePilot(c echo.Context) error {
	return h.pilotAct(c, "notice", func(*web.Form) {}, func(ctx context.Context, tx *db.Tx, d desk, _ *PilotsPage, b id.Brand, fl id.Flow, _ *web.Form) error {
		return h.pilots.NoticeTx(ctx, tx, d.user, d.site.Code, b, fl)
	})
}

func (h *Handlers) pilotAct(c echo.Context, done string, check func(f *web.Form),
	do func(ctx context.Context, tx *db.Tx, d desk, p *PilotsPage, b id.Brand, fl id.Flow, f *web.Form) error) error {
	return web.Post(h.kit, c, h.deskOf, func(d desk, f *web.Form) (web.Act, error) {
		brand, flow, ok := strings.Cut(f.Value("pilot"), "/")
		if f.Value("site") != string(d.site.Code) || !ok {
			return web.Act{}, web.ErrNotFound
		}
		p, err := h.pilotsPage(c, d)
		check(f)
		return web.Act{Name: "pilot." + done + " " + string(d.site.Code), Fields: map[string]string{network.ErrName.Key: "name"}, Do: func(ctx context.Context, tx *db.Tx) (string, error) {
			return pilotsPath + "?done=" + done, do(ctx, tx, d, p, id.Brand(brand), id.Flow(flow), f)
		}, Done: func() error { return h.kit.World.Refresh(c.Request().Context()) }, Again: func(r web.Refusal) error {
			p.Errors, p.Problem, p.Name, p.Agreed, p.Chosen = f.Errors(), p.Sentence(r.Key), f.Value("name"), f.Has("agree"), f.Value("pilot")
			return h.kit.Show(c, r.Status, "dealer/pilots", p)
		}}, err
	})
}
