package usedcar_test

import (
	"context"
	"errors"
	"sync/atomic"

	"forecourt/internal/usedcars"
)

// silent is a register that does not answer the first time.
type silent struct{ tries atomic.Int64 }

func (s *silent) Look(_ context.Context, q usedcars.Asked) (usedcars.Report, error) {
	if s.tries.Add(1) == 1 {
		return usedcars.Report{}, errors.New("nobody answers")
	}
	return usedcars.Report{Source: "Test register", Owners: q.Owners}, nil
}
