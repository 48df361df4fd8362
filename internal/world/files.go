package world

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"
	"time"

	"forecourt/internal/aftersales"
	"forecourt/internal/catalogue"
	"forecourt/internal/configurator"
	"forecourt/internal/id"
	"forecourt/internal/market"
	"forecourt/internal/network"
	"forecourt/internal/platform/filecheck"
)

// Files is a world as read from files, checked.
type Files struct {
	Brands   []market.Brand
	Markets  []*market.Market
	Managers []market.Manager // demo logins, used by the demo only
	Dealers  []network.Dealer
	Places   map[id.Market][]network.Place
	Ranges   []*catalogue.Range
	Service  *aftersales.Book
	Digest   string

	sources  map[*catalogue.Range]string                 // digest of the file
	compiled map[*catalogue.Range][]configurator.Edition // for all markets that sell it
}

// Refused is the list of every mistake found in the files.
type Refused struct{ Problems []filecheck.Problem }

// Error lists file, line and reason of every mistake, a line each.
func (r *Refused) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d mistakes in the files, nothing was changed:", len(r.Problems))
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "\n  %s:%d: %s", p.File, p.Line, p.Reason)
	}
	return b.String()
}

// Read decodes and checks every file of fsys: brands.yaml, markets/*.yaml, dealers/*.yaml,
// places/*.yaml, ranges/<brand>/*.yaml with the .order beside it, staff.yaml, and service/ with what workshops sell. It compiles
// every range, on all cores. When anything is wrong it answers *Refused.
func Read(fsys fs.FS, now time.Time) (*Files, error) {
	f := &Files{Places: map[id.Market][]network.Place{}, sources: map[*catalogue.Range]string{}, compiled: map[*catalogue.Range][]configurator.Edition{}}
	r := reader{fs: fsys, sum: sha256.New()}
	for _, name := range r.list(filePatterns[0]) {
		f.Brands, r.found = market.DecodeBrands(name, r.read(name))
		r.keep()
	}
	for _, name := range r.list(filePatterns[1]) {
		f.Managers, r.found = market.DecodeManagers(name, r.read(name))
		r.keep()
	}
	for _, name := range r.list(filePatterns[2]) {
		m, p := market.DecodeMarket(name, r.read(name))
		r.found = p
		if r.keep() {
			f.Markets = append(f.Markets, m)
		}
	}
	for _, name := range r.list(filePatterns[3]) {
		ds, p := network.DecodeDealers(name, r.read(name))
		r.found = p
		if r.keep() {
			f.Dealers = append(f.Dealers, ds...)
		}
	}
	for _, name := range r.list(filePatterns[4]) {
		ps, outline, p := network.DecodePlaces(name, r.read(name))
		r.found = p
		if code := id.Market(strings.TrimSuffix(path.Base(name), ".yaml")); r.keep() {
			f.Places[code] = ps
			for _, m := range f.Markets {
				if m.Code == code {
					m.Outline = outline
				}
			}
		}
	}
	for _, name := range r.list(filePatterns[5]) {
		data := r.read(name)
		rg, p := catalogue.DecodeRange(name, data)
		r.found = p
		if r.keep() {
			f.Ranges = append(f.Ranges, rg)
			sum := sha256.Sum256(data)
			f.sources[rg] = hex.EncodeToString(sum[:])
		}
	}
	f.readOrders(&r)
	f.readService(&r)
	if len(r.all) == 0 {
		if r.all = f.crossCheck(); len(r.all) == 0 {
			r.all = f.compile(fsys, now)
		}
	}
	if len(r.all) > 0 {
		return nil, &Refused{Problems: r.all}
	}
	f.Digest = hex.EncodeToString(r.sum.Sum(nil))
	return f, nil
}

// DigestOf is the digest that Read would give the files, without decoding them: an unchanged world
// need not be read again at every start.
func DigestOf(fsys fs.FS) string {
	r := reader{fs: fsys, sum: sha256.New()}
	for _, pattern := range filePatterns {
		for _, name := range r.list(pattern) {
			r.read(name)
		}
	}
	for _, name := range append(r.orders(), r.service()...) {
		r.read(name)
	}
	return hex.EncodeToString(r.sum.Sum(nil))
}

// filePatterns are the files of a world, in the order in which Read takes them.
var filePatterns = []string{"brands.yaml", "staff.yaml", "markets/*.yaml", "dealers/*.yaml", "places/*.yaml", "ranges/*/*.yaml"}

// orders lists the order files: a range may do without.
func (r *reader) orders() []string {
	names, _ := fs.Glob(r.fs, "ranges/*/*.order")
	sort.Strings(names)
	return names
}

func (f *Files) readOrders(r *reader) {
	for _, name := range r.orders() {
		order, p := DecodeOrder(name, r.read(name))
		r.found = p
		if !r.keep() {
			continue
		}
		for _, rg := range f.Ranges {
			if OrderFile(rangeFile(rg)) == name {
				rg.VariableOrder = order
			}
		}
	}
}

// rangeFile is the name of a range's file.
func rangeFile(r *catalogue.Range) string { return fmt.Sprintf("ranges/%s/%s.yaml", r.Brand, r.Model) }

type reader struct {
	fs  fs.FS
	sum interface {
		Write([]byte) (int, error)
		Sum([]byte) []byte
	}
	found []filecheck.Problem
	all   []filecheck.Problem
}

func (r *reader) keep() bool {
	r.all = append(r.all, r.found...)
	return len(r.found) == 0
}

func (r *reader) list(pattern string) []string {
	names, _ := fs.Glob(r.fs, pattern)
	sort.Strings(names)
	if len(names) == 0 {
		r.all = append(r.all, filecheck.Problem{File: pattern, Reason: "no such file"})
	}
	return names
}

