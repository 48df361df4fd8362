package storefront

import (
	"strconv"
	"time"

	"forecourt/internal/flow/usedcar"
	"forecourt/internal/id"
	"forecourt/internal/platform/money"
	"forecourt/internal/usedcars"
)

// UsedPlace is where a held car may be fetched, and what that adds to its price.
type UsedPlace struct {
	Options []Option    // the first is where it stands; none where no car is brought elsewhere
	Chosen  string      // code of the site; empty for where it stands
	Line    string      // what the fee is for
	Fee     money.Money // nothing where it stands
	By      string      // until when the car is there
	Taxed   bool        // the fee has VAT beside a car that shows none
}

// choosePlace lists the sites to which the car can be brought and lets the price follow the chosen one. A site to which it is
// not brought is told of and counts as none.
func (h *Handlers) choosePlace(p *HoldPage, s *shop, car *usedcars.Car, code string) {
	p.Total = p.Price
	if p.State != usedcars.Holding {
		return
	}
	sites := h.UsedCar.SitesFor(s.market, car, s.now)
	if len(sites) == 0 {
		return
	}
	here := ""
	if p.Dealer != nil {
		here = p.Dealer.Name
	}
	p.Pickup.Options = []Option{{"", p.T("used.move.here", "Site", here), code == ""}}
	for _, x := range sites {
		on := string(x.Code) == code
		p.Pickup.Options = append(p.Pickup.Options, Option{string(x.Code), p.T("used.move.site", "Site", x.Name, "Distance", p.Distance(x.Metres), "Fee", p.MoneyShort(s.market.Amount(x.FeeMinor)), "Day", placeDay(p, x)), on})
		if on {
			p.takePlace(s, car, x)
		}
	}
	if code != "" && p.Pickup.Chosen == "" && id.Dealer(code) != car.Dealer {
		p.Notice = p.Sentence(usedcar.ErrNoMove.Key)
	}
}

func placeDay(p *HoldPage, x usedcar.Site) string {
	return p.DateShort(x.On.Time(time.UTC).Add(12 * time.Hour))
}

func (p *HoldPage) takePlace(s *shop, car *usedcars.Car, x usedcar.Site) {
	p.Pickup.Chosen, p.Pickup.By, p.Pickup.Fee = string(x.Code), placeDay(p, x), s.market.Amount(x.FeeMinor)
	p.Pickup.Line, p.Pickup.Taxed = p.T("used.move.line", "Site", x.Name), car.VAT == usedcars.Margin && x.FeeMinor > 0
	p.Total = p.Price.Add(p.Pickup.Fee)
	p.Balance, p.Seen = p.Total.Sub(p.Deposit), strconv.FormatInt(p.Total.Minor, 10)
	p.Leave = foreseen(p.Base, s, p.Deposit, p.Total, p.TakenNow)
}
