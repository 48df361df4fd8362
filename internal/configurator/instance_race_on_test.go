//go:build race

package configurator_test

// slow tells that the race detector makes everything some ten times slower.
const slow = true
