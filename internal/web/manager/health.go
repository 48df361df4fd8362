package manager

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"forecourt/internal/doctor"
	"forecourt/internal/platform/latency"
	"forecourt/internal/platform/pulse"
	"forecourt/internal/web"

	"github.com/labstack/echo/v4"
)

const healthPath = "/hq"

// HealthPage tells the head office how the running house does: no market's figures, no orders, nobody's data. Ids of
// offenders are all that leads from here to a case.
type HealthPage struct {
	web.Base
	At        string
	Every     int // seconds after which the browser asks again by itself; zero when it does not
	EveryURL  string
	Worth     []string // a sentence for each thing that is worth a look; none when all is well
	Alive     string
	Broken    string
	Size      string
	Waiting   string
	Delay     string
	Instances []InstanceRow
	Database  []Fact
	Full      Gauge // of the connections that the server takes
	Looked    []string
	Rules     []InvariantRow // that are broken
	AllRules  []InvariantRow
	Done      Spark
	HasDone   bool
	DoneSaid  string
	Jobs      []JobsRow
	Slow      []TimesRow
	SlowSaid  string
	Calls     []TimesRow
	Requests  []TimesRow
}

// InstanceRow is one process.
type InstanceRow struct {
	Role, Host, Version, Schema, Up string
	State                           Badge
}

// Gauge is a bar with its words; Width is of a hundred.
type Gauge struct {
	Label, Value, Tone string
	Width              int
}

// InvariantRow is one thing that must never be false. IDs are of the offenders that were named.
type InvariantRow struct {
	Number, Name, Text string
	Last, Night        string // offenders at the last look and at the last full one
	IDs                []string
	State              Badge
}

// JobsRow is one kind of jobs.
type JobsRow struct {
	Kind, Waiting, Running, Retryable, Later, Discarded, Oldest string
	Late                                                        bool
}

// InvariantTable is a table of rules under a heading.
type InvariantTable struct {
	web.Base
	Heading string // its id
	Rows    []InvariantRow
}

// InvariantTable puts rules under a heading.
func (p *HealthPage) InvariantTable(heading string, rows []InvariantRow) InvariantTable {
	return InvariantTable{p.Base, heading, rows}
}

// TimesRow is how long something took.
type TimesRow struct{ Name, N, Mean, P99, Max string }

// TimesTable is a headed table of times.
type TimesTable struct {
	web.Base
	ID, Heading, Said string
	Rows              []TimesRow
}

// TimesTable puts times under a heading.
func (p *HealthPage) TimesTable(id, heading, said string, rows []TimesRow) TimesTable {
	return TimesTable{p.Base, id, heading, said, rows}
}

// What is worth a look. Machine time, as everything on the page but the looks at the invariants.
const (
	lateJob       = 5 * time.Minute
	longTx        = 5 * time.Minute
	staleLook     = 10 * time.Minute
	fullPct       = 80
	healthRefresh = 30
	mostTimes     = 12
)

// webhookRoute is where the card bank's notices arrive: shown however fast they are answered.
const webhookRoute = "POST /webhooks/stripe"

// Looks gives the last look at the invariants and the last full one.
type Looks func(context.Context) (last, full doctor.Report, err error)

// ShowHealth lets the head office read how the house does.
func (s *Surface) ShowHealth(looks Looks) *Surface {
	s.looks = looks
	return s
}

func (s *Surface) showHealth(c echo.Context) error {
	ctx := c.Request().Context()
	r, err := pulse.Take(ctx, s.kit.DB)
	if err != nil {
		return err
	}
	var last, full doctor.Report
	if s.looks != nil {
		if last, full, err = s.looks(ctx); err != nil {
			return err
		}
	}
	p := &HealthPage{Base: s.base(c, healthPath, "manager.hq.title"), EveryURL: healthPath + "?every=" + strconv.Itoa(healthRefresh)}
	if c.QueryParam("every") == strconv.Itoa(healthRefresh) {
		p.Every, p.EveryURL = healthRefresh, healthPath
		c.Response().Header().Set("Refresh", strconv.Itoa(healthRefresh))
	}
	p.fill(r, last, full, s.kit.DB.Clock.Now())
	return s.kit.Show(c, http.StatusOK, "manager/health", p)
}

// fill writes a report down; now is the domain's time, which the looks at the invariants are told in.
func (p *HealthPage) fill(r pulse.Report, last, full doctor.Report, now time.Time) {
	p.At = p.DateTime(now)
	p.instances(r)
	p.database(r.Database)
	p.rules(last, full, now)
	p.jobs(r)
	p.Slow, p.Calls = p.times(r.Figures.Statements, mostTimes), p.times(r.Figures.Calls, mostTimes)
	if p.SlowSaid = p.T("manager.hq.slow.own"); r.Extension {
		p.SlowSaid = p.T("manager.hq.slow.server")
	}
	p.Requests = p.times(webhookFirst(r.Figures.Requests), mostTimes)
}

// worth notes something that is worth a look.
func (p *HealthPage) worth(sentence string) { p.Worth = append(p.Worth, sentence) }

