// Package outward makes HTTP clients for addresses that somebody typed: a dealer's sign-on provider, a dealer's
// own system. Such an address may be meant to reach what stands behind our door, so a connection is looked
// at when it is made, after its name was resolved: only to public addresses, only by https. Redirects are
// answers and are not followed, proxies of the environment are not asked, answers are bounded.
package outward
