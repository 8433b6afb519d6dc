package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// The key of the advisory lock under which a whole migration runs; any number
// that nobody else uses. golang-migrate locks only its own part.
const lockKey int64 = 0x7768617266 // "wharf"

const (
	lockSQL   = `select pg_try_advisory_lock($1)`
	unlockSQL = `select pg_advisory_unlock($1)`
)

const lockEvery = 50 * time.Millisecond

// locked runs fn while no other process migrates this database. The lock lives
// as long as its connection, so a killed process leaves none behind.
func locked(ctx context.Context, url string, fn func(conn *pgx.Conn) error) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("read the database URL: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := waitForLock(ctx, conn); err != nil {
		return fmt.Errorf("wait for other migrations: %w", err)
	}
	failed := fn(conn)
	if _, err := conn.Exec(context.WithoutCancel(ctx), unlockSQL, lockKey); err != nil && failed == nil {
		return fmt.Errorf("release the migration lock: %w", err)
	}
	return failed
}

// The lock is asked for again and again instead of waited for in the server: a
// session that waits holds a snapshot, and an index built concurrently by the
// one that migrates would wait for that snapshot.
func waitForLock(ctx context.Context, conn *pgx.Conn) error {
	ticker := time.NewTicker(lockEvery)
	defer ticker.Stop()
	for {
		var got bool
		if err := conn.QueryRow(ctx, lockSQL, lockKey).Scan(&got); err != nil || got {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func bound(config *pgx.ConnConfig) {
	config.RuntimeParams["lock_timeout"] = lockTimeout
	config.RuntimeParams["application_name"] = "wharf migrate"
}

type ours struct {
	*migrate.Migrate
}

// up takes one step at a time: after a failure in the middle of more, the library
// would leave goroutines behind that read the files ahead.
func (o ours) up(ctx context.Context) error {
	version, _, err := o.Version()
	if err != nil && !errors.Is(err, migrate.ErrNilVersion) {
		return err
	}
	known, err := versions()
	if err != nil {
		return err
	}
	for _, next := range known {
		if next.number <= version {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := o.Steps(1); err != nil {
			return err
		}
	}
	return nil
}

// down tells whether none of ours is left.
func (o ours) down(ctx context.Context, steps int) (nothingLeft bool, err error) {
	for {
		if _, _, err := o.Version(); errors.Is(err, migrate.ErrNilVersion) {
			return true, nil
		} else if err != nil {
			return false, err
		}
		if steps == 0 {
			return false, nil
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if err := o.Steps(-1); err != nil {
			return false, err
		}
		steps--
	}
}

func (o ours) close() { _, _ = o.Close() }

func open(ctx context.Context, url string) (ours, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return ours{}, fmt.Errorf("read the database URL: %w", err)
	}
	bound(config)
	db := stdlib.OpenDB(*config)
	driver, err := migratepgx.WithInstance(db, &migratepgx.Config{})
	if err != nil {
		return ours{}, errors.Join(fmt.Errorf("reach the database: %w", err), db.Close())
	}
	source, err := iofs.New(files, ".")
	if err != nil {
		return ours{}, errors.Join(fmt.Errorf("read the migrations: %w", err), driver.Close())
	}
	whole := &wholeFiles{Driver: driver, ctx: ctx, db: db}
	migrator, err := migrate.NewWithInstance("iofs", source, "pgx5", whole)
	if err != nil {
		return ours{}, errors.Join(fmt.Errorf("prepare the migrations: %w", err), driver.Close())
	}
	return ours{migrator}, nil
}

// wholeFiles writes a file's statements and the version they lead to in one
// transaction. golang-migrate by itself writes the version before and after,
// marked dirty in between, and a process killed there leaves a database that
// nobody can start on until a person has looked.
type wholeFiles struct {
	database.Driver
	ctx  context.Context
	db   *sql.DB
	next int
}

// SetVersion keeps a version that is about to be reached for Run, and writes one
// that has been reached.
func (w *wholeFiles) SetVersion(version int, dirty bool) error {
	if dirty {
		w.next = version
		return nil
	}
	return w.Driver.SetVersion(version, false)
}

const (
	forgetVersionSQL = `delete from schema_migrations`
	writeVersionSQL  = `insert into schema_migrations (version, dirty) values ($1, false)`
)

// Run applies one file as a whole, or the indexes in it one by one.
func (w *wholeFiles) Run(migration io.Reader) error {
	statements, err := io.ReadAll(migration)
	if err != nil {
		return err
	}
	if indexes := concurrent(string(statements)); indexes != nil {
		if err := index(w.ctx, w.db, indexes); err != nil {
			return fmt.Errorf("migration to version %d: %w", w.next, err)
		}
		return nil // SetVersion writes where this has led
	}
	tx, err := w.db.BeginTx(w.ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(w.ctx, string(statements)); err != nil {
		return fmt.Errorf("migration to version %d: %w", w.next, err)
	}
	if _, err := tx.ExecContext(w.ctx, forgetVersionSQL); err != nil {
		return err
	}
	if w.next >= 0 {
		if _, err := tx.ExecContext(w.ctx, writeVersionSQL, w.next); err != nil {
			return err
		}
	}
	return tx.Commit()
}
