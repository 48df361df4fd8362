package configurator_test

import (
	"bytes"
	"fmt"
	"os"
)

// tellCommand writes to the output of the go command above us, where the system shows it to us and it
// is a pipe or a terminal: a file would be written over.
func tellCommand(line []byte) {
	above := fmt.Sprintf("/proc/%d/", os.Getppid())
	if name, err := os.ReadFile(above + "comm"); err != nil || string(bytes.TrimSpace(name)) != "go" {
		return
	}
	info, err := os.Stat(above + "fd/1")
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeCharDevice) == 0 {
		return
	}
	if out, err := os.OpenFile(above+"fd/1", os.O_WRONLY, 0); err == nil {
		out.Write(line)
		out.Close()
	}
}
