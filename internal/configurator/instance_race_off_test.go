//go:build !race

package configurator_test

const slow = false
