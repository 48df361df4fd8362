package connected

// State is where a warning stands.
type State string

// The states of a warning.
const (
	Raised  State = "raised"  // its keeper's page shows it
	Offered State = "offered" // somebody made an offer for it, which its notice will carry
	Told    State = "told"    // the notices are on their way
	Taken   State = "taken"   // the keeper took the offer
	Cleared State = "cleared" // its cause is gone, or the keeper wants to hear no more of it
	Expired State = "expired" // by age, or with its keeper
)

// Edge is one allowed step of a warning.
type Edge struct{ From, To State }

// Edges is the machine of a warning. An offer may come before the keeper is told, or later.
var Edges = []Edge{
	{"", Raised},
	{Raised, Offered}, {Raised, Told}, {Raised, Cleared}, {Raised, Expired},
	{Offered, Told}, {Offered, Taken}, {Offered, Cleared}, {Offered, Expired},
	{Told, Offered}, {Told, Taken}, {Told, Cleared}, {Told, Expired},
	{Taken, Cleared}, {Taken, Expired},
}

// Final tells whether a warning in this state is over.
func (s State) Final() bool { return s == Cleared || s == Expired }

func mayMove(from, to State) bool {
	for _, e := range Edges {
		if e == (Edge{from, to}) {
			return true
		}
	}
	return false
}
