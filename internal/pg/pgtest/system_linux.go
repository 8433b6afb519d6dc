package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	shared = unix.LOCK_SH
	alone  = unix.LOCK_EX
)

// flock waits for the lock; the kernel releases it when the process ends.
func flock(ctx context.Context, path string, how int) (*os.File, error) {
	for {
		held, err := tryFlock(path, how)
		if held != nil || err != nil {
			return held, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", path, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// tryFlock gives nil when others hold the lock.
func tryFlock(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(file.Fd()), how|unix.LOCK_NB)
	if err == nil {
		return file, nil
	}
	_ = file.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// hasEnded tells whether a child has ended, without waiting for it.
func hasEnded(pid int) bool {
	var status unix.WaitStatus
	ended, err := unix.Wait4(pid, &status, unix.WNOHANG, nil)
	return ended == pid || errors.Is(err, unix.ECHILD)
}

// mustBeOurs refuses a folder that somebody else put where ours belongs.
func mustBeOurs(folder string) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(owner.Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is not a folder that only we may write to: move it away", folder)
	}
	return nil
}
