package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/wharfhq/wharf/internal/pg/embedded"
)

// supervisorEnv turns a test binary into the supervisor of the data folder it names.
const supervisorEnv = "WHARF_PGTEST_SUPERVISOR"

// The supervisor stops the server when no test process has been there for so
// long: go test starts the next package's process within that time.
const (
	idleBeforeStop = 2 * time.Second
	lookEvery      = 100 * time.Millisecond
)

// A package that imports pgtest needs no TestMain of its own for this: the
// supervisor never gets as far as the tests.
func init() {
	if data := os.Getenv(supervisorEnv); data != "" {
		if err := supervise(data); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// Every test process holds usersFile shared for as long as it lives. startFile
// lets one process at a time look for the server and start it.
const (
	usersFile = "users.lock"
	startFile = "start.lock"
	bootFile  = "boot"
	logFile   = "supervisor.log"
)

// present keeps the server while this process lives: an open file nobody refers
// to is closed by the garbage collector.
var present *os.File //nolint:unused // kept, not read

// join makes sure that the server runs and stays while this process lives, and
// says its major version.
func join(ctx context.Context, folder, template string) (*embedded.Server, int, error) {
	// A supervisor that is just stopping holds the file alone until it has gone.
	using, err := flock(ctx, filepath.Join(folder, usersFile), shared)
	if err != nil {
		return nil, 0, err
	}
	present = using
	starting, err := flock(ctx, filepath.Join(folder, startFile), alone)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = starting.Close() }()
	if err := forgetOldBoot(folder); err != nil {
		return nil, 0, err
	}
	// Missing programs are said here, where somebody reads it.
	programs, err := embedded.Programs(ctx, folder, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, 0, err
	}
	best := programs[0]
	data := filepath.Join(folder, "postgres-"+strconv.Itoa(best.Major))
	running, err := embedded.Attach(ctx, data)
	if err != nil {
		running, err = startServer(ctx, folder, data, template, best)
	}
	return running, best.Major, err
}

func startServer(ctx context.Context, folder, data, template string, programs embedded.Binaries) (*embedded.Server, error) {
	supervisor, err := spawn(folder, data, programs)
	if err != nil {
		return nil, err
	}
	for {
		running, err := embedded.Attach(ctx, data)
		if err == nil {
			// Nobody else can have come this far, so what is there was left behind.
			return running, clearLeftovers(ctx, running.URL("postgres"), template)
		}
		if hasEnded(supervisor) {
			return nil, fmt.Errorf("the tests' server did not start: %s", tail(filepath.Join(folder, logFile)))
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the tests' server does not answer: %w: %s", err, tail(filepath.Join(folder, logFile)))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// spawn starts the supervisor in a session of its own, with its output in a
// file, so that neither the end of this process nor go test's wait for open
// pipes concerns it. No goroutine waits for it, which a test that looks for
// leaked ones would find.
func spawn(folder, data string, programs embedded.Binaries) (pid int, err error) {
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	log, err := os.OpenFile(filepath.Join(folder, logFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(program) //nolint:noctx // it outlives the test that starts it
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), supervisorEnv+"="+data, embedded.BinEnv+"="+programs.Dir)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = ownSession()
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start the tests' server: %w", err)
	}
	return cmd.Process.Pid, nil
}

// supervise runs the server until no test process is left.
func supervise(data string) error {
	ctx := context.Background()
	options := serverOptions(data)
	options.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	running, err := embedded.Start(ctx, options)
	if err != nil {
		return err
	}
	if !running.Owned {
		return nil
	}
	alone := waitUntilAlone(filepath.Join(filepath.Dir(data), usersFile), running.Done())
	err = running.Stop(ctx)
	// Only now may a test process that has just arrived look for a server: it
	// finds none and starts the next one.
	if alone != nil {
		err = errors.Join(err, alone.Close())
	}
	return err
}

// waitUntilAlone returns when no test process has held the file for a while, and
// holds it then, so that none can arrive before the server is down.
func waitUntilAlone(path string, over <-chan struct{}) io.Closer {
	var since time.Time
	for {
		held, err := tryFlock(path, alone)
		switch {
		case err != nil || held == nil:
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		case time.Since(since) >= idleBeforeStop:
			return held
		}
		if held != nil {
			_ = held.Close()
		}
		select {
		case <-over:
			return nil
		case <-time.After(lookEvery):
		}
	}
}

func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
