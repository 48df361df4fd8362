// Package forms makes a POST that arrives twice count once: the form's key is written with the
// result in the transaction of the act. Whoever sends the key again gets the first answer.
package forms
