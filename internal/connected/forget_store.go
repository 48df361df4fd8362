package connected

import "forecourt/internal/platform/db"

// forgetAtOnce bounds how many messages one round forgets, so that the housekeeping lets go of what it holds.
const forgetAtOnce = 200_000

// ForgetTx forgets what has had its time: messages after Kept, and at once those of who keeps the car no more.
func ForgetTx(tx *db.Tx) error {
	old := tx.Now.Add(-Kept)
	year := tx.Now.AddDate(-1, 0, 0)
	for _, f := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM car_messages WHERE ctid = ANY (ARRAY(SELECT ctid FROM car_messages WHERE received_at < ? LIMIT ?))`, []any{old, forgetAtOnce}},
		{`DELETE FROM car_messages WHERE ctid = ANY (ARRAY(SELECT m.ctid FROM car_links l JOIN car_messages m ON m.keeper_id = l.keeper_id WHERE l.until IS NOT NULL LIMIT ?))`, []any{forgetAtOnce}},
		{`DELETE FROM car_doubts d WHERE at < ? OR EXISTS (SELECT FROM car_links l WHERE l.keeper_id = d.keeper_id AND l.until IS NOT NULL)`, []any{old}},
		{`DELETE FROM car_silences WHERE until_at < ?`, []any{old}},
		{`DELETE FROM car_warnings WHERE ended_at < ? AND NOT muted`, []any{year}},
		{`DELETE FROM car_reads WHERE at < ?`, []any{year}},
		{`DELETE FROM car_grants g WHERE coalesce(revoked_at, until_at) < ? AND NOT EXISTS (SELECT FROM car_reads r WHERE r.grant_id = g.id)`, []any{year}},
	} {
		if err := tx.Exec(f.query, f.args...).Error; err != nil {
			return err
		}
	}
	return nil
}
