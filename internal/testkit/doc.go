// Package testkit builds what flow and page tests need: a database with the demo world, the real
// card bank behind the real stripe-go client, the new-car flow, and a worker. For tests only.
package testkit
