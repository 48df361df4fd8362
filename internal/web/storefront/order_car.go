package storefront

import (
	"forecourt/internal/ordering"
	"forecourt/internal/platform/carart"
	"forecourt/internal/web"
)

// OrderCar is the car as sold.
type OrderCar struct {
	Name, Version, Engine, Colour string
	Drawing                       carart.Spec
	Price                         PriceTable
}

func orderCar(b web.Base, o *openOrder) OrderCar {
	s := o.Snapshot
	c := OrderCar{Name: s.ModelName, Version: s.Version, Engine: s.Engine, Colour: s.Colour}
	c.Drawing = carart.Spec{Body: carart.Body(s.Body), Paint: carart.Paint{Hex: s.PaintHex, Finish: carart.Finish(s.Finish)}, Wheels: carart.Wheel(s.Wheels),
		Rails: s.Rails, TwoTone: s.TwoTone, Trim: carart.Trim(s.Trim), ID: "h", Label: b.T("order.drawing", "Model", s.ModelName, "Version", s.Version, "Colour", s.Colour)}
	c.Price = PriceTable{Total: o.Total(), VAT: s.Quote.VAT, Rate: b.P.Percent(s.Quote.VATRateBP), Proof: o.shop.proof(s.Quote)}
	for _, l := range s.Lines {
		line := PriceLine{Label: l.Label, Amount: l.Amount, Included: l.Included}
		switch l.Kind {
		case "fee":
			c.Price.Road = append(c.Price.Road, line)
		case "car":
			line.Label = s.ModelName + " " + l.Label
			fallthrough
		default:
			c.Price.Car = append(c.Price.Car, line)
		}
	}
	return c
}

// againURL opens the same build again, once an order is over; what was not built to order is sold only once.
func againURL(o *openOrder) string {
	if !o.State.Left() || o.Configuration == "" {
		return ""
	}
	return o.shop.path() + "/build/" + ordering.Pretty(o.Configuration)
}
