package harness

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg/embedded"
)

// Cluster is a PostgreSQL that belongs to one proof. Its postmaster is a direct child and is reaped, and started
// again, by internal/pg/embedded. It listens on an address of its own in the loopback network, since its port is fixed.
type Cluster struct {
	dir      string
	host     string
	settings map[string]string
	server   *embedded.Server
}

// Copy makes a cluster of the template's data and starts it. mount, if given, is called with the data folder before
// the start, for a proof that puts a part of it elsewhere.
func (t *Template) Copy(ctx context.Context, dir string, settings map[string]string, mount func(data string) error) (*Cluster, error) {
	inner := filepath.Join(dir, "postgres")
	if err := os.MkdirAll(inner, 0o755); err != nil { //nolint:gosec // embedded closes it
		return nil, err
	}
	for _, folder := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // the database's own user must be able to enter
			return nil, err
		}
	}
	data := filepath.Join(inner, "data")
	out, err := run(exec.CommandContext(ctx, "cp", "-a", filepath.Join(t.data(), "postgres", "data"), data))
	if err != nil {
		return nil, fmt.Errorf("copy the template: %w\n%s", err, out)
	}
	if mount != nil {
		if err := mount(data); err != nil {
			return nil, err
		}
	}
	host := ownHost()
	c := &Cluster{dir: dir, host: host, settings: map[string]string{
		"listen_addresses": host, "shared_buffers": "128MB",
	}}
	maps.Copy(c.settings, settings)
	return c, c.Start(ctx)
}

// Start starts a cluster that has ended.
func (c *Cluster) Start(ctx context.Context) (err error) {
	c.server, err = embedded.Start(ctx, embedded.Options{Dir: c.dir, Settings: c.settings, Within: 30 * time.Second})
	return err
}

// Stop ends the cluster.
func (c *Cluster) Stop(ctx context.Context) { stop(ctx, c.server) }

// Ended is closed when the cluster has ended and could not be started again.
func (c *Cluster) Ended() <-chan struct{} { return c.server.Done() }

// Data is the folder of the database.
func (c *Cluster) Data() string { return filepath.Join(c.dir, "postgres", "data") }

// Addr is where it listens.
func (c *Cluster) Addr() string { return net.JoinHostPort(c.host, embedded.Port) }

// URL is the shop's database, behind an address: the cluster's own or that of a proxy before it.
func URL(addr string) string {
	return "postgres://" + embedded.Login + "@" + addr + "/" + embedded.Login + "?sslmode=disable"
}

// Postmaster is the process id of the server.
func (c *Cluster) Postmaster() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.Data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err == nil && pid <= 1 {
		err = errors.New("postmaster.pid names no process of ours")
	}
	return pid, err
}

// Signal sends the postmaster a signal, such as SIGKILL, SIGSTOP or SIGCONT.
func (c *Cluster) Signal(signal syscall.Signal) error {
	pid, err := c.Postmaster()
	if err != nil {
		return err
	}
	return syscall.Kill(pid, signal)
}

// replayWithin is how long a PostgreSQL that was killed may take: it replays up to ten minutes of its log first.
const replayWithin = 2 * time.Minute

// Answers returns when the cluster takes connections.
func (c *Cluster) Answers(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.server.URL(embedded.Login))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("the database does not answer: %w", err)
		}
	}
}

// Freeze stops the server and all its backends where they are, as a machine does that hangs; Thaw lets them go on.
func (c *Cluster) Freeze() error { return c.all(syscall.SIGSTOP) }

// Thaw ends a Freeze.
func (c *Cluster) Thaw() error { return c.all(syscall.SIGCONT) }

// all signals the postmaster first, so that no backend is started meanwhile, and then its children.
func (c *Cluster) all(signal syscall.Signal) error {
	pid, err := c.Postmaster()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, signal); err != nil {
		return err
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return err
	}
	for text := range strings.FieldsSeq(string(children)) {
		if child, err := strconv.Atoi(text); err == nil && child > 1 {
			_ = syscall.Kill(child, signal)
		}
	}
	return nil
}

// AsOwner works in the database as whoever owns it, without Wharf's own code and without a proxy.
func (c *Cluster) AsOwner(ctx context.Context, work func(*pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.server.URL(embedded.Login))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return work(conn)
}

// Exec runs statements as the owner.
func (c *Cluster) Exec(ctx context.Context, sql string) error {
	return c.AsOwner(ctx, func(conn *pgx.Conn) error {
		_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
		return err
	})
}

// Number reads one number as the owner.
func (c *Cluster) Number(ctx context.Context, sql string, args ...any) (n int, err error) {
	err = c.AsOwner(ctx, func(conn *pgx.Conn) error { return conn.QueryRow(ctx, sql, args...).Scan(&n) })
	return n, err
}
