package localpg

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const superuser = "forecourt"

// createCluster makes the cluster when there is none. It is built under a name nobody else has and
// becomes the data folder by one rename: killed before, it never existed; killed after, it is whole.
// A fixed temporary name would not do: the initdb of a killed process may go on writing there.
func (p place) createCluster(ctx context.Context, bin string, unsafe bool) error {
	if _, err := os.Stat(filepath.Join(p.data(), "PG_VERSION")); err == nil {
		return p.checkDurability(unsafe)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the data folder: %w", err)
	}
	p.sweepHalfMade()
	half, err := os.MkdirTemp(p.dir, filepath.Base(p.data())+".new")
	if err != nil {
		return err
	}
	if err := p.fill(ctx, bin, half, unsafe); err != nil {
		p.sweepHalfMade()
		return err
	}
	if err := os.Rename(half, p.data()); err != nil {
		return err
	}
	return syncDir(p.dir)
}

func (p place) fill(ctx context.Context, bin, half string, unsafe bool) error {
	password, handOver := rand.Text(), half+".pw"
	defer os.Remove(handOver)
	if err := p.write(handOver, password); err != nil {
		return err
	}
	if err := p.owner.give(half); err != nil {
		return err
	}
	args := []string{
		"-D", half, "-U", superuser, "-A", "scram-sha-256", "--pwfile=" + handOver,
		"-E", "UTF8", "--locale=C.UTF-8", "--no-instructions",
	}
	if unsafe {
		args = append(args, "--no-sync")
	}
	if err := p.initdb(ctx, bin, args); err != nil {
		return err
	}
	if unsafe {
		mark := filepath.Join(half, filepath.Base(p.unsafeMark()))
		if err := p.write(mark, "made for tests, without fsync\n"); err != nil {
			return err
		}
	}
	return p.write(filepath.Join(half, filepath.Base(p.passwordFile())), password)
}

func (p place) initdb(ctx context.Context, bin string, args []string) error {
	c := command(ctx, p.owner, "/", filepath.Join(bin, "initdb"), args...)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb in %s: %w\n%s", p.dir, err, out)
	}
	return ctx.Err()
}

// write makes a file that only the server's account (and root) can read, on the disk before the
// rename that makes it count.
func (p place) write(name, content string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, errWrite := f.WriteString(content)
	err = errors.Join(errWrite, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return p.owner.give(name)
}

// checkDurability keeps tests away from data that somebody wants to keep.
func (p place) checkDurability(unsafe bool) error {
	if !unsafe {
		return nil
	}
	if _, err := os.Stat(p.unsafeMark()); err != nil {
		return fmt.Errorf("%s was made to last; it is not started with fsync off", p.data())
	}
	return nil
}

// sweepHalfMade removes clusters that never became one. An initdb whose starter was killed may
// still write there, so what cannot be removed now is left for the next time.
func (p place) sweepHalfMade() {
	left, _ := filepath.Glob(p.data() + ".new*")
	for _, name := range left {
		_ = os.RemoveAll(name)
	}
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
