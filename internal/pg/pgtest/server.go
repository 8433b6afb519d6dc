package pgtest

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/wharfhq/wharf/internal/pg/embedded"
	"github.com/wharfhq/wharf/migrations"
)

// server is the shared server as this test process sees it.
type server struct {
	running  *embedded.Server
	template string
	count    atomic.Int64
	// strategy names the copying of files, which beats the write-ahead log where
	// a checkpoint costs nothing. PostgreSQL 14 knows no other way and no word for it.
	strategy string
}

// sharedServer joins or starts the server once for each test process.
var sharedServer = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	folder, err := testFolder()
	if err != nil {
		return nil, err
	}
	fingerprint, err := migrations.Fingerprint()
	if err != nil {
		return nil, err
	}
	template := "template_" + fingerprint
	running, major, err := join(ctx, folder, template)
	if err != nil {
		return nil, err
	}
	joined := &server{running: running, template: template}
	if major > 14 {
		joined.strategy = " strategy file_copy"
	}
	return joined, joined.ensureTemplate(ctx)
})

func (s *server) url(database string) string { return s.running.URL(database) }

// testPrefix marks what belongs to one test; what a killed test process left is
// cleared when the server starts.
const testPrefix = "test_"

func (s *server) nextName() string {
	return testPrefix + strconv.Itoa(os.Getpid()) + "_" + strconv.FormatInt(s.count.Add(1), 10)
}

// admin runs fn on a connection of its own: a pool would outlive the test and
// show as a leak in it.
func (s *server) admin(ctx context.Context, fn func(conn *pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return fmt.Errorf("reach the tests' server: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return fn(conn)
}

func (s *server) create(ctx context.Context, name string) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		return execute(ctx, conn, "create database "+quote(name)+" template template0")
	})
}

// clone copies the migrated template, in tens of milliseconds.
func (s *server) clone(ctx context.Context, name string) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		return execute(ctx, conn, "create database "+quote(name)+" template "+quote(s.template)+s.strategy)
	})
}

func (s *server) drop(ctx context.Context, name string) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		return execute(ctx, conn, "drop database if exists "+quote(name)+" with (force)")
	})
}

const (
	templateLockKey int64 = 0x77686172665f74 // "wharf_t"
	lockTemplateSQL       = `select pg_advisory_lock($1)`
	databaseSQL           = `select exists (select from pg_database where datname = $1)`
)

// ensureTemplate migrates a database once for each content of the migrations. It
// gets its name when it is whole, so a process killed on the way leaves nothing
// that looks finished.
func (s *server) ensureTemplate(ctx context.Context) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, lockTemplateSQL, templateLockKey); err != nil {
			return err
		}
		var exists bool
		if err := conn.QueryRow(ctx, databaseSQL, s.template).Scan(&exists); err != nil || exists {
			return err
		}
		building := testPrefix + s.template
		if err := execute(ctx, conn, "drop database if exists "+quote(building)+" with (force)"); err != nil {
			return err
		}
		if err := execute(ctx, conn, "create database "+quote(building)+" template template0"); err != nil {
			return err
		}
		if err := migrations.Up(ctx, s.url(building)); err != nil {
			return err
		}
		return execute(ctx, conn, "alter database "+quote(building)+" rename to "+quote(s.template))
	})
}

func execute(ctx context.Context, conn *pgx.Conn, sql string) error {
	_, err := conn.Exec(ctx, sql)
	return err
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

const leftoversSQL = `
select datname
from pg_database
where datname like 'test\_%'
   or datname like 'template\_%' and datname <> $1`

// clearLeftovers drops the databases of tests that were killed, and the templates
// of what the migrations used to be.
func clearLeftovers(ctx context.Context, url, template string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	rows, err := conn.Query(ctx, leftoversSQL, template)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := execute(ctx, conn, "drop database if exists "+quote(name)+" with (force)"); err != nil {
			return fmt.Errorf("clear what a killed test left: %w", err)
		}
	}
	return nil
}

// serverOptions trade durability for speed, for test data is thrown away: with
// fsync on, making and dropping one database took 500 ms here, without it 80 ms.
// Nobody but the tests may do so.
func serverOptions(folder string) embedded.Options {
	return embedded.Options{
		Dir: folder,
		Settings: map[string]string{
			"max_connections":  "1000",
			"fsync":            "off",
			"full_page_writes": "off",
			"wal_level":        "minimal",
			"max_wal_senders":  "0",
			"wal_compression":  "off",
			"autovacuum":       "off",
		},
	}
}
