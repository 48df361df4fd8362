// Package cartoken signs and checks what vehicles say: one message is one compact JWT, signed with Ed25519 by the vehicle's own
// key, so that the signature covers every word of it. What the signals mean is package connected's. It owns no table.
//
// It refuses every algorithm but EdDSA, a token of another type (an access token of ours is none), a header that asks for
// extensions, and a message without VIN, time or number.
package cartoken
