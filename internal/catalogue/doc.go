// Package catalogue knows what can be bought: models with their versions, engines, colours, upholstery, wheels, options and
// packs, the rules between them and the dated price lists per market.
//
// Begin with Range in catalogue.go and with a file under config/ranges; docs/ranges.md says how to write one. file.go reads
// it, the check_*.go files judge it (features, prices, rules, conflicts, tables) and tell every mistake with its line.
// Which choices go together is package configurator's question; publishing is package world's.
//
// Tables, and how long their rows are kept:
//
//   - ranges: reference data, until the next import; orders keep their own snapshot
//
// It refuses a file with an unknown key, a feature without a name in a language that it must have, a rule or price about a
// feature that does not exist, two rules that contradict one another, and a price list without a first day.
package catalogue
