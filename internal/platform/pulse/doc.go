// Package pulse tells how the running house does: which processes live and how long their work takes, how the database
// does, which jobs wait and which were given up.
//
// Begin with Report in pulse.go. store.go writes what a process tells of itself; read.go asks the database. Everything is
// machine time, because none of it is about a rule.
//
// Tables, and how long their rows are kept:
//
//   - instances: until the process stops, and a day after one that was killed fell silent
//
// It holds counts, times and the words of statements, never a parameter, and judges nothing: what is worth a look is the
// reader's to say.
package pulse
