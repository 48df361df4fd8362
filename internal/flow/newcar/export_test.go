package newcar

import (
	"context"
	"encoding/json"

	"forecourt/internal/sale"
)

// RunJob does what the worker does with a job of money, for tests that decide themselves when. False
// when it is of another kind.
func (s *Service) RunJob(ctx context.Context, kind string, args []byte) (bool, error) {
	switch kind {
	case sale.SettleJob{}.Kind():
		var a sale.SettleJob
		if err := json.Unmarshal(args, &a); err != nil {
			return true, err
		}
		return true, s.Settle(ctx, a.Payment)
	case sale.EventJob{}.Kind():
		var a sale.EventJob
		if err := json.Unmarshal(args, &a); err != nil {
			return true, err
		}
		return true, s.HandleEvent(ctx, a)
	}
	return false, nil
}
