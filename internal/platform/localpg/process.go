package localpg

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"syscall"
)

// processState is what has become of the process that a pid file names.
type processState int

const (
	dead    processState = iota // no such process
	ours                        // the server of this data folder
	foreign                     // the pid is taken, by a corpse or by somebody else
)

// stateOf looks at a process through /proc; where that does not exist it can only ask whether the
// pid is taken.
func stateOf(pid int, data string) processState {
	if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
		return dead
	}
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		return ours
	}
	folder := "/proc/" + strconv.Itoa(pid)
	name, corpse := parseStat(folder + "/stat")
	if corpse || name != "postgres" {
		return foreign
	}
	// A server works inside its data folder. Only where the kernel does not tell do we go by the
	// arguments of its start.
	if within, err := os.Readlink(folder + "/cwd"); err == nil {
		return oursIf(within == data)
	}
	arguments, err := os.ReadFile(folder + "/cmdline")
	return oursIf(err == nil && bytes.Contains(arguments, append([]byte(data), 0)))
}

func oursIf(yes bool) processState {
	if yes {
		return ours
	}
	return foreign
}

// parseStat reads the program's name, which stands in brackets, and the state behind it.
func parseStat(file string) (name string, corpse bool) {
	stat, err := os.ReadFile(file)
	from, to := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if err != nil || from < 0 || len(stat) <= to+2 {
		return "", true
	}
	return string(stat[from+1 : to]), stat[to+2] == 'Z' || stat[to+2] == 'X'
}
