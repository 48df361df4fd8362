// Package talk keeps what buyer and dealer write to each other about an order. Begin with talk.go; who may write when is
// package sale, talk.go.
//
// Tables, and how long their rows are kept:
//
//   - messages, message_photos: the words and pictures as long as the market says after the order's end, then their hashes alone
//
// A message is never changed: the schema allows one change, from words to their own hash. It shows nobody's number, mail or
// address, and knows none. It refuses a message that says nothing (ErrEmpty) or too much (ErrLong), and more than MostADay
// from one side in a day (ErrMany).
package talk
