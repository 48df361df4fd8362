// Package telemetry counts requests and times for the metrics page on the admin address. Labels are
// route templates and statuses, never raw paths.
package telemetry
