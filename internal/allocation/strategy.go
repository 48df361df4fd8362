package allocation

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/market"
)

// Strategy is a way to choose among dealers whom the buyer did not name.
type Strategy string

// The strategies. Named is none of a market's: the buyer's own list decides.
const (
	Named      Strategy = "named"
	Nearest    Strategy = "nearest"     // the shortest way for the buyer
	Capacity   Strategy = "capacity"    // the fewest open orders for each handover bay
	RoundRobin Strategy = "round_robin" // the longest without an offer
	Balance    Strategy = "balance"     // the orders in hand last the fewest days at the pace of late
	Record     Strategy = "record"      // drawn, the better the record of answers the likelier
)

// Windows of the figures.
const (
	PaceDays   = 28 // handovers counted for the pace
	RecordDays = 90 // answers counted for the record
)

// UnknownWay is the distance to a buyer whose place nobody knows.
const UnknownWay int64 = -1

// Candidate is a dealer that could be asked, with the figures that strategies look at.
type Candidate struct {
	Dealer     id.Dealer
	Metres     int64 // as the crow flies from the middle of the buyer's town or postcode area; UnknownWay
	Bays       int
	Open       int       // orders offered to it or accepted and not handed over
	HandedOver int       // in the last PaceDays
	Answered   int       // offers accepted or declined in the last RecordDays
	Accepted   int       // of them
	Silent     int       // offers let pass in the last RecordDays
	LastOffer  time.Time // zero when it never had one
	Out        Out       // why it can not be asked; empty when it can
}

// Out is why a dealer was not in question.
type Out string

// The reasons.
const (
	OutAsked Out = "asked" // had this order before
	OutFar   Out = "far"   // beyond the rule's reach
	OutGone  Out = "gone"  // takes no part any more
	OutLate  Out = "late"  // could not answer in time: the card's reservation ends
)

// Ranked is a candidate with what the strategy made of it: the lower the score the earlier it is asked. What the
// score counts is the strategy's: metres, open orders for a thousand bays, seconds since 1970 of the last offer,
// tenths of days, or, negative, the weight in the draw.
type Ranked struct {
	Candidate
	Score int64
}

// Decision is who is asked, and everything that led to it.
type Decision struct {
	Version  string // of the rule
	Strategy Strategy
	Ranked   []Ranked // who could be asked first to last, then who could not
	Draw     int64    // what was drawn, with record; of Weights
	Weights  int64    // sum of all weights
	Buyer    bool     // the buyer chose this dealer on the order's page
	Office   bool     // the country's office ordered it, and the buyer said yes
}

// Chosen is who is asked; false when nobody can be.
func (d Decision) Chosen() (id.Dealer, bool) {
	if len(d.Ranked) == 0 || d.Ranked[0].Out != "" {
		return "", false
	}
	return d.Ranked[0].Dealer, true
}

// Decide ranks candidates by a rule. It is a pure function: the same order, round and figures give the same decision
// on every machine, whatever the order of the candidates. Ties go to the shorter way, then to the code that
// sorts first. seed names what is decided ("<order>/<round>"); only Record draws by it.
func Decide(rule market.Allocation, seed string, cs []Candidate) Decision {
	d := Decision{Version: rule.Version, Strategy: Strategy(rule.Strategy)}
	for _, c := range cs {
		if c.Out == "" && rule.ReachKm > 0 && c.Metres > int64(rule.ReachKm)*1000 {
			c.Out = OutFar
		}
		d.Ranked = append(d.Ranked, Ranked{c, score(d.Strategy, c)})
	}
	slices.SortFunc(d.Ranked, before)
	if d.Strategy == Record {
		d.draw(seed)
	}
	return d
}

// ByList is the decision of the buyer's own list: the first who can be asked is asked.
func ByList(version string, cs []Candidate) Decision {
	d := Decision{Version: version, Strategy: Named}
	for i, c := range cs {
		d.Ranked = append(d.Ranked, Ranked{c, int64(i)})
	}
	slices.SortStableFunc(d.Ranked, func(a, b Ranked) int { return cmp.Compare(outLast(a), outLast(b)) })
	return d
}

// ByBuyer is the decision of a buyer who chose this dealer on the order's page.
func ByBuyer(d id.Dealer) Decision {
	return Decision{Strategy: Named, Buyer: true, Ranked: []Ranked{{Candidate: Candidate{Dealer: d, Metres: UnknownWay}}}}
}

// ByOffice is the decision of the country's office that this dealer takes an order over, with the buyer's yes.
func ByOffice(d id.Dealer) Decision {
	out := ByBuyer(d)
	out.Buyer, out.Office = false, true
	return out
}

func outLast(r Ranked) int {
	if r.Out != "" {
		return 1
	}
	return 0
}

// before sorts by who can, score, way and code, so that no two dealers are ever equal.
func before(a, b Ranked) int {
	return cmp.Or(cmp.Compare(outLast(a), outLast(b)), cmp.Compare(a.Score, b.Score), cmp.Compare(way(a.Metres), way(b.Metres)), cmp.Compare(a.Dealer, b.Dealer))
}

// way makes an unknown way the longest.
func way(metres int64) int64 {
	if metres < 0 {
		return 1 << 40
	}
	return metres
}

func score(s Strategy, c Candidate) int64 {
	switch s {
	case Capacity:
		return int64(c.Open) * 1000 / int64(max(1, c.Bays))
	case RoundRobin:
		if c.LastOffer.IsZero() {
			return 0
		}
		return c.LastOffer.Unix()
	case Balance:
		return c.SupplyTenths()
	case Record:
		return -c.Weight()
	}
	return way(c.Metres)
}

// SupplyTenths is how long the open orders last at the pace of late, in tenths of days. A dealer that has handed
// nothing over counts as one with half a car, so that a new one has a pace too.
func (c Candidate) SupplyTenths() int64 {
	return int64(c.Open) * PaceDays * 10 * 2 / int64(2*c.HandedOver+1)
}

// Weight is the share of a dealer in a draw by record.
func (c Candidate) Weight() int64 {
	return Answers{Answered: c.Answered, Accepted: c.Accepted, Silent: c.Silent}.Weight()
}

// draw moves to the front whom the seed hits, each as likely as its weight says.
func (d *Decision) draw(seed string) {
	for _, r := range d.Ranked {
		if r.Out == "" {
			d.Weights -= r.Score
		}
	}
	if d.Weights <= 0 {
		return
	}
	h := sha256.Sum256([]byte(seed))
	d.Draw = int64(binary.BigEndian.Uint64(h[:8]) % uint64(d.Weights))
	sum := int64(0)
	for i, r := range d.Ranked {
		if sum -= r.Score; d.Draw < sum {
			d.Ranked = slices.Insert(slices.Delete(d.Ranked, i, i+1), 0, r)
			return
		}
	}
}
