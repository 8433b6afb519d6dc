package pg_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
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
	behind := filepath.Join(config.Host, fmt.Sprintf(".s.PGSQL.%d", config.Port))
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

func TestAwait_waits_for_a_database_that_starts(t *testing.T) {
	t.Parallel()
	database, asked := starting(t, pgtest.NewURL(t), 3)
	var log bytes.Buffer
	if err := pg.Await(t.Context(), database, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
		t.Fatal(err)
	}
	if n := asked.Load(); n != 4 {
		t.Errorf("it was asked %d times", n)
	}
	if n := strings.Count(log.String(), "the database is starting"); n != 1 {
		t.Errorf("that it waits was said %d times:\n%s", n, log.String())
	}
}

// TestAwait_tells_why_it_gave_up: whoever ends the wait is told of the database, not of the wait's end.
func TestAwait_tells_why_it_gave_up(t *testing.T) {
	t.Parallel()
	database, asked := starting(t, pgtest.NewURL(t), 1<<40)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for asked.Load() < 3 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if err := pg.Await(ctx, database, slog.New(slog.DiscardHandler)); pg.SQLState(err) != pgerrcode.CannotConnectNow {
		t.Errorf("it says %v", err)
	}
	if n := asked.Load(); n < 3 {
		t.Errorf("it was asked %d times", n)
	}
}

func TestAwait_does_not_wait_for_nobody(t *testing.T) {
	t.Parallel()
	began := time.Now()
	err := pg.Await(t.Context(), "postgres://wharf@127.0.0.1:1/wharf?sslmode=disable", slog.New(slog.DiscardHandler))
	if !pg.IsUnreachable(err) || time.Since(began) > time.Minute {
		t.Errorf("after %s it says %v", time.Since(began), err)
	}
}
