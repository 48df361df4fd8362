package diagram

import "sort"

// build turns one rule into nodes; the answer is held once.
func (f *forest) build(r *relation) int32 {
	id := no
	if r.clause {
		id = f.clause(r)
	} else {
		id = f.table(r)
	}
	if f.fail != nil {
		return no
	}
	f.hold(id)
	return id
}

// columns are the positions of a scope in the order of their levels, top first.
func (f *forest) columns(scope []int32) []int {
	cols := make([]int, len(scope))
	for i := range cols {
		cols[i] = i
	}
	sort.Slice(cols, func(i, j int) bool { return f.at[scope[cols[i]]] < f.at[scope[cols[j]]] })
	return cols
}

func (f *forest) clause(r *relation) int32 {
	cols := f.columns(r.scope)
	id := no
	for i := len(cols) - 1; i >= 0; i-- {
		base := len(f.stack)
		for _, holds := range r.masks[cols[i]] {
			k := id
			if holds {
				k = yes
			}
			f.stack = append(f.stack, k)
		}
		id = f.make(r.scope[cols[i]], f.stack[base:])
		f.stack = f.stack[:base]
	}
	return id
}

func (f *forest) table(r *relation) int32 {
	t := tabled{forest: f, rows: r.rows, cols: f.columns(r.scope)}
	widths := make([]int32, len(t.cols))
	for j, c := range t.cols {
		t.scope = append(t.scope, r.scope[c])
		widths[j] = f.width[r.scope[c]]
	}
	t.index = sortRows(r.rows, len(r.scope), t.cols, widths)
	return t.node(0, len(t.index), 0)
}

// tabled is a table on its way into the forest: its rows sorted, columns in the order of the levels.
type tabled struct {
	*forest
	rows  []int32
	scope []int32 // variable of each sorted column
	cols  []int   // where each sorted column stands in a row
	index []int32 // starts of rows, sorted
}

// sortRows answers the starts of rows of n values each, sorted by the columns cols. It counts, last
// column first: rows are many and values few.
func sortRows(rows []int32, n int, cols []int, width []int32) []int32 {
	index := make([]int32, len(rows)/n)
	for i := range index {
		index[i] = int32(i * n)
	}
	spare := make([]int32, len(index))
	for j := len(cols) - 1; j >= 0; j-- {
		c := cols[j]
		starts := make([]int32, width[j]+1)
		for _, o := range index {
			starts[rows[int(o)+c]+1]++
		}
		for x := 1; x < len(starts); x++ {
			starts[x] += starts[x-1]
		}
		for _, o := range index {
			x := rows[int(o)+c]
			spare[starts[x]] = o
			starts[x]++
		}
		index, spare = spare, index
	}
	return index
}

// node is the diagram of the rows lo to hi, which agree in all columns before j.
func (t *tabled) node(lo, hi, j int) int32 {
	if j == len(t.cols) {
		return yes
	}
	v, c := t.scope[j], t.cols[j]
	base := len(t.stack)
	for range t.width[v] {
		t.stack = append(t.stack, no)
	}
	for lo < hi {
		x := t.rows[int(t.index[lo])+c]
		end := lo + 1
		for end < hi && t.rows[int(t.index[end])+c] == x {
			end++
		}
		k := t.node(lo, end, j+1)
		t.stack[base+int(x)] = k
		lo = end
	}
	id := t.make(v, t.stack[base:])
	t.stack = t.stack[:base]
	return id
}
