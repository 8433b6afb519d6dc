package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clearOrphans ends the servers that still run in these folders although the
// lock on them is ours: what a killed owner left, when the kernel's signal came
// too early or the server is slow to end. It returns when none is left.
func clearOrphans(ctx context.Context, log *slog.Logger, folders ...string) error {
	begun := time.Now()
	sent := syscall.Signal(0)
	for {
		left := processesIn(folders)
		if len(left) == 0 {
			return nil
		}
		next := syscall.SIGINT
		switch waited := time.Since(begun); {
		case waited > fastWithin+harshWithin:
			next = syscall.SIGKILL
		case waited > fastWithin:
			next = syscall.SIGQUIT
		}
		if next != sent {
			log.Warn("ending a PostgreSQL server that an earlier process left behind", "pids", left, "signal", next.String())
			sent = next
			for _, pid := range leaders(left) {
				_ = syscall.Kill(pid, next)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("an earlier PostgreSQL server (process %v) still runs in %s: %w", left, folders[0], ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// processesIn lists the PostgreSQL processes that work in one of the folders. A
// server's processes keep the data folder as their working directory; a process
// id in a file may by now be anybody's, and a defunct process has no directory.
func processesIn(folders []string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var found []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		folder, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		if err != nil || !slices.Contains(folders, folder) {
			continue
		}
		if program, err := os.Readlink(filepath.Join("/proc", entry.Name(), "exe")); err == nil &&
			filepath.Base(strings.TrimSuffix(program, " (deleted)")) == "postgres" {
			found = append(found, pid)
		}
	}
	return found
}

// leaders are the processes whose parent is not among them: the postmaster,
// which ends its own children, or children that lost it.
func leaders(pids []int) []int {
	var first []int
	for _, pid := range pids {
		if !slices.Contains(pids, parentOf(pid)) {
			first = append(first, pid)
		}
	}
	return first
}

func parentOf(pid int) int {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0
	}
	// The second field is the program's name in parentheses and may hold spaces.
	_, rest, found := strings.Cut(string(text), ") ")
	if !found {
		return 0
	}
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(fields[1])
	return parent
}
