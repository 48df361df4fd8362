package id

// Codes chosen by people; lower case, stable, safe in URLs.
type (
	Brand   string // "dacia"
	Market  string // ISO 3166 two letters, lower case: "gb"
	Model   string // "duster"
	Feature string // one choice of a range: "tce130"
	Dealer  string // "gb-leeds-northgate"
	Group   string // of dealers: "gb-pennine"; a dealer in none is one under its own code
	Flow    string // "new", "used", "service"
)

// The three flows. Only a flow's own folder and pages name one; everybody else takes them as they come.
const (
	FlowNew     Flow = "new"
	FlowUsed    Flow = "used"
	FlowService Flow = "service"
)

// Flows are what the files of markets and dealers may speak of, in the order in which people read them.
var Flows = []Flow{FlowNew, FlowUsed, FlowService}

// Keys made here; UUIDv7 text, so that they sort by time.
type (
	Order       string
	Payment     string
	Buyer       string
	User        string
	QueueEntry  string
	Exchange    string // an offer for a buyer's own car
	Draft       string
	Appointment string
	Link        string
	APIClient   string
	Invitation  string
	Reset       string // of a colleague's sign-in
	Membership  string // of a dealer in a pilot
	Report      string
	Document    string
	Transfer    string
	Finding     string
	Part        string
	Request     string
	View        string
	Hook        string // an address of a dealer's system
	Event       string // as such a system is told of it
	Desk        string // of a basket that a dealer sees
	Hold        string // of a used car, or a place in the line for it
	Search      string // of used cars, whose reader is told what is new
	Alert       string // a letter to such a reader
	UsedPhoto   string // of a used car
	Vehicle     string // a car in use, whoever keeps it
	Keeper      string // somebody's time with a vehicle
	Garage      string // one person's vehicles in a market
	Warning     string // of what a car says of itself
	Grant       string // to read what a car says
	Booking     string // of a workshop for a visit
	Wait        string // a place in the line for an earlier slot
	Contract    string // a service plan that a car has
)

// StockCar is the pipeline number of a new car that exists or is being built: "P-7K2M9X".
type StockCar string

// UsedCar is the number of a used car that a dealer offers: "U-7K2M9X".
type UsedCar string

// BuildCode is the short code of a saved configuration without its dash: "K7QF3M2P".
type BuildCode string
