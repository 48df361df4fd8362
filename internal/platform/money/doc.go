// Package money counts in int64 minor units of one currency (pence, cents): never in floats.
// Sources of the rules: rounding half up per line, lines sum to the total to the cent, a split
// never loses a cent (docs/decisions).
package money
