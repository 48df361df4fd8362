package newcar

import (
	"context"
	"encoding/json"
)

// RunJob does what the worker does with a job of money, for tests that decide themselves when. False
// when it is of another kind.
func (s *Service) RunJob(ctx context.Context, kind string, args []byte) (bool, error) {
	switch kind {
	case settleArgs{}.Kind():
		var a settleArgs
		if err := json.Unmarshal(args, &a); err != nil {
			return true, err
		}
		return true, s.Settle(ctx, a.Payment)
	case eventArgs{}.Kind():
		var a eventArgs
		if err := json.Unmarshal(args, &a); err != nil {
			return true, err
		}
		return true, s.handleEvent(ctx, a)
	}
	return false, nil
}
