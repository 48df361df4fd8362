// Package log is structured logging: JSON lines with the request's id and never personal data.
// Callers log ids and codes; secret links are redacted before a path is logged.
package log
