package instance

import (
	"strings"
)

// Unknown is the value of a variable that an order does not tell.
const Unknown = int32(-1)

// Orders are recorded choices: rows of values, by column.
type Orders struct {
	Vars    []int // the variable of each column
	Rows    [][]int32
	Unnamed []string // columns of the file that name no variable and were left out
}

// LoadOrders reads a file of orders for an instance.
func LoadOrders(path string, in *Instance) (*Orders, error) {
	text, err := contents(path)
	if err != nil {
		return nil, err
	}
	return ParseOrders(string(text), in)
}

// ParseOrders reads orders, one on a line, values parted by semicolon, comma or blanks. A first line
// with names of variables says what the columns are; without it they are the variables in their order.
// An empty value, or a question mark, is not known.
func ParseOrders(text string, in *Instance) (*Orders, error) {
	o := &Orders{}
	var split func(string) []string
	var at []int // by column of the file: column of the orders, -1 for one that is left out
	for number, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line = strings.TrimRight(line, "\r")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if split == nil {
			split = splitter(line)
			header := o.header(in, split(line))
			if header != nil {
				at = header
				continue
			}
			if at = o.plain(in, len(split(line))); at == nil {
				return nil, refuse("line 1: it names no variables, and has %d columns for %d variables", len(split(line)), len(in.Values))
			}
		}
		row, err := o.row(in, split(line), at)
		if err != nil {
			return nil, refuse("line %d: %v", number+1, err)
		}
		o.Rows = append(o.Rows, row)
	}
	if len(o.Rows) == 0 {
		return nil, refuse("there are no orders in the file")
	}
	return o, nil
}

// splitter parts lines the way the first one is written.
func splitter(line string) func(string) []string {
	for _, sep := range []string{";", ","} {
		if strings.Contains(line, sep) {
			return func(line string) []string {
				words := strings.Split(line, sep)
				for i, w := range words {
					words[i] = strings.Trim(w, " \t\"")
				}
				return words
			}
		}
	}
	return strings.Fields
}

// header makes columns of a line with names of variables; nil for any other line.
func (o *Orders) header(in *Instance, words []string) []int {
	at, seen := make([]int, len(words)), map[int]bool{}
	for i, w := range words {
		v, ok := in.Variable(w)
		if at[i] = -1; !ok || seen[v] {
			o.Unnamed = append(o.Unnamed, w)
			continue
		}
		seen[v] = true
		at[i] = len(o.Vars)
		o.Vars = append(o.Vars, v)
	}
	if 2*len(o.Vars) < len(words) {
		o.Vars, o.Unnamed = nil, nil
		return nil
	}
	return at
}

// plain takes the variables in their order for the columns.
func (o *Orders) plain(in *Instance, columns int) []int {
	if columns != len(in.Values) {
		return nil
	}
	at := make([]int, columns)
	for v := range at {
		at[v] = v
		o.Vars = append(o.Vars, v)
	}
	return at
}

func (o *Orders) row(in *Instance, words []string, at []int) ([]int32, error) {
	if len(words) != len(at) {
		return nil, refuse("%d values in %d columns", len(words), len(at))
	}
	row := make([]int32, len(o.Vars))
	for i, w := range words {
		c := at[i]
		if c < 0 {
			continue
		}
		if w == "" || w == "?" {
			row[c] = Unknown
			continue
		}
		x, ok := in.Value(o.Vars[c], w)
		if !ok {
			return nil, refuse("variable %s has no value %q", in.Problem.Vars[o.Vars[c]].Name, w)
		}
		row[c] = x
	}
	return row, nil
}
