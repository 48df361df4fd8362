package catalogue

import (
	"slices"

	"forecourt/internal/id"
)

// maxColumns is more than a person can keep in mind when reading a table.
const maxColumns = 8

// table checks an only_with rule: its columns, and that each row names only what its columns hold.
func (c *checker) table(rule *Rule, at []string) {
	for key, empty := range map[string]bool{"if": rule.If == "", "any": len(rule.Any) == 0} {
		if !empty {
			c.say(below(at, key), "%s has no meaning for only_with; its table names the features", key)
		}
	}
	if !c.columns(rule, at) || !c.present(len(rule.Rows) == 0, below(at, "rows")) {
		return
	}
	if len(rule.Rows) == 0 {
		c.say(below(at, "rows"), "rows is empty, so the table forbids every car")
	}
	for i, row := range rule.Rows {
		c.row(rule, row, below(at, "rows", i))
	}
}

// columns answers whether the rows can be checked against them.
func (c *checker) columns(rule *Rule, at []string) bool {
	if !c.present(len(rule.Of) == 0, below(at, "of")) {
		return false
	}
	if len(rule.Of) == 0 {
		c.say(below(at, "of"), "of names no column")
		return false
	}
	if len(rule.Of) > maxColumns {
		c.say(below(at, "of"), "a table has at most %d columns, not %d", maxColumns, len(rule.Of))
		return false
	}
	good := true
	for i, col := range rule.Of {
		here := below(at, "of", i)
		switch _, group := groupKeys[Group(col)]; {
		case col == "":
			good = false
		case slices.Contains(rule.Of[:i], col):
			c.say(here, "column %q is named twice", col)
			good = false
		case (!group || Group(col) == Options) && c.groups[id.Feature(col)] != Options:
			c.say(here, "a column is version, engine, colour, upholstery, wheels or the code of an option, not %q", col)
			good = false
		}
	}
	return good
}

func (c *checker) row(rule *Rule, row Row, at []string) {
	if len(row) != len(rule.Of) {
		if !c.unreadAt(at) {
			c.say(at, "a row has a cell for each of %s, not %d cells", list(rule.Of), len(row))
		}
		return
	}
	free := 0
	for i, cell := range row {
		here := below(at, i)
		if cell == nil {
			free++
		} else if len(cell) == 0 && !c.unreadAt(here) {
			c.say(here, `the cell is empty; write "*" for anything`)
		}
		seen := map[id.Feature]bool{}
		for _, x := range cell {
			c.inCell(rule.Of[i], x, seen[x], here)
			seen[x] = true
		}
	}
	if free == len(row) && !c.unreadAt(at) {
		c.say(at, "this row fits every car, so the table forbids nothing")
	}
}

func (c *checker) inCell(col string, x id.Feature, twice bool, at []string) {
	g := c.groups[x]
	switch _, isGroup := groupKeys[Group(col)]; {
	case twice:
		c.say(at, "%q is named twice", x)
	case x == "": // told as a mistake of form
	case isGroup && g != Group(col) && g != "":
		c.say(at, "%q is of %s and can not stand under %s", x, groupKeys[g], col)
	case isGroup && g == "":
		c.say(at, "there is no feature %q in this range", x)
	case !isGroup && x != id.Feature(col) && x != Without:
		c.say(at, `under option %q stands %q or "-", not %q`, col, col, x)
	}
}
