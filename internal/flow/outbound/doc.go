// Package outbound runs the addresses of dealers' own systems: a manager registers, changes, pauses and ends them and sends
// events again, and jobs bring the events there. What is to be told stands in the outbox since the transaction of the step
// itself; here it is sent, outside of any transaction, until the other side says that it has it.
package outbound
