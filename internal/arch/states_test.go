package arch

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"forecourt/internal/aftersales"
	"forecourt/internal/allocation"
	"forecourt/internal/connected"
	"forecourt/internal/document"
	_ "forecourt/internal/flow/newcar" // declares its machine
	_ "forecourt/internal/flow/usedcar"
	_ "forecourt/internal/flow/workshop"
	"forecourt/internal/ordering"
	"forecourt/internal/payment"
	"forecourt/internal/platform/dbtest"
	"forecourt/internal/stock"
)

// machine is a state machine as its steps; the empty state is where everything begins.
type machine struct {
	steps [][2]string
	final func(state string) bool
}

func TestMachinesHaveNoDeadEnds(t *testing.T) {
	t.Parallel()
	machines := map[string]machine{
		"payment":    {final: func(s string) bool { return payment.State(s).Final() }},
		"stock":      {final: func(s string) bool { return stock.State(s) == stock.Gone || stock.State(s) == stock.Returned }},
		"aftersales": {final: func(s string) bool { return aftersales.State(s).Final() }},
		"allocation": {final: func(s string) bool { return !slices.Contains([]string{"offered", "accepted"}, s) }},
	}
	for _, m := range ordering.Machines() {
		name := "order " + string(m.Flow)
		machines[name] = machine{final: func(s string) bool { return ordering.State(s).Final() }}
		for _, e := range m.Steps() {
			machines[name] = machines[name].with(string(e.From), string(e.To))
		}
	}
	for _, e := range payment.Edges {
		machines["payment"] = machines["payment"].with(string(e.From), string(e.To))
	}
	for _, e := range allocation.Edges {
		machines["allocation"] = machines["allocation"].with(string(e.From), string(e.To))
	}
	for _, e := range stock.Edges {
		machines["stock"] = machines["stock"].with(string(e.From), string(e.To))
	}
	machines["warning"] = machine{final: func(s string) bool { return connected.State(s).Final() }}
	for _, e := range connected.Edges {
		machines["warning"] = machines["warning"].with(string(e.From), string(e.To))
	}
	for _, e := range aftersales.Edges {
		machines["aftersales"] = machines["aftersales"].with(string(e.From), string(e.To))
	}
	for name, m := range machines {
		m.walk(t, name)
	}
}

func (m machine) with(from, to string) machine {
	m.steps = append(m.steps, [2]string{from, to})
	return m
}

func (m machine) next(from string) []string {
	var out []string
	for _, s := range m.steps {
		if s[0] == from {
			out = append(out, s[1])
		}
	}
	return out
}

// reach lists the states that can follow from one.
func (m machine) reach(from string) []string {
	var out []string
	todo := []string{from}
	for len(todo) > 0 {
		for _, s := range m.next(todo[0]) {
			if !slices.Contains(out, s) {
				out, todo = append(out, s), append(todo, s)
			}
		}
		todo = todo[1:]
	}
	return out
}

func (m machine) walk(t *testing.T, name string) {
	t.Helper()
	reached := m.reach("")
	seen := map[[2]string]int{}
	for _, s := range m.steps {
		seen[s]++
		if s[0] != "" && !slices.Contains(reached, s[0]) {
			t.Errorf("%s: %s can not be reached", name, s[0])
		}
	}
	for _, s := range reached {
		if len(m.next(s)) == 0 && !m.final(s) {
			t.Errorf("%s: %s is a dead end and not final", name, s)
		}
		if !m.final(s) && !slices.ContainsFunc(m.reach(s), m.final) {
			t.Errorf("%s: from %s nothing ever ends", name, s)
		}
	}
}

// TestFinalOrdersStay: an order that is over has no step left, every other that is not sold may be cancelled by its buyer.
func TestFinalOrdersStay(t *testing.T) {
	t.Parallel()
	for _, m := range ordering.Machines() {
		for from, steps := range m.Edges {
			if from.Final() && len(steps) > 0 {
				t.Errorf("%s: %s is final and has a step left", m.Flow, from)
			}
		}
		for _, e := range m.Steps() {
			_, can := m.Next(e.To, ordering.Cancel)
			if over := e.To.Final() || e.To.Sold(); can == over || e.To.CanCancel() != can {
				t.Errorf("%s: %s is sold or final: %t, can be cancelled: %t", m.Flow, e.To, over, can)
			}
		}
	}
}

