// Package payment owns money that moves: payments by card or at a dealer's desk, the provider's
// events, and the double-entry ledger. It owns the tables payments, payment_parts,
// provider_events, ledger_postings and ledger_lines. Retention: payments and ledger as long as the books; payloads
// of events 90 days. It never calls the gateway inside a transaction.
package payment
