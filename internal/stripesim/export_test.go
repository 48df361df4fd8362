package stripesim

import (
	"maps"
	"slices"
)

// Routes are all patterns of the API, for the test that visits each.
func Routes() []string { return slices.Sorted(maps.Keys(apiRoutes)) }

// Cards are the test cards by name: number and name in the API.
func Cards() map[string][2]string {
	out := map[string][2]string{}
	for _, c := range testCards {
		out[c.Test] = [2]string{c.Number, c.Method}
	}
	return out
}
