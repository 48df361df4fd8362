// Package stripesim is the offline card bank: a real HTTP server that speaks the part of Stripe's
// API 2023-10-16 that a hosted card payment needs, so that the product's own Stripe client runs
// unchanged without network or keys. It is a counterpart for demo and tests, never a branch in the
// payment code, and it shares no type with it.
//
// It owns Checkout Sessions, PaymentIntents, charges, refunds, events and webhook endpoints, the
// hosted card page with its 3-D Secure challenge, and switches for faults and time under /_sandbox.
// Everything is in memory; each change is one line of an append-only journal that is on disk before
// the answer leaves, so that a bank killed at any moment reopens with what it had promised.
//
// What it refuses: a live key, money in more than one currency per session, and storing a card
// number (only brand, last four digits and what the card is a test of are kept).
//
// How a change travels: handler -> Bank.update (one at a time) -> tx.put -> state.apply + journal.
// Reopening runs the same state.apply over the journal's lines.
package stripesim
