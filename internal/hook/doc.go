// Package hook tells dealers' own systems of every step of their orders. It owns the tables hook_addresses,
// hook_secrets (both kept as evidence of what was sent where), hook_deliveries, the outbox that triggers fill in the
// transaction of each step, and hook_attempts (both 90 days). No row holds a person: contact data is read through the API,
// which asks anew who may see it. An event reaches its address at least once, in the order of its order, always with the
// same id and body.
//
// The contract for receivers is the schema Event of the API's contract; docs/webhooks.md says it in words.
package hook
