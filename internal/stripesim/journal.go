package stripesim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

const (
	journalName = "bank.journal"
	// compactAbove is the size from which opening writes the journal anew with only what still counts.
	compactAbove = 4 << 20
)

var errClosed = errors.New("journal is closed")

// journal is the append-only file: one line per transaction, a checksum before each. Lines of
// callers that wait at the same time go to disk with one fsync (group commit).
type journal struct {
	file *os.File

	mu      sync.Mutex
	moved   sync.Cond // signalled when pending or written or err changes
	pending []byte
	last    int64 // number of the last line appended
	written int64 // number of the last line on disk
	err     error
	closing bool
	closed  sync.Once
	done    chan struct{}
}

// openJournal reads the folder's journal into st and opens it for appending.
func openJournal(dir string, st *state) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, journalName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	// The lock goes with the process, however it ends: two banks never write one journal.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s is in use by another card bank: %w", path, err)
	}
	if f, err = replayAndCompact(f, path, st); err != nil {
		return nil, err
	}
	j := &journal{file: f, done: make(chan struct{})}
	j.moved.L = &j.mu
	go j.write()
	return j, nil
}

func replayAndCompact(f *os.File, path string, st *state) (*os.File, error) {
	good, err := replay(f, st)
	if err == nil {
		err = f.Truncate(good)
	}
	if err == nil {
		_, err = f.Seek(good, io.SeekStart)
	}
	if err == nil && good > compactAbove {
		f, err = compact(f, path, st)
	}
	if err != nil {
		_ = release(f)
		return nil, err
	}
	return f, nil
}

// release unlocks and closes. Closing alone is not enough: a child that this process has forked and
// not yet executed holds a copy of the handle, and with it the lock, for a moment longer.
func release(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}

// replay applies all whole lines and returns where they end. A torn last line, the trace of a crash
// in mid-write, is left out: nobody was answered for it. A bad line with good ones after it is
// damage, and the bank does not start on it.
func replay(f io.Reader, st *state) (good int64, err error) {
	r := bufio.NewReaderSize(f, 1<<20)
	bad := false
	for {
		line, err := r.ReadBytes('\n')
		if err == io.EOF {
			return good, nil
		}
		if err != nil {
			return 0, err
		}
		changes, ok := decodeLine(line)
		if ok && bad {
			return 0, fmt.Errorf("journal is damaged at byte %d", good)
		}
		if !ok {
			bad = true
			continue
		}
		for _, c := range changes {
			st.apply(c)
		}
		good += int64(len(line))
	}
}

// compact writes the state as a new journal beside the old one and puts it in its place.
func compact(old *os.File, path string, st *state) (*os.File, error) {
	f, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return old, err
	}
	if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return old, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	st.snapshot(func(c change) { _, err = w.Write(encodeLine([]change{c})) })
	err = errors.Join(err, w.Flush(), f.Sync(), os.Rename(path+".new", path), syncDir(filepath.Dir(path)))
	if err != nil {
		_ = release(f)
		return old, err
	}
	_ = release(old)
	return f, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func encodeLine(changes []change) []byte {
	body, err := json.Marshal(changes)
	if err != nil {
		panic("stripesim: a change cannot be written: " + err.Error()) // only plain fields: cannot happen
	}
	return fmt.Appendf(make([]byte, 0, len(body)+10), "%08x %s\n", crc32.ChecksumIEEE(body), body)
}

func decodeLine(line []byte) ([]change, bool) {
	sum, body, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	if !ok {
		return nil, false
	}
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if err != nil || uint32(want) != crc32.ChecksumIEEE(body) {
		return nil, false
	}
	var changes []change
	return changes, json.Unmarshal(body, &changes) == nil
}

// append queues a line and gives its number; no changes give the number of the last line, so that a
// reader waits for what it has seen.
func (j *journal) append(changes []change) int64 {
	var line []byte
	if len(changes) > 0 {
		line = encodeLine(changes)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if line != nil {
		j.pending = append(j.pending, line...)
		j.last++
		j.moved.Broadcast()
	}
	return j.last
}

func (j *journal) wait(line int64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.written < line && j.err == nil {
		j.moved.Wait()
	}
	if j.written >= line {
		return nil
	}
	return j.err
}

// write is the one goroutine that touches the file.
func (j *journal) write() {
	defer close(j.done)
	for {
		batch, upTo, more := j.take()
		if !more {
			return
		}
		_, err := j.file.Write(batch)
		if err == nil {
			err = j.file.Sync()
		}
		j.settle(upTo, err)
	}
}

func (j *journal) take() (batch []byte, upTo int64, more bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.pending) == 0 && !j.closing {
		j.moved.Wait()
	}
	if len(j.pending) == 0 || j.err != nil {
		return nil, 0, false
	}
	batch, j.pending = j.pending, nil
	return batch, j.last, true
}

func (j *journal) settle(upTo int64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		j.err = err
	} else {
		j.written = upTo
	}
	j.moved.Broadcast()
}

// close writes what is pending and lets the file go; a second call does nothing.
func (j *journal) close() (err error) {
	j.closed.Do(func() { err = j.finish() })
	return err
}

func (j *journal) finish() error {
	j.mu.Lock()
	j.closing = true
	j.moved.Broadcast()
	j.mu.Unlock()
	<-j.done
	j.mu.Lock()
	defer j.mu.Unlock()
	failed := j.err
	if j.err == nil {
		j.err = errClosed
	}
	j.moved.Broadcast()
	return errors.Join(failed, release(j.file))
}
