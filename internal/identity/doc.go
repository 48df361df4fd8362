// Package identity says who somebody is and what he may do: staff with their roles, passwords and
// browser sessions, and the machines of dealers with their access tokens. Buyers are not here: they
// have secret links.
//
// Begin with user.go and role.go (roles, what each may do, and where), then login.go and session.go; reset.go, sso.go, factor.go,
// passkey.go and token.go are a subject each.
//
// Tables, and how long their rows are kept:
//
//   - users: while the account exists
//   - staff_roles, staff_invitations, staff_resets: as evidence of who could do what
//   - sessions: until they expire
//   - user_totp, recovery_codes, passkeys: until their owner takes them away
//   - passkey_challenges, sso_attempts: minutes
//   - sso_providers, sso_domains: until their group takes them away
//   - sso_links: as evidence
//   - api_clients: as evidence, also after revocation
//   - revoked_tokens: until the token would have ended by itself
//   - calendar_links: as evidence, also after their end; a keyed hash is all they hold
//
// How a dealer group signs in stands in network's dealer_groups, whose codes and names an import writes.
//
// A dealer's staff hold roles at sites; what a route needs is asked at the site that the request is about.
// A group may let its own provider (OpenID Connect) say who somebody is: SSO. The provider lets in whom the group
// has invited and makes nobody; people of other groups and of offices are nobody to it.
//
// A session is half before the second factor and locked when nobody used it: both count as a stranger's.
//
// What it refuses: a role from somebody who does not hold it himself, or a reset of somebody who may more than he; a session for a visitor of public pages; an answer
// that tells an unknown e-mail from a wrong password; a demo login outside the demo; a token that is not signed with
// Ed25519 by a key that is configured now.
//
// Sessions live by the machine's and the database's clock and not by the domain's, so that a demo
// that jumps ahead signs nobody out. Tokens and limits live by the domain's.
package identity
