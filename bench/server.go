package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// server is the real binary on its own PostgreSQL.
type server struct {
	dir, binary, addr string
	apart             bool // the server leaves its jobs to another process
	cmd               *exec.Cmd
	exited            chan struct{} // closed when cmd has ended
}

// newServer builds the binary, brings the catalog in, and starts the server; it returns when the server answers.
func newServer(ctx context.Context, dir, binary string, goods stock, apart bool) (*server, error) {
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build: %w\n%s", err, out)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir, binary: binary, addr: listener.Addr().String(), apart: apart, exited: make(chan struct{})}
	_ = listener.Close()
	file := filepath.Join(dir, "products.csv")
	if err := os.WriteFile(file, goods.file(), 0o600); err != nil {
		return nil, err
	}
	say("importing %d products with %d variants …", goods.products, goods.variants())
	if out, err := s.command(ctx, "import", "products", file).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("import the products: %w\n%s", err, out)
	}
	if err := s.keepTimesOfCommits(); err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		s.kill()
		return nil, err
	}
	return s, nil
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

// keepTimesOfCommits lets PostgreSQL, which is at rest, write down when each transaction was committed.
func (s *server) keepTimesOfCommits() error {
	file, err := os.OpenFile(filepath.Join(s.data(), "postgres", "data", "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("set up PostgreSQL: %w", err)
	}
	_, err = file.WriteString("track_commit_timestamp = on\n")
	return errors.Join(err, file.Close())
}

// command runs the binary with its defaults: nothing of this process's own WHARF_ settings, and never another database.
func (s *server) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.binary, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "DATABASE_URL=") && (!strings.HasPrefix(v, "WHARF_") || strings.HasPrefix(v, "WHARF_PG_")) {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "WHARF_DATA="+s.data(), "WHARF_ADDR="+s.addr, "WHARF_RATE_LIMIT=off", "WHARF_LOG=warn")
	return cmd
}

func (s *server) start(ctx context.Context) error {
	log, err := os.Create(filepath.Join(s.dir, "wharf.log"))
	if err != nil {
		return err
	}
	s.cmd = s.command(context.WithoutCancel(ctx), "serve", fmt.Sprintf("--workers=%t", !s.apart))
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return fmt.Errorf("start wharf: %w", err)
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.exited)
	}()
	ready := time.NewTimer(time.Minute)
	defer ready.Stop()
	for !s.ready(ctx) {
		select {
		case <-s.exited:
			return fmt.Errorf("wharf ended before it answered, see %s", log.Name())
		case <-ready.C:
			return fmt.Errorf("wharf is not ready after a minute, see %s", log.Name())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

func (s *server) ready(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.addr+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// work starts a process that runs the jobs, and gives what ends it.
func (s *server) work(ctx context.Context) (end func() error, err error) {
	log, err := os.OpenFile(filepath.Join(s.dir, "work.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := s.command(context.WithoutCancel(ctx), "work")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start wharf work: %w", err)
	}
	return func() error {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("wharf work, see %s: %w", log.Name(), err)
		}
		return log.Close()
	}, nil
}

// stop asks the server to end, which it must do cleanly within 20 s.
func (s *server) stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(20 * time.Second):
		return errors.New("wharf did not end within 20 s of SIGTERM")
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("wharf ended with %d after SIGTERM", code)
	}
	return nil
}

// kill ends a server that was not stopped; its PostgreSQL ends with it.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.exited
}

// verify runs wharf's own check of its invariants, at rest, and gives its last words.
func (s *server) verify(ctx context.Context) (string, error) {
	say("wharf verify --rest …")
	out, err := s.command(ctx, "verify", "--rest").CombinedOutput()
	out = bytes.TrimSpace(out)
	if err != nil {
		return "", fmt.Errorf("wharf verify: %w\n%s", err, out)
	}
	_, says, _ := strings.Cut(string(out), "\n\n")
	return strings.Join(strings.Fields(says), " "), nil
}
