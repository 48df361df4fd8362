// Package sale is the way of every purchase, whatever is sold: order and card page, the bank's answer, the dealer's
// queue, messages and papers, handover, and each way out with the money that goes back. A flow (package flow/newcar) says
// what it sells and what happens to it beside these steps; see Flow. It owns no tables: it moves those of ordering,
// payment, allocation, network and document together. The order's row is locked first in every transaction that changes
// an order, its payments, its queue entry or its appointment, so that none can pass another. It refuses to call the card
// bank inside a transaction: work for outside is a job of the transaction that decides it. One file is one use case.
package sale
