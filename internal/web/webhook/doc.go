// Package webhook receives what the card world tells. It answers 200 only when the notice is kept in
// the database; everything else is a refusal, so that the sender tries again.
package webhook
