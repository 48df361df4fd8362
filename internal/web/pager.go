package web

// Leaf cuts the rows that were read to what a page shows. One row more than that is asked for: it tells that others come.
// next is the address of the page behind the last row shown; empty when there is none.
func Leaf[R any](rows []R, shown int, address func(last R) string) (leaf []R, next string) {
	if len(rows) <= shown {
		return rows, ""
	}
	return rows[:shown], address(rows[shown-1])
}
