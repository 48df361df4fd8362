package catalogue

import (
	"encoding/json"
	"slices"

	"forecourt/internal/id"
)

// Without stands in an option's column of a table for a car without the option.
const Without id.Feature = "-"

// anything is how a file writes a cell that every car fits.
const anything = "*"

// Row is one allowed combination of a table: a cell for each column, in their order.
type Row []Cell

// Cell is what one column may hold in a row; empty means anything. In a file it is one feature, a list
// of features, or "*".
type Cell []id.Feature

// Fits tells whether a cell takes a feature, or Without for an option left off.
func (c Cell) Fits(x id.Feature) bool { return len(c) == 0 || slices.Contains(c, x) }

// SetWord reads the short form: one feature or "*".
func (c *Cell) SetWord(word string) {
	if *c = nil; word != anything {
		*c = Cell{id.Feature(word)}
	}
}

// MarshalJSON writes the shortest form, as people do.
func (c Cell) MarshalJSON() ([]byte, error) {
	switch len(c) {
	case 0:
		return json.Marshal(anything)
	case 1:
		return json.Marshal(c[0])
	default:
		return json.Marshal([]id.Feature(c))
	}
}

// UnmarshalJSON reads every form; null is anything too.
func (c *Cell) UnmarshalJSON(data []byte) error {
	var word string
	if json.Unmarshal(data, &word) == nil && word != "" {
		c.SetWord(word)
		return nil
	}
	return json.Unmarshal(data, (*[]id.Feature)(c))
}
