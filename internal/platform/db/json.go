package db

import (
	"encoding/json"
	"fmt"
)

// JSONRow reads a column that row_to_json made, in a read that fetches several tables at once; nil for none.
func JSONRow[R, T any](column []byte, of func(*R) *T) (*T, error) {
	if len(column) == 0 {
		return nil, nil
	}
	var r R
	if err := json.Unmarshal(column, &r); err != nil {
		return nil, fmt.Errorf("db: a row in a column: %w", err)
	}
	return of(&r), nil
}

// JSONRows reads a column that json_agg made; an empty list for none.
func JSONRows[R, T any](column []byte, of func(*R) T) ([]T, error) {
	var rs []R
	if len(column) > 0 {
		if err := json.Unmarshal(column, &rs); err != nil {
			return nil, fmt.Errorf("db: rows in a column: %w", err)
		}
	}
	out := make([]T, len(rs))
	for i := range rs {
		out[i] = of(&rs[i])
	}
	return out, nil
}
