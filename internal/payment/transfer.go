package payment

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// TransferState is where money of a statement stands.
type TransferState string

// States of a transfer. Final are assigned and returned.
const (
	TransferWaiting   TransferState = "waiting"   // a person must say whose it is
	TransferAssigned  TransferState = "assigned"  // it is a payment of an order
	TransferReturning TransferState = "returning" // to be sent back by a person
	TransferReturned  TransferState = "returned"
)

// Why a transfer waits or goes back.
const (
	WhyUnknown   = "unknown"   // no order is named that exists
	WhyAmbiguous = "ambiguous" // more than one is
	WhyTooLarge  = "too_large" // more than the order owed; only of before: now what is owed is taken and the rest goes back
	WhyClosed    = "closed"    // the order takes no money
	WhyRest      = "rest"      // what was left of a larger one
	WhyPerson    = "person"    // somebody said so
)

// Transfer is one line of a bank statement.
type Transfer struct {
	ID        id.Transfer
	Market    id.Market
	Key       string // what tells the line from all others of the market
	BookedOn  string // "2026-11-29"
	Amount    money.Money
	Reference string
	Payer     string
	State     TransferState
	Reason    string
	Order     id.Order
	Payment   id.Payment
	PartOf    id.Transfer
}

// Faults of transfers.
var (
	ErrNoTransfer    = fault.New(fault.NotFound, "fault.not_found", "payment.Transfer")
	ErrTransferMoved = fault.New(fault.Conflict, "fault.conflict", "payment.Transfer")
)

// MostLines bounds one import.
const MostLines = 500

// StatementHeader are the columns of a statement, in any order; id, the bank's own key of the line, may be
// left out.
var StatementHeader = []string{"date", "amount", "currency", "reference", "payer", "id"}

// LineError says what is wrong with a line of a statement; Key is a catalogue key.
type LineError struct {
	Line int // from 1; the header is line 1
	Key  string
}

// orderNumbers finds order numbers as people type them: in small letters, with blanks or nothing between.
var orderNumbers = regexp.MustCompile(`(?i)\bFC[\s.-]{0,2}([2-9A-HJ-NP-Z]{4})[\s.-]{0,2}([2-9A-HJ-NP-Z]{4})\b`)

// NumbersIn lists the different order numbers that a reference names.
func NumbersIn(reference string) []string {
	var out []string
	for _, m := range orderNumbers.FindAllStringSubmatch(reference, -1) {
		if n := "FC-" + strings.ToUpper(m[1]) + "-" + strings.ToUpper(m[2]); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// ReadStatement reads lines of a statement, separated by semicolons or commas. Dates are 2026-11-29, amounts
// 1234.56. With any error nothing of it must be used: the errors come line by line.
func ReadStatement(m id.Market, currency money.Currency, text string) ([]Transfer, []LineError) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	if head, _, _ := strings.Cut(text, "\n"); strings.Contains(head, ";") {
		r.Comma = ';'
	}
	head, err := r.Read()
	at, ok := columnsOf(head)
	if err != nil || !ok {
		return nil, []LineError{{1, "transfer.bad.header"}}
	}
	var out []Transfer
	var wrong []LineError
	same := map[string]int{} // equal lines of one statement are different transfers
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line := 0
			var p *csv.ParseError
			if errors.As(err, &p) {
				line = p.Line
			}
			return nil, append(wrong, LineError{line, "transfer.bad.line"})
		}
		line, _ := r.FieldPos(0)
		if len(out)+len(wrong) >= MostLines {
			return nil, append(wrong, LineError{line, "transfer.bad.many"})
		}
		t, key := at.transfer(m, currency, rec, same)
		if key != "" {
			wrong = append(wrong, LineError{line, key})
			continue
		}
		out = append(out, t)
	}
	if len(out)+len(wrong) == 0 {
		wrong = append(wrong, LineError{1, "transfer.bad.empty"})
	}
	if twice := repeated(out); twice != "" && len(wrong) == 0 {
		wrong = append(wrong, LineError{1, "transfer.bad.id_twice"})
	}
	return out, wrong
}

// repeated is the key that two lines share.
func repeated(ts []Transfer) string {
	seen := map[string]bool{}
	for _, t := range ts {
		if seen[t.Key] {
			return t.Key
		}
		seen[t.Key] = true
	}
	return ""
}

// heading says where each column of the header stands; -1 when it is not given.
type heading map[string]int

func columnsOf(head []string) (heading, bool) {
	at := heading{}
	for _, name := range StatementHeader {
		at[name] = slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
	}
	for _, name := range StatementHeader[:5] {
		if at[name] < 0 {
			return nil, false
		}
	}
	return at, true
}

func (at heading) of(rec []string, name string) string {
	if i := at[name]; i >= 0 && i < len(rec) {
		return strings.Join(strings.Fields(rec[i]), " ")
	}
	return ""
}

const longestText = 140 // of a reference or a name, as banks have it

func (at heading) transfer(m id.Market, currency money.Currency, rec []string, same map[string]int) (Transfer, string) {
	t := Transfer{Market: m, BookedOn: at.of(rec, "date"), Reference: at.of(rec, "reference"), Payer: at.of(rec, "payer"), State: TransferWaiting}
	if _, err := time.Parse(time.DateOnly, t.BookedOn); err != nil {
		return t, "transfer.bad.date"
	}
	if c := at.of(rec, "currency"); c != string(currency) {
		return t, "transfer.bad.currency"
	}
	minor, ok := plainMinor(at.of(rec, "amount"))
	if !ok {
		return t, "transfer.bad.amount"
	}
	t.Amount = money.Of(minor, currency)
	bank := at.of(rec, "id")
	for _, s := range []string{t.Reference, t.Payer, bank} {
		if utf8.RuneCountInString(s) > longestText || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return t, "transfer.bad.text"
		}
	}
	if bank != "" {
		t.Key = keyOf("id", bank)
		return t, ""
	}
	t.Key = keyOf("line", t.BookedOn, strconv.FormatInt(minor, 10), t.Reference, t.Payer)
	same[t.Key]++
	if n := same[t.Key]; n > 1 {
		t.Key = keyOf(t.Key, strconv.Itoa(n))
	}
	return t, ""
}

func keyOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

var plainAmount = regexp.MustCompile(`^[0-9]{1,10}(\.[0-9]{2})?$`)

// plainMinor reads "1234.56" or "1234": positive, no groups, two decimals or none. Ten digits before the
// decimals can not overflow.
func plainMinor(s string) (int64, bool) {
	if !plainAmount.MatchString(s) {
		return 0, false
	}
	whole, cents, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	return n, err == nil && n > 0
}

// String names a line for a log: without payer and reference.
func (t *Transfer) String() string { return fmt.Sprintf("transfer %s of %s", t.ID, t.Market) }
