package usedcar

import (
	"forecourt/internal/id"
	"forecourt/internal/ordering"
)

// A used car stands at its dealer: it is prepared there, or brought to where its buyer wants to fetch it and prepared then.
func init() {
	ordering.Declare(ordering.Machine{
		Flow: id.FlowUsed,
		Edges: ordering.Edges{
			ordering.Accepted:  {ordering.Stand: ordering.Arrived, ordering.Fetch: ordering.InTransit},
			ordering.InTransit: {ordering.Arrive: ordering.Arrived},
			ordering.Arrived:   {ordering.Prepare: ordering.Prepared},
			ordering.Prepared:  {ordering.Release: ordering.Ready},
		},
		Stages: []ordering.State{ordering.Offered, ordering.Accepted, ordering.InTransit, ordering.Arrived, ordering.Prepared, ordering.Ready, ordering.HandedOver},
	})
}
