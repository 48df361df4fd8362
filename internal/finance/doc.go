// Package finance makes the representative example of a credit: the figures that the law wants said together as soon as one
// of them is said (CONC 3.5.5R in Great Britain, Article 8 of Directive (EU) 2023/2225 in the Union). Pure functions of
// a price and dated data; it owns no table.
//
// Begin with Of in finance.go; apr.go solves the law's equation. The lender counts interest each month on what is owed, at
// a twelfth of the yearly rate, rounded half up to the cent. All arithmetic is in whole numbers.
//
// It refuses half an example: where one figure cannot be made, there is none.
package finance