func (p *HealthPage) instances(r pulse.Report) {
	alive := 0
	for _, i := range r.Instances {
		row := InstanceRow{Role: i.Role, Host: i.Host, Version: i.Version, Schema: strconv.FormatInt(i.Schema, 10), Up: age(p.Base, i.Age),
			State: Badge{Label: p.T("manager.hq.alive"), Tone: "good"}}
		if row.Version == "" {
			row.Version = p.T("manager.hq.version_unknown")
		}
		switch {
		case !i.Alive():
			row.State = Badge{Label: p.T("manager.hq.silent", "Age", age(p.Base, i.Unheard)), Tone: "bad"}
			p.worth(p.T("manager.hq.worth.silent", "Host", i.Host, "Role", i.Role, "Age", age(p.Base, i.Unheard)))
		case i.Schema > r.Database.Schema:
			row.State = Badge{Label: p.T("manager.hq.ahead"), Tone: "warn"}
			p.worth(p.T("manager.hq.worth.schema", "Known", row.Schema, "Applied", strconv.FormatInt(r.Database.Schema, 10)))
		case i.Schema < r.Database.Schema:
			row.State = Badge{Label: p.T("manager.hq.behind")} // a build of before, while the new one is brought out
		}
		if i.Alive() {
			alive++
		}
		p.Instances = append(p.Instances, row)
	}
	p.Alive = p.P.Int(int64(alive))
	if alive == 0 {
		p.worth(p.T("manager.hq.worth.nobody"))
	}
}

func (p *HealthPage) database(d pulse.Database) {
	p.Size = p.T("manager.hq.megabytes", "N", p.P.Int((d.Bytes+1<<20-1)>>20))
	pct := 100 * d.Connections / max(d.Most, 1)
	p.Full = Gauge{Label: p.T("manager.hq.db.connections"), Value: p.T("manager.hq.db.of", "N", d.Connections, "Most", d.Most), Width: min(pct, 100), Tone: "good"}
	if pct >= fullPct {
		p.Full.Tone = "bad"
		p.worth(p.T("manager.hq.worth.connections", "N", d.Connections, "Most", d.Most))
	}
	longest := p.T("manager.hq.none")
	if d.Longest > 0 {
		longest = p.duration(d.Longest)
	}
	if d.Longest > longTx {
		p.worth(p.T("manager.hq.worth.transaction", "Age", age(p.Base, d.Longest)))
	}
	copies := p.T("manager.hq.db.copies_none")
	if d.Standbys > 0 {
		copies = p.N("manager.hq.db.copies", d.Standbys, "Behind", p.P.Int((d.Behind+1023)>>10))
	}
	p.Database = []Fact{
		{p.T("manager.hq.db.server"), "PostgreSQL " + d.Server}, {p.T("manager.hq.db.size"), p.Size}, {p.T("manager.hq.db.schema"), strconv.FormatInt(d.Schema, 10)},
		{p.T("manager.hq.db.active"), p.P.Int(int64(d.Active))}, {p.T("manager.hq.db.idle"), p.P.Int(int64(d.Idle))}, {p.T("manager.hq.db.longest"), longest},
		{p.T("manager.hq.db.replication"), copies},
	}
}

// rules lists what must never be false, as the last look and the last full look found it.
func (p *HealthPage) rules(last, full doctor.Report, now time.Time) {
	broken := 0
	for _, r := range []struct {
		doctor.Report
		said, never string
	}{{last, "manager.hq.looked", "manager.hq.looked_never"}, {full, "manager.hq.looked_full", "manager.hq.looked_full_never"}} {
		if r.At.IsZero() {
			p.Looked = append(p.Looked, p.T(r.never))
			continue
		}
		p.Looked = append(p.Looked, p.T(r.said, "When", p.DateTime(r.At), "Count", len(r.Invariants)))
	}
	if !last.At.IsZero() && now.Sub(last.At) > staleLook {
		p.worth(p.T("manager.hq.worth.looked", "When", p.DateTime(last.At)))
	}
	for _, row := range p.ruleRows(last, full) {
		p.AllRules = append(p.AllRules, row)
		if row.State.Tone == "good" {
			continue
		}
		p.Rules = append(p.Rules, row)
		if row.State.Tone == "bad" {
			broken++
			p.worth(p.T("manager.hq.worth.rule", "Rule", row.Name))
		}
	}
	p.Broken = p.P.Int(int64(broken))
}

// ruleRows are the rules of both looks, each once: the full one knows some that the quick one has no time for.
func (p *HealthPage) ruleRows(last, full doctor.Report) []InvariantRow {
	at := map[string]int{}
	var out []InvariantRow
	add := func(f doctor.Finding, night bool) {
		i, known := at[f.Name]
		if !known {
			i = len(out)
			at[f.Name] = i
			out = append(out, InvariantRow{Number: f.Number, Name: f.Name, Text: f.Text, Last: "–", Night: "–", State: Badge{Label: p.T("manager.hq.holds"), Tone: "good"}})
		}
		row := &out[i]
		if night {
			row.Night = p.P.Int(f.Violations)
		} else {
			row.Last = p.P.Int(f.Violations)
		}
		if f.Violations == 0 {
			return
		}
		if row.IDs == nil {
			row.IDs = f.Rows
		}
		if row.State = (Badge{Label: p.T("manager.hq.broken"), Tone: "bad"}); f.Warning {
			row.State = Badge{Label: p.T("manager.hq.warning"), Tone: "warn"}
		}
	}
	for _, f := range last.Invariants {
		add(f, false)
	}
	for _, f := range full.Invariants {
		add(f, true)
	}
	return out
}

