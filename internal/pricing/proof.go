package pricing

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"net/url"
	"strconv"
	"strings"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// Alphabet has no letter or digit that people mix up.
const Alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// proofSigns is the length of a price code: 16 of 31 signs are 79 bits, more than anybody can try here.
const proofSigns = 16

// ErrProof is a link that is not one of ours at all.
var ErrProof = fault.New(fault.NotFound, "fault.not_found", "pricing.Proof")

// Facts are what a price that was shown depends on: with them, and the price lists and rules that are kept
// by day, anybody can compute it again.
type Facts struct {
	Brand    id.Brand
	Market   id.Market
	Model    id.Model
	Day      market.Date
	List     string // version of the price list
	Paid     []id.Feature
	Included []id.Feature // at no price, because something else brings them
	Total    money.Money
}

// FactsOf are the facts of a quote.
func FactsOf(q Quote) Facts {
	f := Facts{Brand: q.Brand, Market: q.Market, Model: q.Model, Day: q.Day, List: q.PriceVersion, Total: q.Total}
	for _, l := range q.Lines {
		switch {
		case l.Kind == KindFee:
		case l.Included:
			f.Included = append(f.Included, id.Feature(l.Code))
		default:
			f.Paid = append(f.Paid, id.Feature(l.Code))
		}
	}
	return f
}

// Query writes the facts for the address of the page that computes a price again. Brand and market stand in
// its path.
func (f Facts) Query() url.Values {
	return url.Values{"model": {string(f.Model)}, "day": {string(f.Day)}, "list": {f.List}, "s": {joined(f.Paid)}, "i": {joined(f.Included)}, "total": {strconv.FormatInt(f.Total.Minor, 10)}}
}

// mostFacts bounds what is read of an address.
const mostFacts = 4096

// ParseFacts reads what Query wrote, for a shop. It knows the form only.
func ParseFacts(b id.Brand, m *market.Market, q url.Values) (Facts, error) {
	f := Facts{Brand: b, Market: m.Code, Model: id.Model(q.Get("model")), Day: market.Date(q.Get("day")), List: q.Get("list")}
	minor, err := strconv.ParseInt(q.Get("total"), 10, 64)
	if err != nil || minor <= 0 || !f.Day.Valid() || f.Model == "" || len(q.Get("s"))+len(q.Get("i"))+len(f.List) > mostFacts {
		return Facts{}, ErrProof
	}
	f.Total, f.Paid, f.Included = m.Amount(minor), split(q.Get("s")), split(q.Get("i"))
	return f, nil
}

func joined(codes []id.Feature) string {
	var b strings.Builder
	for i, c := range codes {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(string(c))
	}
	return b.String()
}

func split(s string) []id.Feature {
	var out []id.Feature
	for code := range strings.SplitSeq(s, ".") {
		if code != "" {
			out = append(out, id.Feature(code))
		}
	}
	return out
}

// Again computes the price of the facts from the rules of their day, as they are kept now.
func (f Facts) Again(m *market.Market, r *catalogue.Range) (Quote, error) {
	free := map[id.Feature]bool{}
	for _, c := range f.Included {
		free[c] = true
	}
	return OnTheRoad(m, r, append(append([]id.Feature(nil), f.Paid...), f.Included...), func(c id.Feature) bool { return free[c] }, f.Day)
}

// Signer makes the code of a price that was shown. Only who has the secret can make one, so that a code that
// fits its facts proves that the price stood in this shop.
type Signer struct{ key []byte }

// NewSigner derives its key from the process's secret.
func NewSigner(secret []byte) Signer {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("price proof 1"))
	return Signer{m.Sum(nil)}
}

// Code is the code of facts, in groups of four: "K7QF-3M2P-9XTR-4HWV".
func (s Signer) Code(f Facts) string {
	return s.code(string(f.Brand), string(f.Market), string(f.Model), string(f.Day), f.List, joined(f.Paid), joined(f.Included), string(f.Total.Currency), strconv.FormatInt(f.Total.Minor, 10))
}

func (s Signer) code(parts ...string) string {
	m := hmac.New(sha256.New, s.key)
	for _, part := range parts {
		m.Write([]byte(part))
		m.Write([]byte{0})
	}
	var b strings.Builder
	for i, x := range m.Sum(nil)[:proofSigns] {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(Alphabet[int(x)%len(Alphabet)])
	}
	return b.String()
}

// Proves tells whether a code, as people type it, is that of the facts.
func (s Signer) Proves(code string, f Facts) bool { return same(code, s.Code(f)) }

func same(typed, code string) bool {
	plain := strings.NewReplacer("-", "", " ", "")
	return subtle.ConstantTimeCompare([]byte(strings.ToUpper(plain.Replace(typed))), []byte(plain.Replace(code))) == 1
}
