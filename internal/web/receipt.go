package web

import (
	"encoding/hex"
	"strconv"
	"time"

	"forecourt/internal/allocation"
	"forecourt/internal/id"
)

// Receipt is why an order stands with its dealer, as everybody reads it: the buyer, the dealers who were asked, the
// country and the head office. Only what is private to a dealer (its figures, its reasons) differs.
type Receipt struct {
	Number string
	Steps  []ReceiptStep
	Whole  bool   // the chain is unbroken
	Last   string // its last hash: the same on every page
}

// ReceiptStep is one step, in words.
type ReceiptStep struct {
	Seq        int
	When       string
	What       string
	Why        []string
	Candidates []ReceiptCandidate
	LeftOut    string
	Hash       string
}

// ReceiptCandidate is a dealer that was in question.
type ReceiptCandidate struct {
	Name, Way, Figures, Result string
	Asked                      bool
}

// ReceiptReader is who reads. The names of dealers, the way to them and the order in which they were asked are everybody's;
// the figures of a dealer's work are its own, the country's and the head office's; the reason of a no is the buyer's too.
type ReceiptReader struct {
	Buyer  bool
	Office bool
	Dealer id.Dealer // empty for others
}

func (r ReceiptReader) figuresOf(d id.Dealer) bool { return r.Office || r.Dealer == d }
func (r ReceiptReader) reasonOf(d id.Dealer) bool  { return r.Buyer || r.figuresOf(d) }

// Receipt puts the chain of an order into words.
func (k *Kit) Receipt(b Base, number string, o id.Order, chain []allocation.Receipt, reader ReceiptReader) Receipt {
	w := receiptWriter{b: b, reader: reader, name: func(d id.Dealer) string {
		if x, ok := k.World.Now().Dealer(d); ok {
			return x.Name
		}
		return string(d)
	}}
	out := Receipt{Number: number, Whole: allocation.Whole(o, chain)}
	for _, r := range chain {
		out.Steps = append(out.Steps, w.step(r))
	}
	if n := len(chain); n > 0 {
		out.Last = hex.EncodeToString(chain[n-1].Hash)
	}
	return out
}

type receiptWriter struct {
	b      Base
	reader ReceiptReader
	name   func(id.Dealer) string
}

func (w receiptWriter) step(r allocation.Receipt) ReceiptStep {
	n := r.Note
	s := ReceiptStep{Seq: r.Seq, When: w.instant(n.At), Hash: hex.EncodeToString(r.Hash)[:12]}
	s.What = w.b.T("receipt.event."+string(n.Event), "Dealer", w.name(n.Dealer), "By", w.instant(n.Due))
	switch n.Event {
	case allocation.EventOffer:
		s.Why = w.why(n)
	case allocation.EventWithdraw, allocation.EventPassOn:
		if n.By == allocation.Office {
			s.Why = []string{w.b.T("receipt.by_office")}
		}
	case allocation.EventDecline:
		if w.reader.reasonOf(n.Dealer) {
			s.Why = []string{w.b.T("decline." + n.Reason)}
		}
	}
	for i, c := range n.Candidates {
		s.Candidates = append(s.Candidates, w.candidate(n, c, i))
	}
	if n.LeftOut > 0 {
		s.LeftOut = w.b.N("receipt.left_out", n.LeftOut)
	}
	return s
}

// why says which rule led to the dealer.
func (w receiptWriter) why(n allocation.Note) []string {
	switch {
	case n.Strategy == "":
		return []string{w.b.T("receipt.why.pass_on")}
	case n.By == allocation.Office:
		return []string{w.b.T("receipt.why.office")}
	case n.By == "buyer":
		return []string{w.b.T("receipt.why.buyer")}
	case n.Strategy == allocation.Named:
		return []string{w.b.T("receipt.why.named")}
	}
	out := []string{w.b.T("receipt.why.rule", "Version", n.Version), w.b.T("receipt.why." + string(n.Strategy))}
	if n.Draw != nil {
		out = append(out, w.b.T("receipt.draw", "Draw", strconv.FormatInt(*n.Draw, 10), "Of", strconv.FormatInt(n.Weights, 10)))
	}
	return out
}

func (w receiptWriter) candidate(n allocation.Note, c allocation.CandidateNote, place int) ReceiptCandidate {
	out := ReceiptCandidate{Name: w.name(c.Dealer), Way: w.b.T("receipt.way_unknown"), Asked: n.Event == allocation.EventOffer && c.Dealer == n.Dealer}
	if c.Metres != nil {
		out.Way = w.b.Distance(*c.Metres)
	}
	switch {
	case out.Asked:
		out.Result = w.b.T("receipt.asked")
	case c.Out != "":
		out.Result = w.b.T("receipt.out." + string(c.Out))
	default:
		out.Result = w.b.T("receipt.next", "Place", place+1)
	}
	if n.Strategy == allocation.Named || n.Strategy == allocation.Nearest {
		return out
	}
	out.Figures = w.b.T("receipt.private")
	if w.reader.figuresOf(c.Dealer) {
		out.Figures = w.figures(n.Strategy, c)
	}
	return out
}

func (w receiptWriter) figures(s allocation.Strategy, c allocation.CandidateNote) string {
	n := func(p *int) int {
		if p == nil {
			return 0
		}
		return *p
	}
	switch s {
	case allocation.Capacity:
		return w.b.T("receipt.figure.capacity", "Open", n(c.Open), "Bays", n(c.Bays))
	case allocation.Balance:
		return w.b.T("receipt.figure.balance", "Open", n(c.Open), "HandedOver", n(c.HandedOver), "Days", allocation.PaceDays)
	case allocation.Record:
		return w.b.T("receipt.figure.record", "Accepted", n(c.Accepted), "Answered", n(c.Answered), "Silent", n(c.Silent), "Days", allocation.RecordDays)
	}
	if c.LastOffer == "" {
		return w.b.T("receipt.figure.never")
	}
	return w.b.T("receipt.figure.last", "When", w.instant(c.LastOffer))
}

// instant writes a receipt's instant for a reader; empty when there is none.
func (w receiptWriter) instant(s string) string {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return ""
	}
	return w.b.DateTime(t)
}

// SampleReceipt is an invented receipt, for the test that checks all templates against their structs.
func SampleReceipt() Receipt {
	return Receipt{Number: "FC-7K3M-29QX", Whole: true, Last: "5e0f", Steps: []ReceiptStep{{Seq: 1, When: "today", What: "asked", Why: []string{"rule"}, LeftOut: "two more", Hash: "5e0f",
		Candidates: []ReceiptCandidate{{Name: "Northgate Motors Leeds", Way: "3 mi", Figures: "not shown", Result: "asked", Asked: true}}}}}
}
