package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// process is one run of the server program.
type process struct {
	cmd    *exec.Cmd
	output *output
	done   chan struct{}
	err    error
}

// The command line wins over postgresql.conf and over alter system, so that
// durability cannot be lost to a file in an old data folder.
func settings(socket string, more map[string]string) []string {
	all := map[string]string{
		"listen_addresses":             "",
		"port":                         Port,
		"unix_socket_directories":      socket,
		"unix_socket_permissions":      "0700",
		"fsync":                        "on",
		"full_page_writes":             "on",
		"synchronous_commit":           "on",
		"max_connections":              "200",
		"shared_buffers":               "256MB",
		"effective_cache_size":         "1GB",
		"maintenance_work_mem":         "64MB",
		"work_mem":                     "8MB",
		"wal_compression":              "on",
		"max_wal_size":                 "2GB",
		"checkpoint_timeout":           "10min",
		"random_page_cost":             "1.1",
		"jit":                          "off",
		"timezone":                     "UTC",
		"log_timezone":                 "UTC",
		"log_destination":              "stderr",
		"logging_collector":            "off",
		"log_line_prefix":              "",
		"log_min_messages":             "log",
		"log_min_error_statement":      "panic",
		"log_error_verbosity":          "terse",
		"log_checkpoints":              "off",
		"log_statement":                "none",
		"log_min_duration_statement":   "-1",
		"log_autovacuum_min_duration":  "-1",
		"cluster_name":                 "wharf",
		"autovacuum_naptime":           "15s",
		"autovacuum_vacuum_cost_delay": "0",
	}
	maps.Copy(all, more)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}

// launch starts the program. The kernel sends SIGINT, a fast shutdown, when the
// thread that started it ends, so start and wait share a goroutine that keeps
// its thread: the server ends with this process even on kill -9, and not before.
func launch(binaries Binaries, who account, data, socket string, more map[string]string, log *slog.Logger) (*process, error) {
	cmd := exec.Command(binaries.program("postgres"), append([]string{"-D", data}, settings(socket, more)...)...)
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

const pingSQL = `select 1`

func ping(ctx context.Context, socket string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, connection(socket, "postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, pingSQL)
	return err
}

const databaseExistsSQL = `select exists (select from pg_database where datname = $1)`

func createDatabase(ctx context.Context, socket, name string) error {
	conn, err := pgx.Connect(ctx, connection(socket, "postgres"))
	if err != nil {
		return fmt.Errorf("reach the PostgreSQL server: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	if err := conn.QueryRow(ctx, databaseExistsSQL, name).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	var failure *pgconn.PgError
	if errors.As(err, &failure) && failure.Code == "42P04" {
		return nil
	}
	return err
}

// output passes the server's messages to the log and keeps the last ones, which
// explain a failed start.
type output struct {
	log   *slog.Logger
	ready atomic.Bool

	mu   sync.Mutex
	part []byte
	last []string
}

const keptLines = 8

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.part = append(o.part, text...)
	for {
		end := bytes.IndexByte(o.part, '\n')
		if end < 0 {
			return len(text), nil
		}
		o.line(strings.TrimSpace(string(o.part[:end])))
		o.part = o.part[end+1:]
	}
}

func (o *output) line(line string) {
	if line == "" {
		return
	}
	o.last = append(o.last, line)
	if len(o.last) > keptLines {
		o.last = o.last[1:]
	}
	level := slog.LevelDebug
	switch {
	case strings.HasPrefix(line, "PANIC"):
		level = slog.LevelError
	case o.ready.Load() && (strings.HasPrefix(line, "FATAL") || strings.HasPrefix(line, "WARNING")):
		level = slog.LevelWarn
	}
	o.log.Log(context.Background(), level, "postgres: "+line)
}

func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.last, "; ")
}
