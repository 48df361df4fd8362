// Package latency counts how often something was done by name, and how long it took, since a process started.
//
// Begin with Book in latency.go. It owns no table and keeps no single case: a name, a count and a curve, so that nothing
// of a person can be in it.
package latency
