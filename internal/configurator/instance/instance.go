package instance

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"forecourt/internal/configurator/diagram"
)

// ErrInstance is a file that is broken or says more than the readers understand.
var ErrInstance = errors.New("instance")

// Limits on what a file may ask for, so that a hostile one cannot take the machine.
const (
	maxFile   = 256 << 20
	maxVars   = 20_000
	maxDomain = 10_000
	maxValues = 500_000 // of all variables together
	maxRules  = 200_000
	maxCells  = 20_000_000 // numbers in all tables together
)

// Instance is a problem with the names of its values.
type Instance struct {
	Format  string
	Problem diagram.Problem
	Values  [][]string // by variable and value

	vars  map[string]int
	value []map[string]int32
	all   int // values of all variables
	cells int // numbers in all tables
}

func newInstance(format string) *Instance {
	return &Instance{Format: format, vars: map[string]int{}}
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInstance, fmt.Sprintf(format, args...))
}

// Variable finds a variable by name.
func (in *Instance) Variable(name string) (int, bool) {
	v, ok := in.vars[name]
	return v, ok
}

// Value finds a value of a variable by name.
func (in *Instance) Value(v int, name string) (int32, bool) {
	x, ok := in.value[v][name]
	return x, ok
}

// Tuples is the number of rows in all tables, and of clauses.
func (in *Instance) Tuples() int {
	n := 0
	for _, r := range in.Problem.Rules {
		if r.Scope == nil {
			n++
		} else {
			n += len(r.Rows) / len(r.Scope)
		}
	}
	return n
}

func (in *Instance) addVariable(name string, values []string) error {
	if _, twice := in.vars[name]; twice || name == "" {
		return refuse("variable %q is named twice or not at all", name)
	}
	if len(in.Values) >= maxVars {
		return refuse("more than %d variables", maxVars)
	}
	if in.all += len(values); in.all > maxValues {
		return refuse("the variables have more than %d values together", maxValues)
	}
	index := make(map[string]int32, len(values))
	for i, v := range values {
		if _, twice := index[v]; twice {
			return refuse("variable %s has the value %s twice", name, v)
		}
		index[v] = int32(i)
	}
	if len(values) == 0 {
		return refuse("variable %s has no values", name)
	}
	in.vars[name] = len(in.Values)
	in.Values, in.value = append(in.Values, values), append(in.value, index)
	in.Problem.Vars = append(in.Problem.Vars, diagram.Var{Name: name, Values: len(values)})
	return nil
}

// Load reads a file, or a folder with CLib rules.
func Load(path string) (*Instance, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	var in *Instance
	if info.IsDir() {
		in, err = readCLib(os.DirFS(path))
	} else {
		in, err = loadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	in.Problem.Name = filepath.Base(path)
	return in, nil
}

func loadFile(path string) (*Instance, error) {
	text, err := contents(path)
	if err != nil {
		return nil, err
	}
	return Parse(text)
}

// contents reads a file, unpacked when it is packed with gzip.
func contents(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	return unpack(raw)
}

func unpack(raw []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(raw, []byte("\x1f\x8b")):
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, refuse("gzip: %v", err)
		}
		if raw, err = io.ReadAll(io.LimitReader(z, maxFile+1)); err != nil {
			return nil, refuse("gzip: %v", err)
		}
	case bytes.HasPrefix(raw, []byte("\xfd7zXZ")), bytes.HasPrefix(raw, []byte{0x5d, 0, 0}):
		return nil, refuse("the file is packed with xz or lzma: unpack it first, only gzip is read as it is")
	}
	if len(raw) > maxFile {
		return nil, refuse("the file is larger than %d MB", maxFile>>20)
	}
	return raw, nil
}

// Parse reads the text of an XCSP file of either version.
func Parse(text []byte) (*Instance, error) {
	root, err := parseXML(text)
	if err != nil {
		return nil, err
	}
	if root.name() != "instance" {
		return nil, refuse("the file starts with <%s>, not with <instance>", root.name())
	}
	read := readXCSP2
	if strings.HasPrefix(root.attr("format"), "XCSP3") || root.child("domains") == nil {
		read = readXCSP3
	}
	in, err := read(root)
	if err != nil {
		return nil, err
	}
	if err := in.Problem.Check(); err != nil {
		return nil, refuse("%v", err)
	}
	return in, nil
}
