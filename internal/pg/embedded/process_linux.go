package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is one run of the server program.
type process struct {
	cmd    *exec.Cmd
	output *output
	done   chan struct{}
	err    error
}

// launch starts the program. The kernel sends SIGINT, a fast shutdown, when the
// thread that started it ends, so start and wait share a goroutine that keeps
// its thread: the server ends with this process even on kill -9, and not before.
func launch(binaries Binaries, who account, data, socket string, more map[string]string, log *slog.Logger) (*process, error) {
	cmd := exec.Command(binaries.program("postgres"), append([]string{"-D", data}, settings(socket, more)...)...) //nolint:noctx // it outlives the call that starts it
	cmd.Dir = data
	cmd.Env = environment()
	cmd.SysProcAttr = who.attributes(syscall.SIGINT)
	started := &process{cmd: cmd, output: &output{log: log}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = started.output, started.output
	// Children of a killed server may hold its output open for a moment.
	cmd.WaitDelay = 2 * time.Second

	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		result <- err
		if err == nil {
			started.err = cmd.Wait()
			close(started.done)
		}
	}()
	if err := <-result; err != nil {
		return nil, fmt.Errorf("start the PostgreSQL server: %w", err)
	}
	return started, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// waitReady returns when the server answers a query; after a crash it replays
// its log first and refuses until then.
func (p *process) waitReady(ctx context.Context, socket string) error {
	for {
		err := ping(ctx, socket)
		if err == nil {
			p.output.ready.Store(true)
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("the PostgreSQL server ended while starting: %s", p.explain())
		case <-ctx.Done():
			return fmt.Errorf("the PostgreSQL server does not answer: %w: %s", err, p.output.tail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the program: fast, then immediate, then by force. It returns when
// the program is gone.
func (p *process) stop(ctx context.Context) {
	p.output.ready.Store(false)
	for _, way := range []struct {
		signal syscall.Signal
		within time.Duration
	}{{syscall.SIGINT, fastWithin}, {syscall.SIGQUIT, harshWithin}, {syscall.SIGKILL, harshWithin}} {
		if err := p.cmd.Process.Signal(way.signal); errors.Is(err, os.ErrProcessDone) {
			<-p.done
			return
		}
		select {
		case <-p.done:
			return
		case <-ctx.Done():
			// The caller has no more time: skip to the next way at once, but give
			// each a moment to work.
			select {
			case <-p.done:
				return
			case <-time.After(time.Second):
			}
		case <-time.After(way.within):
		}
	}
}

func (p *process) explain() string {
	reason := "exit status 0"
	if p.err != nil {
		reason = p.err.Error()
	}
	if tail := p.output.tail(); tail != "" {
		reason += ": " + tail
	}
	return reason
}

func environment() []string {
	env := []string{"LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	if libraries := os.Getenv("LD_LIBRARY_PATH"); libraries != "" {
		env = append(env, "LD_LIBRARY_PATH="+libraries)
	}
	return env
}
