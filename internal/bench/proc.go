package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the kernel's unit in /proc on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// gauge holds CPU counters at one moment.
type gauge struct {
	pids []int
	cpu  time.Duration
	own  time.Duration
	busy time.Duration
}

// watched are all processes of this run, so that the rest of the machine can be told apart.
var watched func() []int

func meter(pids []int) gauge {
	return gauge{pids: pids, cpu: cpuOf(pids), own: cpuOf(watched()), busy: machineBusy()}
}

// since is the CPU of the metered processes and that of strangers.
func (g gauge) since() (cpu, others time.Duration) {
	return cpuOf(g.pids) - g.cpu, max(machineBusy()-g.busy-(cpuOf(watched())-g.own), 0)
}

func statOf(pid int) []string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	// The name in brackets may hold blanks; what follows the last bracket may not.
	return strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
}

func ticks(fields []string, at ...int) (d time.Duration) {
	for _, i := range at {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		d += time.Duration(n) * tick
	}
	return d
}

// cpuOf sums user and system time. A negative pid means that process with all children that it has
// or had: PostgreSQL.
func cpuOf(pids []int) (d time.Duration) {
	for _, pid := range pids {
		f := statOf(max(pid, -pid))
		if f == nil {
			continue
		}
		d += ticks(f, 11, 12)
		if pid < 0 {
			d += ticks(f, 13, 14)
			for _, child := range childrenOf(-pid) {
				if c := statOf(child); c != nil {
					d += ticks(c, 11, 12)
				}
			}
		}
	}
	return d
}

func childrenOf(pid int) (out []int) {
	names, _ := filepath.Glob("/proc/[0-9]*")
	for _, n := range names {
		p, _ := strconv.Atoi(filepath.Base(n))
		if f := statOf(p); f != nil && f[1] == strconv.Itoa(pid) {
			out = append(out, p)
		}
	}
	return out
}

func parentOf(pid int) int {
	f := statOf(pid)
	if f == nil {
		return 0
	}
	p, _ := strconv.Atoi(f[1])
	return p
}

// machineBusy is the time all cores have worked.
func machineBusy() time.Duration {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return ticks(strings.Fields(line), 1, 2, 3, 6, 7)
}

// memory is the resident size of a process now and at its highest, in MB.
func memory(pid int) (now, peak float64) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for _, line := range strings.Split(string(b), "\n") {
		name, value, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch name {
		case "VmRSS":
			now = kb / 1024
		case "VmHWM":
			peak = kb / 1024
		}
	}
	return now, peak
}
