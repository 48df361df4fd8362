// Package talk keeps what buyer and dealer write to each other about an order. It owns the tables messages and
// message_photos. Retention: the words and pictures as long as the market says after the
// order's end, then their hashes alone; a message is never changed. It shows
// nobody's number, mail or address, and knows none.
package talk