// TestSchemaKnowsTheSameSteps compares the table that the history's foreign key uses with the code.
func TestSchemaKnowsTheSameSteps(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var rows []string
	if err := d.Read(t.Context()).Raw(`SELECT flow || ' ' || from_state || ' ' || event || ' ' || to_state FROM order_edges`).Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	var code []string
	for _, m := range ordering.Machines() {
		for _, e := range m.Steps() {
			code = append(code, strings.Join([]string{string(m.Flow), string(e.From), string(e.Event), string(e.To)}, " "))
		}
	}
	if len(code) == 0 {
		t.Fatal("no flow is declared")
	}
	slices.Sort(rows)
	slices.Sort(code)
	if !slices.Equal(rows, code) {
		t.Errorf("the schema and the code differ:\nschema %s\ncode   %s", strings.Join(rows, ", "), strings.Join(code, ", "))
	}
	var kinds []string
	if err := d.Read(t.Context()).Raw(`SELECT flow || ' ' || state || ' ' || kind FROM order_states`).Scan(&kinds).Error; err != nil {
		t.Fatal(err)
	}
	var meant []string
	for _, m := range ordering.Machines() {
		for _, e := range m.Steps() {
			meant = append(meant, strings.Join([]string{string(m.Flow), string(e.To), string(e.To.Kind())}, " "))
		}
	}
	slices.Sort(meant)
	slices.Sort(kinds)
	if meant = slices.Compact(meant); !slices.Equal(kinds, meant) {
		t.Errorf("what states mean differs:\nschema %s\ncode   %s", strings.Join(kinds, ", "), strings.Join(meant, ", "))
	}
	for table, check := range map[string][]string{"payments": paymentStates(), "queue_entries": queueStates(), "car_warnings": warningStates(), "service_bookings": bookingStates()} {
		var text string
		if err := d.Read(t.Context()).Raw(`SELECT string_agg(pg_get_constraintdef(oid), ' ') FROM pg_constraint WHERE conrelid = ?::regclass AND contype = 'c' AND conname LIKE '%state%'`, table).Scan(&text).Error; err != nil {
			t.Fatal(err)
		}
		for _, s := range check {
			if !strings.Contains(text, "'"+s+"'") {
				t.Errorf("%s does not allow the state %s: %s", table, s, text)
			}
		}
	}
}

func paymentStates() []string {
	var out []string
	for _, e := range payment.Edges {
		out = append(out, string(e.To))
	}
	return out
}

func bookingStates() []string {
	var out []string
	for _, e := range aftersales.Edges {
		out = append(out, string(e.To))
	}
	return out
}

func queueStates() []string {
	var out []string
	for _, e := range allocation.Edges {
		out = append(out, string(e.To))
	}
	return out
}

func warningStates() []string {
	var out []string
	for _, e := range connected.Edges {
		out = append(out, string(e.To))
	}
	return out
}

// TestSchemaKnowsTheSameWords compares lists of words that code and CHECKs both hold.
func TestSchemaKnowsTheSameWords(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for name, c := range map[string]struct {
		table, constraint string
		words             []string
		more              bool // the CHECK has others beside them
	}{
		"kinds of signals":     {"car_consents", "car_consents_kind_check", asWords(connected.Kinds), false},
		"kinds of papers":      {"documents", "documents_kind_check", asWords(document.Kinds), false},
		"rungs of the ladder":  {"queue_entries", "queue_rung_known", append(asWords(allocation.Rungs), ""), false},
		"rungs on the receipt": {"allocation_receipts", "allocation_receipts_event_check", asWords(allocation.Rungs), true},
	} {
		var text string
		if err := d.Read(t.Context()).Raw(`SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = ?::regclass AND conname = ?`, c.table, c.constraint).Scan(&text).Error; err != nil {
			t.Fatal(err)
		}
		var schema []string
		for _, m := range quotedWord.FindAllStringSubmatch(text, -1) {
			schema = append(schema, m[1])
		}
		for _, w := range c.words {
			if !slices.Contains(schema, w) {
				t.Errorf("%s: the schema does not allow %q: %s", name, w, text)
			}
		}
		if len(schema) == 0 || !c.more && len(schema) != len(c.words) {
			t.Errorf("%s: the schema has %v, the code %v", name, schema, c.words)
		}
	}
}

var quotedWord = regexp.MustCompile(`'([a-z_]*)'`)

func asWords[T ~string](list []T) []string {
	var out []string
	for _, x := range list {
		out = append(out, string(x))
	}
	return out
}
