package localpg

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// lock is an advisory lock of the kernel: it ends with the process that holds it, however that
// ends. Each lock has a file handle of its own, so it works between goroutines too.
type lock struct{ file *os.File }

// lockFile waits for the lock as long as ctx allows.
func lockFile(ctx context.Context, name string, how int) (*lock, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if err == nil {
			return &lock{file: f}, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, &os.PathError{Op: "lock", Path: name, Err: err}
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, &os.PathError{Op: "lock", Path: name, Err: ctx.Err()}
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// tryExclusive tells whether nobody else holds the lock.
func (l *lock) tryExclusive() bool {
	return syscall.Flock(int(l.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// release unlocks before it closes: a child that another goroutine has forked and not yet executed
// holds a copy of the handle, and with it the lock, for a moment longer.
func (l *lock) release() {
	_ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN)
	_ = l.file.Close()
}
