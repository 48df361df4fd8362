// Package fault holds the one error type that crosses rooms: what kind of thing went wrong,
// which message the reader gets, where it happened and why. It is made where the meaning is
// known, wrapped with %w on the way, and answered in one place (internal/web).
package fault
