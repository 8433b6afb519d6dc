package harness

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process is one wharf serve or wharf work, which is killed, stopped and started again.
type Process struct {
	Name string
	Addr string        // where it answers; that of wharf work tells its health only
	Back time.Duration // how long the last start took until it was ready

	binary string
	args   []string
	env    []string
	log    string

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{} // closed when cmd has ended
}

// process makes a process that is not started yet.
func (s *Shop) process(ctx context.Context, name, command, database string, more ...string) (*Process, error) {
	addr, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	p := &Process{
		Name: name, Addr: addr, binary: s.Template.Binary, args: []string{command}, log: filepath.Join(s.Dir, name+".log"),
		env: environment(append([]string{
			"DATABASE_URL=" + database, "WHARF_ADDR=" + addr, "WHARF_WATCH_ADDR=" + addr, "WHARF_RATE_LIMIT=off", "WHARF_LOG_FORMAT=json",
		}, more...)...),
	}
	return p, nil
}

// ownHost is an address of the loopback network that nobody else is likely to have: neither of the shops beside this one nor
// of the connections that the machine makes meanwhile.
func ownHost() string {
	return fmt.Sprintf("127.%d.%d.%d", 64+rand.IntN(128), rand.IntN(256), 1+rand.IntN(254))
}

// freePort finds a port that nobody has, and that nobody takes before the process is there, nor while it is dead.
func freePort(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", ownHost()+":0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// Start starts the process, with more in its environment, and returns when it is ready.
func (p *Process) Start(ctx context.Context, more ...string) error {
	began := time.Now()
	if err := p.launch(more); err != nil {
		return err
	}
	err := p.Ready(ctx, time.Minute)
	p.Back = time.Since(began)
	return err
}

// launch starts the process. The kernel kills it when the thread that started it ends, so start and wait share a
// goroutine that keeps its thread: it ends with this process even on kill -9, and not before.
func (p *Process) launch(more []string) error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd := exec.Command(p.binary, p.args...) //nolint:noctx // it outlives the call that starts it
	cmd.Env = append(append([]string{}, p.env...), more...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes()
	exited, started := make(chan struct{}), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer func() { _ = log.Close() }()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(exited)
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd, p.exited = cmd, exited
	return nil
}

// ErrEnded says that a process has ended before it was ready.
var ErrEnded = errors.New("it ended before it was ready")

var quick = &http.Client{Timeout: 2 * time.Second}

// Status asks for a path of the process's health, such as /readyz: 0 is no answer.
func (p *Process) Status(ctx context.Context, path string) int {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Addr+path, nil)
	if err != nil {
		return 0
	}
	response, err := quick.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// Ready returns when the process says that it wants traffic.
func (p *Process) Ready(ctx context.Context, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	_, exited := p.running()
	for p.Status(ctx, "/readyz") != http.StatusOK {
		select {
		case <-exited:
			return fmt.Errorf("%s: %w, see %s", p.Name, ErrEnded, p.log)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready after %s, see %s", p.Name, patience, p.log)
		}
	}
	return nil
}

func (p *Process) running() (*exec.Cmd, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd, p.exited
}

// Exited is closed when the process has ended; nil if it never began.
func (p *Process) Exited() <-chan struct{} {
	_, exited := p.running()
	return exited
}

// PID is the process's id.
func (p *Process) PID() int {
	cmd, _ := p.running()
	return cmd.Process.Pid
}

// Kill ends the process as kill -9 does, and returns when it is gone.
func (p *Process) Kill() {
	cmd, exited := p.running()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Kill()
	<-exited
}

// Signal sends the process a signal.
func (p *Process) Signal(signal syscall.Signal) {
	cmd, _ := p.running()
	_ = cmd.Process.Signal(signal)
}

// Stop asks the process to end, which it must do cleanly within 20 s; one that has ended already is left alone.
func (p *Process) Stop() error {
	cmd, exited := p.running()
	if cmd == nil {
		return nil
	}
	select {
	case <-exited:
		return nil
	default:
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-exited:
	case <-time.After(20 * time.Second):
		return fmt.Errorf("%s did not end within 20 s of SIGTERM", p.Name)
	}
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s ended with %d after SIGTERM", p.Name, code)
	}
	return nil
}

// Memory is the most memory that the process has had, in bytes.
func (p *Process) Memory() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb << 10
		}
	}
	return 0
}
