// Package stripesim is the offline card bank: a real HTTP server that speaks the part of Stripe's
// API 2023-10-16 that a hosted card payment needs, so that the product's own Stripe client runs
// unchanged without network or keys. It is a counterpart for demo and tests, never a branch in the
// payment code, and it shares no type with it.
//
// It owns Checkout Sessions, PaymentIntents, charges, refunds, disputes, early fraud warnings, reviews,
// customers and the cards kept for them, balance transactions, events and webhook endpoints; the hosted
// card page with its 3-D Secure challenge; a dashboard for the person who tries things out; and
// switches for faults, delivery, disputes and time under /_sandbox. Everything is in memory; each change
// is one line of an append-only journal that is on disk before the answer leaves, so that a bank killed
// at any moment reopens with what it had promised. Ordered faults and switched delivery chances are not
// part of that: they end with the process.
//
// What it refuses: a live key, money in more than one currency per session, and storing a card
// number (only brand, last four digits and what the card is a test of are kept).
//
// How a change travels: handler -> Bank.update (one at a time) -> tx.put -> state.apply + journal.
// Reopening runs the same state.apply over the journal's lines.
//
// # Money over time
//
// All by the bank's own clock. An authorisation ends after 7 days, on Visa after 4 days and 18 hours
// when the card holder was not there (off_session). A capture with automatic_async is in the balance a
// minute later. The slow cards stay in processing for ten minutes. A chargeback takes its amount and a
// fee at once; it is lost when nobody answers within 20 days or the card holder's bank has not decided
// after 75. An inquiry takes nothing, fades after 120 days and is closed by a full refund. Evidence in
// the field uncategorized_text decides at once: winning_evidence, losing_evidence,
// escalate_inquiry_evidence. Refunds of the card for pending refunds succeed after an hour; those of
// the card for failing refunds fail after an hour. Under manual capture disputes come with the capture.
//
// # The switches
//
// All take a form or a flat JSON object and answer JSON, 400 with {"error": ...} when something is
// wrong; a browser's form is led back to its page instead.
//
//	GET  /_sandbox/ledger          the truth, see below
//	POST /_sandbox/clock/advance   seconds; with Options.Forward everybody who shares the clock moves, in a moment
//	POST /_sandbox/resend          event
//	POST /_sandbox/dispute         payment_intent [amount] [reason] [status=needs_response|warning_needs_response]
//	                               dispute, outcome=won|lost, of an inquiry also closed|escalated
//	POST /_sandbox/refund          refund, status=succeeded|failed|canceled|requires_action
//	POST /_sandbox/merchant        payment_intent, do=capture|cancel|refund [amount]: done behind the shop's back
//	POST /_sandbox/webhook         [endpoint: id or address; all without it] [rotate=whsec_...] [overlap_seconds=86400]
//	                               [wrong_secret=1|0] [api_version] [skew_seconds]
//	POST /_sandbox/delivery        [dup] [drop] [late] (0 to 1) [shuffle_seconds] [late_seconds] [seed]
//	POST /_sandbox/fault           path, phase, kind [method] [count=1] [hang_seconds=90] [should_retry=true|false]: the next calls
//	                               rate, phase, kind [path=/v1/] [seed=0] [method] [count] ...: a part of all calls
//	                               clear=1: no more of either
//	GET  /_sandbox/fault           {"orders": [...], "struck": {"after 500": 3, ...}}
//
// A phase is before (nothing was executed) or after (executed, but the caller does not hear of it); a
// kind is 500, 503, 429, lock_timeout, 409, hang, reset, truncate or html. With a rate both may be mix:
// drawn anew for each call that breaks. The same seed breaks the same calls when they come in the same
// order. Rates for writes only are ordered with method=POST.
//
// # The ledger
//
// GET /_sandbox/ledger answers {"payments": [LedgerLine...], "balance": [BalanceSum...]}, payments
// oldest first, one for each PaymentIntent; amounts are minor units. For each payment
//
//	net = captured - refunded - disputed - fees
//	refunds_pending <= refunded, disputes_lost <= disputed, refunded + disputed <= captured
//
// and what the merchant may count on is captured - refunded - disputes_lost, in currency. refunded
// holds pending and succeeded refunds; one that failed later leaves it again and is added to
// refunds_failed. disputed holds what open and lost chargebacks took. metadata is the intent's, with
// the order_id and payment_id that are also fields of their own. balance sums the same money per
// currency over all balance transactions.
//
// # What it leaves out
//
// Other means than cards, saved cards on the hosted page, subscriptions, payouts, Connect accounts,
// files (evidence names their ids as they are) and amounts in currencies without minor units' two
// digits. Risk is made up: one card is blocked, one is put before a person (a review).
package stripesim
