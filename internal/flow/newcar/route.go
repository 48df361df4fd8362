package newcar

import (
	"forecourt/internal/allocation"
	"forecourt/internal/market"
	"forecourt/internal/ordering"
)

// routeOf is the way that an order has before it.
func routeOf(o *ordering.Order) allocation.Route {
	r := allocation.Route{Here: string(o.State), Weeks: [2]int{o.Snapshot.WeeksFrom, o.Snapshot.WeeksTo}}
	if c := o.Snapshot.Stock; c != nil {
		r.CarDay = market.DateOf(c.ReadyAt(o.Dealer))
	}
	behind := true
	for _, st := range o.Steps() {
		switch {
		case st == o.State:
			behind = false
		case st == ordering.Ready:
			return r
		case !behind:
			r.Left = append(r.Left, string(st))
		}
	}
	return r
}
