package diagram

// layered is a compiled diagram as the compiler hands it over: reduced, ordered, only what the root
// reaches. A level that a path skips may take any value that is alive.
type layered struct {
	order []int     // variable of each level, top first
	alive [][]bool  // by variable: values that at least one whole assignment has
	level []int32   // by node; nodes stand parents first, node 0 is the root
	kids  [][]int32 // by node, by value of its variable: a node, top or none
}

// Children that are no nodes.
const (
	top  int32 = -1 // every completion is allowed
	none int32 = -2 // no completion is
)
