package insight

import (
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/money"
)

// Month is a calendar month in a zone.
type Month struct {
	First time.Time // its first instant
	Next  time.Time // the first that is no longer in it
}

// MonthOf is the month that an instant falls in.
func MonthOf(t time.Time, zone *time.Location) Month {
	y, m, _ := t.In(zone).Date()
	return Month{time.Date(y, m, 1, 0, 0, 0, 0, zone), time.Date(y, m+1, 1, 0, 0, 0, 0, zone)}
}

// ParseMonth reads "2026-11".
func ParseMonth(s string, zone *time.Location) (Month, bool) {
	t, err := time.ParseInLocation("2006-01", s, zone)
	return MonthOf(t, zone), err == nil
}

// Code is the month as addresses name it: "2026-11".
func (m Month) Code() string { return m.First.Format("2006-01") }

// Before is the month before.
func (m Month) Before() Month { return MonthOf(m.First.AddDate(0, -1, 0), m.First.Location()) }

// StatementLine is one order in a dealer's settlement. Amounts are minor units of the statement's currency,
// and of the month, where nothing else is said.
type StatementLine struct {
	Number     string
	Model      string
	HandedOver time.Time // zero before
	Sold       int64     // sales with their VAT, less those taken back
	VAT        int64     // of Sold
	Received   int64     // by card and transfer, less what went back
	Desk       int64     // at the dealer's desk, less what went back
	Deposit    int64     // at the month's end: money of a buyer whose car is not sold to him, held by us
	Held       int64     // what we came to owe for sold cars; below zero: the dealer us
	Open       int64     // at the month's end: what the buyer of a car that was handed over still owes
	Disputed   int64     // what the card bank took back after the sale, or gave again (below zero)
	Fees       int64     // of the card bank, where the dealer's side bears them
	Commission int64     // for cars handed over, as corrected, less what was taken back with a sale
	Goodwill   int64     // given to buyers for silences, less what was taken back with a sale: the dealer bears it
	Rule       string    // version of the rule that the commission is by; empty without one
	Objection  string    // "open", "stands" or "corrected"; empty when nobody objected
	Before     int64     // owed at the month's beginning
}

// Owed is what the month adds to what we owe the dealer.
func (l StatementLine) Owed() int64 { return l.Held + l.Commission - l.Disputed - l.Fees - l.Goodwill }

// Statement is a dealer's settlement of one month. Every figure is a sum of ledger lines.
type Statement struct {
	Dealer   id.Dealer
	Currency money.Currency
	Month    Month
	Lines    []StatementLine // orders of which something moved in the month or money is held at its end
	Sum      StatementLine   // of all
}

// Before is what we owed the dealer when the month began; below zero is what the dealer owed.
func (s Statement) Before() int64 { return s.Sum.Before }

// After is what we owe when it ends.
func (s Statement) After() int64 { return s.Sum.Before + s.Sum.Owed() }

func (s *Statement) add(l StatementLine) {
	t := &s.Sum
	t.Sold, t.VAT, t.Received, t.Desk, t.Deposit = t.Sold+l.Sold, t.VAT+l.VAT, t.Received+l.Received, t.Desk+l.Desk, t.Deposit+l.Deposit
	t.Open, t.Held, t.Disputed, t.Fees, t.Before = t.Open+l.Open, t.Held+l.Held, t.Disputed+l.Disputed, t.Fees+l.Fees, t.Before+l.Before
	t.Commission, t.Goodwill = t.Commission+l.Commission, t.Goodwill+l.Goodwill
	moved := l
	moved.Before = 0
	if (moved != StatementLine{Number: l.Number, Model: l.Model, HandedOver: l.HandedOver, Rule: l.Rule, Objection: l.Objection}) {
		s.Lines = append(s.Lines, l)
	}
}
