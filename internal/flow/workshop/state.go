package workshop

import (
	"forecourt/internal/id"
	"forecourt/internal/ordering"
)

// A car is brought, worked at and fetched. What is ordered may be moved until the car comes, and grow until it is ready.
func init() {
	ordering.Declare(ordering.Machine{
		Flow: id.FlowService,
		Edges: ordering.Edges{
			ordering.Accepted: {ordering.Arrive: ordering.Arrived, ordering.Revise: ordering.Accepted},
			ordering.Arrived:  {ordering.Release: ordering.Ready, ordering.Revise: ordering.Arrived},
		},
		Stages: []ordering.State{ordering.Offered, ordering.Accepted, ordering.Arrived, ordering.Ready, ordering.HandedOver},
	})
}
