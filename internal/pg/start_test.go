package pg_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// starting stands before a database and says to those who come first what PostgreSQL says while it starts.
func starting(t *testing.T, database string, times int64) (address string, asked *atomic.Int64) {
	t.Helper()
	config, err := pgconn.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	asked = &atomic.Int64{}
	behind := filepath.Join(config.Host, ".s.PGSQL.5432")
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if asked.Add(1) <= times {
				go refuse(conn)
			} else {
				go forward(conn, behind)
			}
		}
	}()
	u := url.URL{Scheme: "postgres", User: url.User(config.User), Host: listener.Addr().String(), Path: config.Database, RawQuery: "sslmode=disable"}
	return u.String(), asked
}

func refuse(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	backend := pgproto3.NewBackend(conn, conn)
	if _, err := backend.ReceiveStartupMessage(); err != nil {
		return
	}
	backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: "57P03", Message: "the database system is starting up"})
	_ = backend.Flush()
}

func forward(conn net.Conn, socket string) {
	defer func() { _ = conn.Close() }()
	behind, err := new(net.Dialer).DialContext(context.Background(), "unix", socket)
	if err != nil {
		return
	}
	defer func() { _ = behind.Close() }()
	go func() { _, _ = io.Copy(behind, conn) }()
	_, _ = io.Copy(conn, behind)
}

func TestOpen_waits_for_a_database_that_starts(t *testing.T) {
	t.Parallel()
	database, asked := starting(t, pgtest.NewURL(t), 3)
	pool, err := pg.Open(t.Context(), pg.Config{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
	if n := asked.Load(); n < 4 {
		t.Errorf("it was asked %d times", n)
	}
}

func TestOpen_waits_no_longer_than_it_may(t *testing.T) {
	t.Parallel()
	database, _ := starting(t, pgtest.NewURL(t), 1<<40)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := pg.Open(ctx, pg.Config{URL: database}); !pg.IsUnreachable(err) {
		t.Errorf("it says %v", err)
	}
}
