// Package webhook receives what the card world tells, at /webhooks/stripe. It answers 200 only when the notice is kept in the
// database; everything else is a refusal, so that the sender tries again.
//
// The way of a notice: signature over the raw body, one transaction with the event's id (unique) and a job, 200. The job is
// package sale's (event.go), which asks the bank anew and believes no notice. It refuses a wrong signature, an old notice
// and another API version. It owns no table.
package webhook
