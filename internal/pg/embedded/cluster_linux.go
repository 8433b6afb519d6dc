package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// choose picks the programs that fit the existing data, or the newest ones for
// a new folder. Data of another major version is refused: only dump and restore
// or pg_upgrade can carry it over, and nothing here throws it away.
func (h home) choose(ctx context.Context, log *slog.Logger) (Binaries, error) {
	installed, err := h.installed(ctx, log)
	if err != nil {
		return Binaries{}, err
	}
	major, err := h.major()
	if err != nil {
		return Binaries{}, err
	}
	if major == 0 {
		return installed[0], nil
	}
	var have []string
	for _, one := range installed {
		if one.Major == major {
			return one, nil
		}
		have = append(have, fmt.Sprintf("%d (%s)", one.Major, one.Dir))
	}
	return Binaries{}, fmt.Errorf("the data in %s was made by PostgreSQL %d, but found is only %s: install PostgreSQL %d or name its folder in %s, upgrade the data with pg_upgrade, or choose another data folder; the data was left untouched",
		h.data(), major, strings.Join(have, ", "), major, BinEnv)
}

// major is the version that made the data, 0 where there is none yet.
func (h home) major() (int, error) {
	text, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if err == nil {
		major, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return 0, fmt.Errorf("the data in %s was made by PostgreSQL %q, which this program does not know; the data was left untouched", h.data(), strings.TrimSpace(string(text)))
		}
		return major, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("look at the data: %w", err)
	}
	entries, err := os.ReadDir(h.data())
	if errors.Is(err, os.ErrNotExist) || (err == nil && len(entries) == 0) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at the data: %w", err)
	}
	return 0, fmt.Errorf("%s holds files but is no PostgreSQL data folder (PG_VERSION is missing); it was left untouched: move it away or choose another data folder", h.data())
}

// initialize makes the database in a folder of another name and renames it when
// every byte of it is on disk, so that a data folder is whole or absent.
func (h home) initialize(ctx context.Context, binaries Binaries, who account) error {
	if major, err := h.major(); err != nil || major != 0 {
		return err
	}
	if err := h.clearUnfinished(); err != nil {
		return err
	}
	if err := h.initdb(ctx, binaries, who); err != nil {
		return err
	}
	if out, err := run(ctx, who, binaries.program("initdb"), "--sync-only", "-D", h.unfinished()); err != nil {
		return fmt.Errorf("write the new database to disk: %w: %s", err, out)
	}
	if err := os.Rename(h.unfinished(), h.data()); err != nil {
		return fmt.Errorf("put the new database in place: %w", err)
	}
	return syncFolder(h.inner())
}

// clearUnfinished takes away what an interrupted start left. A folder in which
// a server has run has postmaster.opts, and is somebody's data whatever its name.
func (h home) clearUnfinished() error {
	if _, err := os.Stat(filepath.Join(h.unfinished(), "postmaster.opts")); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is no leftover of an interrupted start, since a server has run in it; it was left untouched: move it away", h.unfinished())
	}
	if err := os.RemoveAll(h.unfinished()); err != nil {
		return fmt.Errorf("clear an interrupted start: %w", err)
	}
	return nil
}

// Sorting by bytes is the same on every machine and after every update of the
// system's library; letters beyond ASCII still have upper and lower case where
// the system knows C.UTF-8.
func (h home) initdb(ctx context.Context, binaries Binaries, who account) error {
	args := []string{
		"-D", h.unfinished(), "--username", Login, "--auth", "trust", "--encoding", "UTF8",
		"--locale", "C", "--data-checksums", "--no-sync", "--no-instructions",
	}
	out, err := run(ctx, who, binaries.program("initdb"), append(args, "--lc-ctype", "C.UTF-8")...)
	if err != nil && ctx.Err() == nil && strings.Contains(out, "locale") {
		out, err = run(ctx, who, binaries.program("initdb"), args...)
	}
	if err != nil {
		return fmt.Errorf("make a new database in %s: %w: %s", h.inner(), err, out)
	}
	return nil
}

// run runs a program to its end; it is killed with us.
func run(ctx context.Context, who account, program string, args ...string) (string, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = "/"
	cmd.Env = environment()
	cmd.SysProcAttr = who.attributes(syscall.SIGKILL)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
