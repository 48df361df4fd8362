// Package hook tells dealers' own systems of every step of their orders: webhooks. An event reaches its address at least
// once, in the order of its order, always with the same id and body. No row holds a person: contact data is read through the
// API, which asks anew who may see it.
//
// Begin with Kinds and bodyOf in hook.go, then store.go. The outbox is filled by triggers in the transaction of each step;
// courier.go sends outside of any transaction, and package flow/outbound runs it. An address is active, paused (asked,
// failing or gone) or ended for good; a delivery is waiting, delivered, dead or withheld. docs/webhooks.md is the
// contract in words, the schema Event of the API's contract the exact one.
//
// Tables, and how long their rows are kept:
//
//   - hook_addresses, hook_secrets: as evidence of what was sent where, also after their end
//   - hook_deliveries, hook_attempts: 90 days
//
// It refuses an address that is not public https (outside the demo), a kind of event that it does not know, and to send what an
// order did after it went to another dealer.
package hook
