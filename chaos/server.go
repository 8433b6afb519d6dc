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
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/pg/embedded"
)

// server is the real binary on its own PostgreSQL, which is killed and started again.
type server struct {
	dir, binary, addr string
	log               *os.File
	back              time.Duration // how long the last start took until it answered

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{} // closed when cmd has ended
}

func newServer(ctx context.Context, dir, binary string) (*server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := listener.Addr().String()
	_ = listener.Close()
	log, err := os.Create(filepath.Join(dir, "wharf.log"))
	if err != nil {
		return nil, err
	}
	return &server{dir: dir, binary: binary, addr: addr, log: log}, nil
}

func (s *server) url() string { return "http://" + s.addr + "/graphql" }

func (s *server) data() string { return filepath.Join(s.dir, "data") }

func (s *server) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.binary, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "DATABASE_URL=") && !strings.HasPrefix(v, "WHARF_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "WHARF_DATA="+s.data(), "WHARF_ADDR="+s.addr, "WHARF_RATE_LIMIT=off")
	if bin := os.Getenv("WHARF_PG_BIN"); bin != "" {
		cmd.Env = append(cmd.Env, "WHARF_PG_BIN="+bin)
	}
	return cmd
}

// shelves is what is sold: plenty of most things, and too little of one.
const scarce = 60

func (s *server) stock(ctx context.Context) error {
	var file bytes.Buffer
	file.WriteString("Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\n")
	for i := range 12 {
		fmt.Fprintf(&file, "thing-%02d,Thing %02d,THING-%02d,%d.%02d,100000\n", i, i, i, 5+i*3, i*7)
	}
	fmt.Fprintf(&file, "rare-thing,Rare thing,RARE,199.00,%d\n", scarce)
	path := filepath.Join(s.dir, "products.csv")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		return err
	}
	if out, err := s.command(ctx, "import", "products", path).CombinedOutput(); err != nil {
		return fmt.Errorf("import the products: %w\n%s", err, out)
	}
	return nil
}

// How long orders stay open here: long enough for a worker that was killed to be replaced, short enough that orders
// expire all the time. An operator may set no less than a minute, so nothing else of the settings may change later:
// money is taken at once from the first order on.
const hurrySQL = `
alter table shop drop constraint shop_payment_deadline_seconds_check, drop constraint shop_action_deadline_seconds_check;
update shop set payment_deadline_seconds = 35, action_deadline_seconds = 4, capture = 'IMMEDIATE'`

// hurry gives orders short deadlines, before the first of them is placed.
func (s *server) hurry(ctx context.Context) error {
	return s.asOwner(ctx, func(conn *pgx.Conn) error {
		_, err := conn.PgConn().Exec(ctx, hurrySQL).ReadAll()
		return err
	})
}

// asOwner works in the database while no server runs on it, as whoever owns it and without Wharf's own code.
func (s *server) asOwner(ctx context.Context, work func(*pgx.Conn) error) error {
	own, err := embedded.Start(ctx, embedded.Options{Dir: s.data()})
	if err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		_ = own.Stop(stopping)
	}()
	conn, err := pgx.Connect(ctx, own.URL(embedded.Login))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return work(conn)
}

// start begins a server that may be told to die at a failpoint, and returns when it answers.
func (s *server) start(ctx context.Context, dieAt string) error {
	began := time.Now()
	cmd := s.command(context.Background(), "serve")
	if dieAt != "" {
		cmd.Env = append(cmd.Env, "WHARF_FAILPOINT="+dieAt)
	}
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start wharf: %w", err)
	}
	exited := make(chan struct{})
	s.mu.Lock()
	s.cmd, s.exited = cmd, exited
	s.mu.Unlock()
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	err := s.ready(ctx, exited, 60*time.Second)
	s.back = time.Since(began)
	return err
}

var errEnded = errors.New("wharf ended before it answered")

func (s *server) ready(ctx context.Context, exited chan struct{}, patience time.Duration) error {
	deadline := time.After(patience)
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.addr+"/readyz", nil)
		if err != nil {
			return err
		}
		if response, err := quick.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-exited:
			return errEnded
		case <-deadline:
			return fmt.Errorf("wharf is not ready after %s, see %s", patience, s.log.Name())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

var quick = &http.Client{Timeout: 2 * time.Second}

func (s *server) running() (*exec.Cmd, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd, s.exited
}

// ensure starts the server again if it has ended, and returns when it answers.
func (s *server) ensure(ctx context.Context) error {
	began := time.Now()
	cmd, exited := s.running()
	if cmd != nil {
		if err := s.ready(ctx, exited, 30*time.Second); !errors.Is(err, errEnded) {
			s.back = time.Since(began)
			return err
		}
	}
	return s.start(ctx, "")
}

// dieAt starts a server that kills itself at a failpoint, waits until it has, and starts a healthy one.
func (s *server) dieAt(ctx context.Context, point failpoint.Name, pass int) error {
	s.kill()
	err := s.start(ctx, fmt.Sprintf("%s:%d", point, pass))
	if err != nil && !errors.Is(err, errEnded) {
		return err
	}
	_, exited := s.running()
	select {
	case <-exited:
	case <-time.After(60 * time.Second):
		return fmt.Errorf("failpoint %s was not reached within 60 s", point)
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.start(ctx, "")
}

// kill ends the server as kill -9 does, and waits until it is gone.
func (s *server) kill() {
	cmd, exited := s.running()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Kill()
	<-exited
}

// killDatabase kills the postmaster of the server's own PostgreSQL as kill -9 does.
func (s *server) killDatabase() {
	found := ""
	_ = filepath.WalkDir(s.data(), func(path string, _ os.DirEntry, err error) error {
		if err == nil && filepath.Base(path) == "postmaster.pid" {
			found = path
		}
		return nil
	})
	text, err := os.ReadFile(found)
	if err != nil {
		return
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if pid, err := strconv.Atoi(strings.TrimSpace(line)); err == nil && pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// stop asks the server to end, which it must do cleanly within 20 s.
func (s *server) stop() error {
	cmd, exited := s.running()
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-exited:
	case <-time.After(20 * time.Second):
		return errors.New("wharf did not end within 20 s of SIGTERM")
	}
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("wharf ended with %d after SIGTERM", code)
	}
	return nil
}

// verify runs wharf's own check of its invariants, at rest.
func (s *server) verify(ctx context.Context) error {
	out, err := s.command(ctx, "verify", "--rest").CombinedOutput()
	fmt.Printf("%s\n", bytes.TrimSpace(out))
	if err != nil {
		return fmt.Errorf("wharf verify: %w", err)
	}
	return nil
}
