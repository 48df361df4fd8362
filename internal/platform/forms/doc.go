// Package forms makes a POST that arrives twice count once: the form's key is written with the result in the transaction of
// the act. Whoever sends the key again gets the first answer.
//
// Tables, and how long their rows are kept:
//
//   - form_results: seven days
//
// It refuses a form without a usable key, and a key that was used for another act (ErrKey). When the act fails nothing is
// kept, so the same form may be sent again.
package forms