func (r *reader) read(name string) []byte {
	b, err := fs.ReadFile(r.fs, name)
	if err != nil {
		r.all = append(r.all, filecheck.Problem{File: name, Reason: "cannot be read"})
	}
	_, _ = r.sum.Write([]byte(name + "\x00"))
	_, _ = r.sum.Write(b)
	return b
}

// crossCheck finds what no single file can show: names of other files that do not exist.
func (f *Files) crossCheck() []filecheck.Problem {
	var out []filecheck.Problem
	bad := func(file, reason string, args ...any) {
		out = append(out, filecheck.Problem{File: file, Line: 1, Reason: fmt.Sprintf(reason, args...)})
	}
	brands, markets := map[id.Brand]bool{}, map[id.Market]*market.Market{}
	for _, b := range f.Brands {
		brands[b.Code] = true
	}
	for _, m := range f.Markets {
		markets[m.Code] = m
	}
	series := map[string]string{}
	takeSeries := func(file, prefix, code string) {
		if other, taken := series[prefix]; taken && other != code {
			bad(file, "%s and %s have one series of documents, %s", other, code, prefix)
		}
		series[prefix] = code
	}
	for _, m := range f.Markets {
		for _, e := range m.Sellers {
			takeSeries("markets/"+string(m.Code)+".yaml", e.Prefix, e.Code)
		}
	}
	for _, d := range f.Dealers {
		file := "dealers/" + string(d.Market) + ".yaml"
		takeSeries(file, d.Series, string(d.Code))
		if markets[d.Market] == nil {
			bad(file, "dealer %s: unknown market %q", d.Code, d.Market)
		}
		for b := range d.Takes {
			if !brands[b] {
				bad(file, "dealer %s: unknown brand %q", d.Code, b)
			}
		}
	}
	f.checkSellers(markets, bad)
	for code := range f.Service.Markets {
		if markets[code] == nil {
			bad(serviceMarkets+string(code)+".yaml", "unknown market %q", code)
		}
	}
	for code := range f.Places {
		if markets[code] == nil {
			bad("places/"+string(code)+".yaml", "unknown market %q", code)
		}
	}
	for _, r := range f.Ranges {
		if !brands[r.Brand] {
			bad(rangeFile(r), "unknown brand %q", r.Brand)
		}
	}
	return out
}

// checkSellers refuses a brand that a dealer sells, or may sell, for somebody of whom the market does not say who that is:
// its first invoice could name nobody.
func (f *Files) checkSellers(markets map[id.Market]*market.Market, bad func(file, reason string, args ...any)) {
	told := map[string]bool{}
	check := func(d network.Dealer, b id.Brand, flow id.Flow) {
		m := markets[d.Market]
		if m == nil {
			return
		}
		for _, t := range m.Flows[flow] {
			if t.Seller != market.ByMaker && t.Seller != market.ByGroup {
				continue
			}
			key := fmt.Sprint(m.Code, b, flow, t.From)
			if _, known := m.SellerAt(t.Seller, b, t.From); !known && !told[key] {
				told[key] = true
				bad("markets/"+string(m.Code)+".yaml", "the %s sells %s of %s from %s, but no entry of sellers says who that is", t.Seller, flow, b, t.From)
			}
		}
	}
	for _, d := range f.Dealers {
		for _, takes := range []map[id.Brand][]id.Flow{d.Takes, d.Invited} {
			for b, flows := range takes {
				for _, flow := range flows {
					check(d, b, flow)
				}
			}
		}
	}
}

// compile compiles all ranges side by side and finds models that nobody could build.
func (f *Files) compile(fsys fs.FS, now time.Time) []filecheck.Problem {
	market := func(c id.Market) (*market.Market, bool) {
		for _, m := range f.Markets {
			if m.Code == c {
				return m, true
			}
		}
		return nil, false
	}
	type result struct {
		editions []configurator.Edition
		order    []string
		err      error
	}
	results := make([]result, len(f.Ranges))
	var all sync.WaitGroup
	for i, r := range f.Ranges {
		all.Go(func() {
			out := &results[i]
			out.editions, out.order, out.err = compileRange(context.Background(), market, r, now, configurator.DefaultBudget)
		})
	}
	all.Wait()
	var bad []filecheck.Problem
	for i, r := range f.Ranges {
		f.compiled[r] = results[i].editions
		if err := results[i].err; err != nil {
			bad = append(bad, refusalOf(fsys, r, err)...)
			continue
		}
		r.VariableOrder = results[i].order
	}
	return bad
}

func refusalOf(fsys fs.FS, r *catalogue.Range, err error) []filecheck.Problem {
	data, _ := fs.ReadFile(fsys, rangeFile(r)) // it was read a moment ago
	var refused *Refused
	if err = Refusal(rangeFile(r), data, r, configurator.DefaultBudget, err); errors.As(err, &refused) {
		return refused.Problems
	}
	return []filecheck.Problem{{File: rangeFile(r), Line: 1, Reason: err.Error()}}
}

// ReadMarkets reads and checks the markets alone.
func ReadMarkets(fsys fs.FS) ([]*market.Market, error) {
	var out []*market.Market
	r := reader{fs: fsys, sum: sha256.New()}
	for _, name := range r.list(filePatterns[2]) {
		m, p := market.DecodeMarket(name, r.read(name))
		r.found = p
		if r.keep() {
			out = append(out, m)
		}
	}
	if len(r.all) > 0 {
		return nil, &Refused{Problems: r.all}
	}
	return out, nil
}
