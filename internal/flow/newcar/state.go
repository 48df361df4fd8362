package newcar

import (
	"forecourt/internal/id"
	"forecourt/internal/ordering"
)

// A car from the factory passes all stages; one that exists skips those that it has behind it.
func init() {
	ordering.Declare(ordering.Machine{
		Flow: id.FlowNew,
		Edges: ordering.Edges{
			ordering.Offered:    {ordering.Revise: ordering.Offered},
			ordering.Accepted:   {ordering.Place: ordering.Ordered, ordering.Fetch: ordering.InTransit, ordering.Stand: ordering.Arrived, ordering.Revise: ordering.Accepted, ordering.PassOn: ordering.Accepted},
			ordering.Ordered:    {ordering.Build: ordering.Built, ordering.PassOn: ordering.Ordered},
			ordering.Built:      {ordering.Dispatch: ordering.InTransit, ordering.PassOn: ordering.Built},
			ordering.InTransit:  {ordering.Arrive: ordering.Arrived, ordering.CorrectCar: ordering.InTransit},
			ordering.Arrived:    {ordering.Prepare: ordering.Prepared, ordering.CorrectCar: ordering.Arrived},
			ordering.Ready:      {ordering.CorrectCar: ordering.Ready},
			ordering.HandedOver: {ordering.CorrectCar: ordering.HandedOver},
			ordering.Prepared:   {ordering.Release: ordering.Ready, ordering.CorrectCar: ordering.Prepared},
		},
		Stages: []ordering.State{ordering.Offered, ordering.Accepted, ordering.Ordered, ordering.Built, ordering.InTransit, ordering.Arrived,
			ordering.Prepared, ordering.Ready, ordering.HandedOver},
	})
}
