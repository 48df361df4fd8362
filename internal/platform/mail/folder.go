package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Folder catches letters as files <id>.<count>.eml. A count above one is a letter sent again.
type Folder struct {
	dir  string
	from Address
}

// NewFolder makes the folder when it is missing.
func NewFolder(dir string, from Address) (*Folder, error) {
	if err := from.check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// Halves that a killed process left behind; their messages are sent again.
	halves, _ := filepath.Glob(filepath.Join(dir, ".letter*"))
	for _, h := range halves {
		_ = os.Remove(h)
	}
	return &Folder{dir: dir, from: from}, nil
}

const mostRepeats = 10_000

// Send implements Sender. The file appears whole or not at all, and never over another one.
func (f *Folder) Send(ctx context.Context, m Message) error {
	msg, err := compose(f.from, m)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	half, err := os.CreateTemp(f.dir, ".letter")
	if err != nil {
		return err
	}
	defer os.Remove(half.Name())
	_, errWrite := msg.WriteTo(half)
	if err := errors.Join(errWrite, half.Chmod(0o600), half.Sync(), half.Close()); err != nil {
		return fmt.Errorf("mail %s: %w", m.ID, err)
	}
	return f.keep(half.Name(), m.ID)
}

// keep links instead of renaming, because a link fails where the name is taken.
func (f *Folder) keep(half, id string) error {
	for count := 1; count <= mostRepeats; count++ {
		name := filepath.Join(f.dir, id+"."+strconv.Itoa(count)+letterSuffix)
		err := os.Link(half, name)
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return fmt.Errorf("mail %s was caught %d times already", id, mostRepeats)
}
