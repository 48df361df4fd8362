package instance

import (
	"io/fs"
	"slices"
	"sort"
	"strings"
)

// readCLib reads a folder: domains.txt with a variable and its values on each line, and a file of rows
// for each rule, such as "Var1=2 and Var7=0);".
func readCLib(folder fs.FS) (*Instance, error) {
	text, err := fs.ReadFile(folder, "domains.txt")
	if err != nil {
		return nil, refuse("the folder has no domains.txt: %v", err)
	}
	in := newInstance("CLib")
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, values, ok := strings.Cut(line, ":")
		if !ok {
			return nil, refuse("domains.txt: %.60q has no colon", line)
		}
		if err := in.addVariable(strings.TrimSpace(name), trimmed(strings.Split(values, ","))); err != nil {
			return nil, err
		}
	}
	files, err := fs.Glob(folder, "*.pm")
	if err != nil || len(files) == 0 {
		return nil, refuse("the folder has no rules (*.pm)")
	}
	sort.Strings(files)
	for _, file := range files {
		text, err := fs.ReadFile(folder, file)
		if err != nil {
			return nil, err
		}
		if err := in.ruleCLib(strings.TrimSuffix(file, ".pm"), string(text)); err != nil {
			return nil, err
		}
	}
	if err := in.Problem.Check(); err != nil {
		return nil, refuse("%v", err)
	}
	return in, nil
}

func trimmed(words []string) []string {
	for i, w := range words {
		words[i] = strings.TrimSpace(w)
	}
	return distinct(words)
}

// ruleCLib reads one rule; a file without rows says nothing.
func (in *Instance) ruleCLib(name, text string) error {
	var t *table
	for line := range strings.Lines(text) {
		line = strings.Trim(strings.TrimSpace(line), " ;()")
		if !strings.Contains(line, "=") {
			continue
		}
		vars, words, err := in.rowCLib(line)
		if err != nil {
			return refuse("rule %s: %v", name, err)
		}
		if t == nil {
			if t, err = in.newTable(name, vars); err != nil {
				return err
			}
		}
		if len(t.scope) != len(t.cols) || !slices.Equal(t.scope, vars) {
			return refuse("rule %s: a row is not about the same variables as the first: %.60q", name, line)
		}
		if err := t.words(words); err != nil {
			return err
		}
	}
	if t != nil {
		t.allow()
	}
	return nil
}

func (in *Instance) rowCLib(line string) (vars []int, words []string, err error) {
	for part := range strings.SplitSeq(line, " and ") {
		name, value, ok := strings.Cut(part, "=")
		v, known := in.Variable(strings.TrimSpace(name))
		if !ok || !known {
			return nil, nil, refuse("%.60q names no variable and value", part)
		}
		vars, words = append(vars, v), append(words, strings.TrimSpace(value))
	}
	return vars, words, nil
}

// words adds a tuple of values by name, unless one is outside its domain.
func (t *table) words(words []string) error {
	tuple := make([]int32, len(words))
	for i, w := range words {
		x, known := t.in.Value(t.scope[i], w)
		if !known {
			return nil
		}
		tuple[i] = x
	}
	return t.add(tuple)
}
