// Package pgtest gives each test a PostgreSQL database of its own.
//
// The tests of all packages share one private server. The first test process
// that needs it starts a supervisor, which is the same test binary told so by an
// environment variable; the server stops by itself when no test process is left,
// however that ended. Each checkout of the module has a server of its own.
//
// A missing PostgreSQL fails the test; it never skips it.
package pgtest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/wharfhq/wharf/internal/pg"
)

// maxConns suffices for tests with parallel writers; packages that run side by
// side share one server.
const maxConns = 16

const closeWithin = 10 * time.Second

// New opens a fresh migrated database as a process of the shop would, under the
// role wharf_app, and takes both away when the test ends.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	url := NewURL(t)
	pool, err := pg.Open(t.Context(), pg.Config{URL: url, MaxConns: maxConns, AppName: "test"})
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() { closePool(t, pool) })
	return pool
}

// NewURL makes a fresh migrated database and gives its URL, whose login owns
// everything in it; it goes away when the test ends.
func NewURL(t testing.TB) string {
	t.Helper()
	return fresh(t, func(ctx context.Context, s *server, name string) error {
		return s.clone(ctx, name)
	})
}

// Empty makes a database without any migration and gives its URL; it goes away
// when the test ends.
func Empty(t testing.TB) string {
	t.Helper()
	return fresh(t, func(ctx context.Context, s *server, name string) error {
		return s.create(ctx, name)
	})
}

// Folder makes a temporary folder for a private server of the test's own. As root
// the server runs as another user, to whom t.TempDir is closed.
func Folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func fresh(t testing.TB, create func(context.Context, *server, string) error) string {
	t.Helper()
	shared, err := sharedServer()
	if err != nil {
		t.Fatalf("the tests need PostgreSQL: %v", err)
	}
	name := shared.nextName()
	if err := create(t.Context(), shared, name); err != nil {
		t.Fatalf("make the test's database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), closeWithin)
		defer cancel()
		if err := shared.drop(ctx, name); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return shared.url(name)
}

// A connection that the test never gave back would block Close for ever; that is
// a bug in what was tested, and is said so.
func closePool(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		pool.Close()
	}()
	select {
	case <-closed:
	case <-time.After(closeWithin):
		t.Errorf("%d connections of the test's pool were never given back", pool.Stat().AcquiredConns())
	}
}
