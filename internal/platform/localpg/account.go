package localpg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account owns the cluster when this process is root.
type account struct {
	name string
	uid  uint32
	gid  uint32
}

// serverAccount is nil when the server can run as this process's own account.
func serverAccount() (*account, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &account{name: name, uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("PostgreSQL refuses to run as root and there is no account postgres or nobody to run it as; start as another user or set DATABASE_URL")
}

// settle returns the folder to work in, made when missing. As root that is dir when the server's
// account can enter it, else a folder of the same identity below the fallback root.
func settle(dir, bin string, owner *account, o Options) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	// One name for one folder: a running server is recognised by it.
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil || owner == nil {
		return dir, err
	}
	err = canEnter(owner, bin, dir)
	if err == nil {
		return dir, nil
	}
	if !errors.Is(err, os.ErrPermission) {
		return "", err
	}
	sum := sha256.Sum256([]byte(dir))
	instead := filepath.Join(o.fallbackRoot, hex.EncodeToString(sum[:8]))
	o.Logf("running as root, and the account %s that PostgreSQL runs as cannot enter %s: the data is in %s", owner.name, dir, instead)
	if err := os.MkdirAll(instead, 0o755); err != nil {
		return "", err
	}
	if err := canEnter(owner, bin, instead); err != nil {
		return "", fmt.Errorf("the account %s cannot enter %s either: %w", owner.name, instead, err)
	}
	return filepath.EvalSymlinks(instead)
}

// canEnter asks the kernel instead of guessing from modes: a harmless program is started as the
// account with the folder as its working directory.
func canEnter(owner *account, bin, dir string) error {
	if err := command(context.Background(), owner, "/", filepath.Join(bin, "postgres"), "--version").Run(); err != nil {
		return fmt.Errorf("the account %s cannot run %s/postgres (set PG_BIN to a folder it can read): %v", owner.name, bin, err)
	}
	return command(context.Background(), owner, dir, filepath.Join(bin, "postgres"), "--version").Run()
}

// command prepares a program of PostgreSQL: as its account, in a session of its own so that Ctrl-C
// at our terminal does not reach it, and without the caller's PG* variables.
func command(ctx context.Context, owner *account, dir, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/"}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if owner != nil {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: owner.uid, Gid: owner.gid}
	}
	return c
}

// give hands a file to the server's account.
func (a *account) give(name string) error {
	if a == nil {
		return nil
	}
	return os.Chown(name, int(a.uid), int(a.gid))
}
