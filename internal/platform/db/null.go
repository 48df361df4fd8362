package db

import "time"

// A column that may be NULL is a pointer in a row's struct and a zero value in the rules: these two are the only way
// between them.

// OrNull is a value for a column: NULL for the zero value.
func OrNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// TimeOrNull is the same for an instant: the zero time is NULL in every zone.
func TimeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// OrZero is what stands in a column: the zero value for NULL.
func OrZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
