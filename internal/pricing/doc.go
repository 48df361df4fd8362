// Package pricing turns a car into price lines: what the buyer pays on the road in one market on one
// day. It is pure: dated data in, a Quote out. It owns no tables; an order stores the Quote as its
// snapshot and never computes it again.
//
// Every line is VAT-inclusive and rounded half up on its own, the VAT contained in it is shown per
// line, and the lines sum to the total to the cent. Mandatory lines of the market are always part of
// the total; a duty that comes to nothing for this car has no line.
package pricing
