// Package identity says who somebody is and what he may do: staff with their roles, passwords and
// browser sessions, and the machines of dealers with their access tokens. Buyers are not here: they
// have secret links.
//
// Tables: users (kept while the account exists), staff_roles and staff_invitations (kept as evidence of who
// could do what), sessions (until they expire), user_totp, recovery_codes and passkeys (until their owner takes
// them away), passkey_challenges (minutes), sso_providers and
// sso_domains (until their group takes them away), sso_links (kept as evidence), sso_attempts (minutes), api_clients (kept as evidence after revocation), revoked_tokens
// (until the token would have ended by itself). How a dealer group signs in stands in dealer_groups, whose
// codes and names an import writes.
//
// A dealer's staff hold roles at sites; what a route needs is asked at the site that the request is about.
// A group may let its own provider (OpenID Connect) say who somebody is: SSO. The provider lets in whom the group
// has invited and makes nobody; people of other groups and of offices are nobody to it.
//
// A session is half before the second factor and locked when nobody used it: both count as a stranger's.
//
// What it refuses: a role from somebody who does not hold it himself; a session for a visitor of public pages; an answer that tells an unknown e-mail
// from a wrong password; a demo login outside the demo; a token that is not signed with Ed25519 by a
// key that is configured now.
//
// Sessions live by the machine's and the database's clock and not by the domain's, so that a demo
// that jumps ahead signs nobody out. Tokens and limits live by the domain's.
package identity
