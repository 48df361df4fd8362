// Package identity says who somebody is and what he may do: staff with their roles, passwords and
// browser sessions, and the machines of dealers with their access tokens. Buyers are not here: they
// have secret links.
//
// Tables: users (kept while the account exists), sessions (until they expire), api_clients (kept as
// evidence after revocation), revoked_tokens (until the token would have ended by itself).
//
// What it refuses: a session for a visitor of public pages; an answer that tells an unknown e-mail
// from a wrong password; a demo login outside the demo; a token that is not signed with Ed25519 by a
// key that is configured now.
//
// Sessions live by the machine's and the database's clock and not by the domain's, so that a demo
// that jumps ahead signs nobody out. Tokens and limits live by the domain's.
package identity
