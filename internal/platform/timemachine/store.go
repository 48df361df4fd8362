package timemachine

import (
	"context"
	"time"

	"forecourt/internal/platform/db"
)

func askTx(tx *db.Tx, actor string, by time.Duration) error {
	err := tx.Exec(`INSERT INTO clock_jumps (by_secs, from_at, asked_by) VALUES (?, ?, ?)`, int64(by.Seconds()), tx.Now, actor).Error
	if db.Constraint(err) == "clock_jumps_one" {
		return ErrMoving
	}
	if err != nil {
		return err
	}
	return tx.Exec(`SELECT pg_notify('clock', '')`).Error
}

// stepTx goes on with a jump, unless another process did from where this one saw it.
func stepTx(tx *db.Tx, j Jump, by time.Duration) (bool, error) {
	ok, err := db.Changed(tx.DB, `UPDATE clock_jumps SET walked = walked + ?, walked_at = clock_timestamp() WHERE seq = ? AND walked = ? AND to_at IS NULL`,
		int64(by.Seconds()), j.Seq, int64(j.Walked.Seconds()))
	if err != nil || !ok {
		return false, err
	}
	return true, tx.Exec(`SELECT pg_notify('clock', '')`).Error
}

// doneTx ends a jump that was walked to its end and looked after.
func doneTx(tx *db.Tx, j Jump) error {
	return tx.Exec(`UPDATE clock_jumps SET to_at = ? WHERE seq = ? AND walked = by_secs AND to_at IS NULL`, tx.Now, j.Seq).Error
}

// walkerLock is the key of the lock that one walking process holds; the server gives it back when that one dies.
const walkerLock = 0x666f7265636c6f63

// alone runs fn when no other process walks. The lock lives with its connection.
func alone(ctx context.Context, d *db.DB, fn func(context.Context) error) error {
	c, err := d.Pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	var mine bool
	if err := c.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, int64(walkerLock)).Scan(&mine); err != nil || !mine {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if _, err := c.Exec(end, `SELECT pg_advisory_unlock($1)`, int64(walkerLock)); err != nil {
			_ = c.Conn().Close(end) // gone with its lock
		}
	}()
	return fn(ctx)
}
