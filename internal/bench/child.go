package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// child is a process of this run.
type child struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// spawn starts a process with nothing of our environment but what it needs to find programs.
func spawn(dir, name string, env []string, bin string, args ...string) (*child, error) {
	c := &child{cmd: exec.Command(bin, args...), log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	f, err := os.OpenFile(c.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c.cmd.Stdout, c.cmd.Stderr = f, f
	for _, keep := range []string{"PATH", "HOME", "PG_BIN", "TMPDIR"} {
		if v, ok := os.LookupEnv(keep); ok {
			c.cmd.Env = append(c.cmd.Env, keep+"="+v)
		}
	}
	c.cmd.Env = append(c.cmd.Env, env...)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = c.cmd.Wait(); close(c.done) }()
	return c, nil
}

// stop asks the process to end and waits.
func (c *child) stop() {
	if c == nil {
		return
	}
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(20 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}

// firstLine waits for the line in which a child says where it listens.
func (c *child) firstLine(ctx context.Context) (string, error) {
	for {
		if f, err := os.Open(c.log); err == nil {
			line, err := bufio.NewReader(f).ReadString('\n')
			f.Close()
			if err == nil {
				return strings.TrimSpace(line), nil
			}
		}
		if err := c.pause(ctx, 5*time.Millisecond); err != nil {
			return "", err
		}
	}
}

// answers waits until a path is answered with 200.
func (c *child) answers(ctx context.Context, addr, path string) error {
	req := request("GET", addr, path, browser, "", "")
	for {
		if w, err := dial(addr); err == nil {
			a, err := w.send(req)
			w.close()
			if err == nil && a.status == 200 {
				return nil
			}
		}
		if err := c.pause(ctx, 2*time.Millisecond); err != nil {
			return err
		}
	}
}

func (c *child) pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.done:
		b, _ := os.ReadFile(c.log)
		return fmt.Errorf("%s ended: %s", filepath.Base(c.log), b[max(0, len(b)-1500):])
	case <-time.After(d):
		return nil
	}
}

// freeAddr is a loopback address that was free a moment ago.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
