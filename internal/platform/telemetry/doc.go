// Package telemetry counts requests and times for the metrics page on the admin address, and traces a sale from its first
// click to the queue (trace.go; off unless a collector is named). Labels are route templates and statuses, never raw paths.
package telemetry
