// Package api is the JSON surface for dealers' own systems. A system asks for a short-lived access
// token with its secret and reads its own dealer's orders. Every endpoint is made by open or bearer,
// so that none can be declared without saying who may call it. The contract is openapi.json; tests
// hold the answers against it.
package api
