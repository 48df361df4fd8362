// Package dotmap draws a plain map: a country's outline, numbered dots, a scale, lines of latitude and
// longitude. It needs no tiles, no script and no other server. The drawing has no words: whoever shows it
// says the same beside it.
package dotmap
