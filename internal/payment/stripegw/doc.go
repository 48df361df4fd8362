// Package stripegw speaks to Stripe for the payment package and is the only importer of stripe-go.
// It holds no state and decides nothing about orders: it turns verbs into calls and answers into
// payment's own types. The same code talks to Stripe and to the offline card bank; only the
// address differs, and a live key is never sent to an address that is not Stripe's.
//
// What it promises beyond the library:
//   - the state of a payment is read from the PaymentIntent, never from a session's payment_status,
//     which does not tell an authorisation from a capture;
//   - an answer that leaves the outcome open (5xx, no answer, an answer that is not Stripe's) is a
//     GatewayError with Unknown set;
//   - "already done" is an answer, not an error: the object is read again and returned.
package stripegw
