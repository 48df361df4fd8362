package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// table prints the outcome. It holds no opinion: aims stand beside figures.
type table struct{ out io.Writer }

func (t table) line(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

func (t table) title(s string) { t.line("\n%s\n%s", s, strings.Repeat("-", len(s))) }

func (t table) head(dir string) {
	load, _ := os.ReadFile("/proc/loadavg")
	t.line("Forecourt, table of speeds, %s", time.Now().Format("2006-01-02 15:04 MST"))
	t.line("%d cores, %s, load average at the start %.14s, data in %s", runtime.NumCPU(), runtime.Version(), load, dir)
	t.line("Load generator, card bank, mail sink, PostgreSQL (fsync on) and what is measured share these cores.")
	t.line("\"strangers\" is what other processes took of all cores meanwhile: above 5 %% the figures say little, the ratios still something.")
}

func (f *figure) strangers() string {
	if f.took == 0 {
		return ""
	}
	return fmt.Sprintf("%3.0f %%", 100*f.others.Seconds()/f.took.Seconds()/float64(runtime.NumCPU()))
}

func (t table) pages(title, aim string, names []string, fs []figure) {
	t.title(title)
	t.line("%-44s %10s %9s %9s %8s %10s %8s %10s %9s", "", "requests/s", "p50 ms", "p99 ms", "KB", "CPU ms each", "failed", "of floor", "strangers")
	for i := range fs {
		f := &fs[i]
		t.line("%-44s %10.0f %9.2f %9.2f %8.1f %10.3f %8d %9.0f%% %9s", names[i], f.perSecond(), f.percentile(.5), f.percentile(.99), float64(f.bytes)/1024, f.cpuEach(), f.failed,
			100*f.perSecond()/fs[0].perSecond(), f.strangers())
	}
	t.line("aim: %s", aim)
}

func (t table) bookings(names []string, fs []figure) {
	t.title(fmt.Sprintf("3. Bookings, %d writers in one process, no HTTP but to the bank", writers))
	t.line("%-44s %10s %9s %9s %17s %8s %10s %9s", "", "bookings/s", "p50 ms", "p99 ms", "CPU ms each app+PG", "failed", "of floor", "strangers")
	for i := range fs {
		f := &fs[i]
		t.line("%-44s %10.0f %9.2f %9.2f %17.2f %8d %9.0f%% %9s", names[i], f.perSecond(), f.percentile(.5), f.percentile(.99), f.cpuEach(), f.failed, 100*f.perSecond()/fs[0].perSecond(), f.strangers())
	}
}

func (t table) notices(names []string, fs []figure) {
	t.title(fmt.Sprintf("3b. From the bank's notice to the booked order, %d orders a second, each buyer's tab closed", noticeRate))
	t.line("%-44s %10s %9s %9s %9s %17s %8s %10s %9s", "", "booked/s", "p50 ms", "p99 ms", "most ms", "CPU ms each app+PG", "failed", "of floor", "strangers")
	for i := range fs {
		f := &fs[i]
		t.line("%-44s %10.1f %9.2f %9.2f %9.2f %17.2f %8d %9.1fx %9s", names[i], f.perSecond(), f.percentile(.5), f.percentile(.99), f.percentile(1), f.cpuEach(), f.failed,
			f.percentile(.5)/max(fs[0].percentile(.5), .01), f.strangers())
	}
	t.line("ours: until another connection sees it, looked at every 4 ms; the floor: until its commit. aim: p99 under 250 ms, none failed")
}

func (t table) sweeps(all, due int, fs []sweepFigure) {
	t.title(fmt.Sprintf("3c. Looking after %d payments of which %d are to be looked at, one after the other, bank in memory", all, due))
	t.line("%-44s %12s %14s %10s", "", "all s", "ms per payment", "of floor")
	for _, f := range fs {
		t.line("%-44s %12.2f %14.3f %9.1fx", f.name, f.took.Seconds(), f.took.Seconds()*1000/float64(max(f.n, 1)), f.took.Seconds()/max(fs[0].took.Seconds(), 1e-9))
	}
}

func (t table) answers(names []string, fs []figure) {
	t.title(fmt.Sprintf("3e. Accepting orders, %d members of staff of all dealers of a market at once, no HTTP", answering))
	t.line("%-44s %10s %9s %9s %9s %8s %10s %9s", "", "accepts/s", "p50 ms", "p99 ms", "most ms", "failed", "of floor", "strangers")
	for i := range fs {
		f := &fs[i]
		t.line("%-44s %10.0f %9.2f %9.2f %9.2f %8d %9.0f%% %9s", names[i], f.perSecond(), f.percentile(.5), f.percentile(.99), f.percentile(1), f.failed, 100*f.perSecond()/fs[0].perSecond(), f.strangers())
	}
	t.line("aim: p99 under 50 ms, each accepting once a second; without a pause what is measured is the queue of all %d", answering)
}

func (t table) ladder(fs []sweepFigure) {
	t.title(fmt.Sprintf("3f. The ladder over %d offers that wait, of which %d have a step due, one after the other", waiting, dueRungs))
	t.line("%-44s %12s %14s %10s", "", "all s", "ms per step", "of floor")
	for _, f := range fs {
		t.line("%-44s %12.3f %14.3f %9.1fx", f.name, f.took.Seconds(), f.took.Seconds()*1000/float64(max(f.n, 1)), f.took.Seconds()/max(fs[0].took.Seconds(), 1e-9))
	}
	t.line("aim: all of them looked at in under 5 s; every ten seconds a sweep makes 1,000 steps of the ladder at most, 200 in a transaction")
}

func (t table) service(fs []figure, stays int) {
	t.title(fmt.Sprintf("3h. Free slots of %d workshops over %d days, %d stays booked; ninety minutes of work, one after the other", workshops, workshopDays, stays))
	t.line("%-56s %9s %9s %9s %9s %10s %9s", "", "p50 ms", "p99 ms", "most ms", "CPU ms*", "of floor", "strangers")
	for i, name := range []string{"floor: bare SQL, the same stays row by row", "ours: every slot", "ours: the first three of each workshop", "the same with two parts and a courtesy car"} {
		f := &fs[i]
		t.line("%-56s %9.1f %9.1f %9.1f %9.1f %9.2fx %9s", name, f.percentile(.5), f.percentile(.99), f.percentile(1), f.cpuEach(), f.percentile(.5)/max(fs[0].percentile(.5), 1e-9), f.strangers())
	}
	t.line("* of both, PostgreSQL and who asks it. aim: p99 under 50 ms")
}

func (t table) races(rs []race) {
	t.title(fmt.Sprintf("3i. %d who race for the last slot of a day, on %d days", racers, races))
	t.line("%-44s %6s %6s %9s %9s %12s %10s", "", "won", "lost", "p50 ms", "p99 ms", "ms per race", "of floor")
	for i, name := range []string{"floor: bare SQL, one row and its constraints", "ours: hold with bay, technician, history"} {
		r := &rs[i]
		t.line("%-44s %6d %6d %9.1f %9.1f %12.1f %9.1fx", name, r.won, r.lost, r.percentile(.5), r.percentile(.99), r.took.Seconds()*1000/races, r.took.Seconds()/max(rs[0].took.Seconds(), 1e-9))
	}
	t.line("aim: one wins each")
}

func (t table) stock(fs []sweepFigure) {
	t.title(fmt.Sprintf("3g. A file of %d used cars, by one worker", stockCars))
	t.line("%-52s %12s %14s %10s", "", "all s", "ms per car", "of floor")
	for _, f := range fs {
		t.line("%-52s %12.2f %14.3f %9.1fx", f.name, f.took.Seconds(), f.took.Seconds()*1000/float64(max(f.n, 1)), f.took.Seconds()/max(fs[0].took.Seconds(), 1e-9))
	}
	t.line("aim: read, looked at and carried out in under 60 s together")
}

func (t table) books(names []string, fs []figure, lines, postings int64) {
	t.title(fmt.Sprintf("3d. Ledger check of %d lines in %d entries: all invariants, with the orders and payments around them", lines, postings))
	t.line("%-44s %9s %9s %12s %10s %9s", "", "p50 ms", "worst ms", "CPU ms of PG", "of floor", "strangers")
	for i := range fs {
		f := &fs[i]
		t.line("%-44s %9.0f %9.0f %12.0f %9.1fx %9s", names[i], f.percentile(.5), f.percentile(1), f.cpuEach(), f.percentile(.5)/fs[0].percentile(.5), f.strangers())
	}
	t.line("aim: the glance under 2,000 ms at 1,000,000 lines")
}

func (t table) crowds(cs []crowd) {
	t.title("4. Whole purchases over HTTP: range, configure, dealer, details, check, pay, card page, order page")
	t.line("%-22s %8s %7s %7s %8s %8s %8s %9s %9s %9s %10s %9s %9s", "", "orders/s", "orders", "failed", "p50 ms", "p95 ms", "p99 ms", "app CPU", "PG CPU", "app+PG", "load CPU", "drain s", "strangers")
	for i := range cs {
		c := &cs[i]
		each := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(max(c.n, 1)) }
		name := fmt.Sprintf("%d buyers", c.buyers)
		if c.load == 0 {
			name = "8 buyers, demo*"
		}
		t.line("%-22s %8.1f %7d %7d %8.1f %8.1f %8.1f %9.2f %9.2f %9.2f %10.2f %9.2f %9s", name, c.perSecond(), c.n, c.failed, c.percentile(.5), c.percentile(.95), c.percentile(.99),
			each(c.app), each(c.pg), each(c.app+c.pg), each(c.load), c.drain.Seconds(), c.strangers())
		if c.firstError != nil {
			t.line("    first failure: %v", c.firstError)
		}
		if c.left > 0 || c.unoffered != 0 {
			t.line("    after %.0f s %d jobs were left, %d orders were in no dealer's queue", c.drain.Seconds(), c.left, c.unoffered)
		}
	}
	t.line("CPU is ms per order: app = shop and worker until the last job and mail is done, load = buyers, card bank and mail sink.")
	t.line("* shop, worker, card bank and caught mails in one process, as make run does it: app CPU holds the bank's.")
	t.line("aim: 60 orders/s with none failed; app+PG at most 10 ms of CPU per order; p99 under 200 ms at 8 buyers")
}

func (t table) starts(ss []started) {
	t.title("5. Start and memory")
	t.line("%-46s %12s %14s %10s %10s", "", "/readyz s", "range page s", "MB now", "MB peak")
	for _, s := range ss {
		if s.ready == 0 {
			t.line("%-46s %12s %14s %10.0f %10.0f", s.name, "", "", s.memory, s.peak)
			continue
		}
		t.line("%-46s %12.2f %14.2f %10.0f %10.0f", s.name, s.ready.Seconds(), s.page.Seconds(), s.memory, s.peak)
	}
	t.line("aim: under 2 s on existing data, each process under 150 MB")
}