func (p *HealthPage) jobs(r pulse.Report) {
	var waiting, discarded, done int64
	var delay time.Duration
	for _, j := range r.Jobs {
		row := JobsRow{Kind: j.Kind, Waiting: p.P.Int(j.Waiting), Running: p.P.Int(j.Running), Retryable: p.P.Int(j.Retryable), Later: p.P.Int(j.Later), Discarded: p.P.Int(j.Discarded),
			Oldest: "–", Late: j.Delay > lateJob || j.Discarded > 0}
		if j.Oldest > 0 {
			row.Oldest = p.duration(j.Oldest)
		}
		p.Jobs = append(p.Jobs, row)
		waiting, discarded, delay = waiting+j.Waiting, discarded+j.Discarded, max(delay, j.Delay)
	}
	for _, n := range r.Done {
		done += n
	}
	p.Done, p.HasDone = sparkOf(r.Done)
	p.DoneSaid = p.N("manager.hq.done", int(done))
	p.Waiting, p.Delay = p.P.Int(waiting), p.T("manager.hq.delay_none")
	if waiting > 0 {
		p.Delay = p.T("manager.hq.delay", "Age", p.duration(delay))
	}
	if delay > lateJob {
		p.worth(p.T("manager.hq.worth.delay", "Age", age(p.Base, delay)))
	}
	if discarded > 0 {
		p.worth(p.N("manager.hq.worth.discarded", int(discarded)))
	}
}

// webhookFirst puts the card bank's notices on top of a list that is sorted by time.
func webhookFirst(of []latency.Figure) []latency.Figure {
	var first, rest []latency.Figure
	for _, f := range of {
		if f.Name == webhookRoute {
			first = append(first, f)
		} else {
			rest = append(rest, f)
		}
	}
	return append(first, rest...)
}

func (p *HealthPage) times(of []latency.Figure, most int) []TimesRow {
	var out []TimesRow
	for _, f := range of[:min(len(of), most)] {
		row := TimesRow{Name: f.Name, N: p.P.Int(f.N), Mean: p.duration(f.Mean), P99: "–", Max: "–"}
		if f.P99 > 0 {
			row.P99 = p.duration(f.P99)
		}
		if f.Max > 0 {
			row.Max = p.duration(f.Max)
		}
		out = append(out, row)
	}
	return out
}

// duration is a length of time from a tenth of a millisecond to days.
func (p *HealthPage) duration(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return p.T("manager.hq.ms", "N", p.P.Decimal1(int64(d/(100*time.Microsecond))))
	case d < time.Second:
		return p.T("manager.hq.ms", "N", p.P.Int(int64(d/time.Millisecond)))
	case d < time.Minute:
		return p.T("manager.hq.s", "N", p.P.Decimal1(int64(d/(100*time.Millisecond))))
	}
	return age(p.Base, d)
}

// sampleHealth is invented, for the test that checks all templates against their structs.
func sampleHealth() *HealthPage {
	p := &HealthPage{Base: sampleBase(), Every: healthRefresh, EveryURL: healthPath}
	times := []latency.Figure{{Name: "POST /webhooks/stripe", N: 12, Mean: 3 * time.Millisecond, P99: 20 * time.Millisecond, Max: time.Second}, {Name: "bank POST /v1/refunds", N: 1, Mean: 2 * time.Second}}
	report := doctor.Report{At: time.Unix(1e9, 0), Invariants: []doctor.Finding{{Number: "I1", Name: "ledger_balances", Text: "every posting's lines sum to zero", Violations: 1, Rows: []string{"0198a000"}}, {Name: "x", Warning: true, Violations: 2}, {Name: "y"}}}
	p.fill(pulse.Report{
		Instances: []pulse.Instance{{Role: "serve", Host: "one", Version: "1234567", Schema: 177, Age: time.Hour}, {Role: "worker", Host: "two", Schema: 178, Unheard: time.Hour}},
		Database:  pulse.Database{Server: "17.0", Bytes: 1 << 30, Schema: 177, Connections: 90, Active: 2, Most: 100, Longest: time.Hour, Standbys: 1},
		Jobs:      []pulse.Jobs{{Kind: "sale.settle", Waiting: 3, Running: 1, Retryable: 2, Discarded: 1, Oldest: time.Hour, Delay: time.Hour}, {Kind: "sale.mail", Later: 4}},
		Done:      []int64{1, 4, 2}, Figures: pulse.Figures{Requests: times, Calls: times, Statements: times},
	}, report, report, time.Unix(1e9, 0))
	return p
}
