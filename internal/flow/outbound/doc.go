// Package outbound runs the addresses of dealers' own systems: a manager registers, changes, pauses and ends them and sends
// events again, and jobs bring the events there. What is to be told stands in the outbox since the transaction of the step
// itself; here it is sent, outside of any transaction, until the other side says that it has it.
//
// It owns no table: addresses and deliveries are package hook's. One sender at a time works for one address; a dead system
// holds up neither payments nor letters, because sending has a queue of its own. Who does not run the site or the group does
// not see its address.
package outbound
