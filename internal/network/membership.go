package network

import (
	"crypto/sha256"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
)

// NoticeDays is how long before a dealer leaves a pilot it says so.
const NoticeDays = 30

// TermsVersion names the text that a dealer signs to join a pilot; it changes with the words of site.pilot.terms.
const TermsVersion = "2026-12"

// onPaper is the version of those who signed before there was a page for it.
const onPaper = "paper"

// Faults of memberships.
var (
	ErrNotInvited = fault.New(fault.NotFound, "fault.not_found", "network.Join")
	ErrJoined     = fault.New(fault.Conflict, "pilot.joined", "network.Join")
	ErrTerms      = fault.New(fault.Conflict, "pilot.terms_changed", "network.Join")
	ErrName       = fault.New(fault.Invalid, "pilot.name", "network.Join")
	ErrNotMember  = fault.New(fault.Conflict, "pilot.not_member", "network.Leave")
)

// Membership is a dealer's part in a brand's pilot: signed, and ended with notice.
type Membership struct {
	ID       id.Membership
	Dealer   id.Dealer
	Market   id.Market
	Brand    id.Brand
	Flow     id.Flow
	Terms    string
	Lang     string
	Text     [sha256.Size]byte // hash of the text as it was shown
	Name     string
	By       string // actor
	At       time.Time
	Record   [sha256.Size]byte
	LeavesOn market.Date // empty without notice
}

// OnPaper tells that the dealer signed before there was a page for it.
func (m Membership) OnPaper() bool { return m.Terms == onPaper }

// Sign binds name and time to the text that was shown.
func (m *Membership) Sign(text string) error {
	m.Name = strings.TrimSpace(m.Name)
	if n := utf8.RuneCountInString(m.Name); n < 3 || n > 100 {
		return ErrName
	}
	m.At = m.At.UTC().Truncate(time.Microsecond) // as the database keeps it
	m.Text = sha256.Sum256([]byte(text))
	m.Record = m.record()
	return nil
}

// Holds tells whether nothing of what was signed was changed since.
func (m Membership) Holds() bool { return m.OnPaper() || m.Record == m.record() }

func (m Membership) record() [sha256.Size]byte {
	doc, _ := json.Marshal([]any{m.ID, m.Dealer, m.Brand, m.Flow, m.Terms, m.Lang, m.Text, m.Name, m.By, m.At.UTC()})
	return sha256.Sum256(doc)
}

// Offered tells whether the dealer's contract allows it to sell a brand's flow: it does, or may join.
func (d *Dealer) Offered(b id.Brand, f id.Flow) bool {
	for _, list := range []map[id.Brand][]id.Flow{d.Takes, d.Invited} {
		for _, x := range list[b] {
			if x == f {
				return true
			}
		}
	}
	return false
}

// Selling is the dealer with those flows that it has joined and that its contract allows. The dealer itself is
// not changed.
func (d *Dealer) Selling(joined []Membership) *Dealer {
	out := *d
	out.Takes = map[id.Brand][]id.Flow{}
	for _, m := range joined {
		if d.Offered(m.Brand, m.Flow) {
			out.Takes[m.Brand] = append(out.Takes[m.Brand], m.Flow)
		}
	}
	return &out
}

// sells tells whether both sell the same.
func (d *Dealer) sells(x *Dealer) bool {
	n := func(d *Dealer) (n int) {
		for _, fs := range d.Takes {
			n += len(fs)
		}
		return n
	}
	for b, fs := range d.Takes {
		for _, f := range fs {
			if !x.TakesPart(b, f) {
				return false
			}
		}
	}
	return n(d) == n(x)
}

// SellsLike tells whether joining and leaving changed nothing of what the file says.
func (d *Dealer) SellsLike(x *Dealer) bool { return d.sells(x) && x.sells(d) }
