package signin

import (
	"context"
	"strings"

	"forecourt/internal/id"
	"forecourt/internal/identity"
	"forecourt/internal/insight"
	"forecourt/internal/market"
)

// DemoLogin is an account that is shown with its password and signs in with one click.
type DemoLogin struct {
	Email string
	Name  string
	Place string // its market or dealer
}

// DemoMarket groups the logins of a market's dealers.
type DemoMarket struct {
	Name   string
	Logins []DemoLogin
}

// addDemos lists the demo's logins: offices in the open, dealers by market.
func (s *Surface) addDemos(ctx context.Context, p *LoginPage) error {
	logins, err := insight.DemoLogins(s.kit.DB.Read(ctx))
	if err != nil {
		return err
	}
	w := s.kit.World.Now()
	groups := map[id.Market][]DemoLogin{}
	for _, l := range logins {
		d := DemoLogin{Email: l.Email, Name: l.Name}
		if dealer, ok := w.Dealer(l.Dealer); ok {
			d.Place = dealer.Name
			if dealer.Market == market.Smoke {
				continue
			}
			groups[dealer.Market] = append(groups[dealer.Market], d)
			continue
		}
		if l.Markets == string(market.Smoke) {
			continue // a machine's login, for the smoke test
		}
		d.Place = s.office(p, l)
		p.Offices = append(p.Offices, d)
	}
	for _, m := range w.Markets {
		if g := groups[m.Code]; len(g) > 0 {
			p.Dealers = append(p.Dealers, DemoMarket{Name: m.Name, Logins: g})
		}
	}
	if len(logins) > 0 {
		p.Password = identity.DemoPassword
	}
	return nil
}

func (s *Surface) office(p *LoginPage, l insight.DemoLogin) string {
	if l.Role == string(identity.RoleHQ) {
		return p.T("signin.office.hq")
	}
	var names []string
	for _, code := range strings.Split(l.Markets, ",") {
		if m, ok := s.kit.World.Now().Market(id.Market(code)); ok {
			names = append(names, m.Name)
		}
	}
	if l.Role == string(identity.RoleAgent) {
		return p.T("signin.office.agent", "Markets", p.P.List(names))
	}
	return p.T("signin.office.manager", "Markets", p.P.List(names))
}
