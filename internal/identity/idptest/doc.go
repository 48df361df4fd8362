// Package idptest is a provider of single sign-on for tests: a real HTTP server with discovery, keys, codes that
// work once, PKCE, and real signatures. A test can make it lie. Only tests import it.
package idptest
