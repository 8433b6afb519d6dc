package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/observe"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/embedded"
	"github.com/wharfhq/wharf/migrations"
)

// How long the end of the database's parts may take: together with everything else a process ends within 20 s.
const (
	poolWithin     = 2 * time.Second
	postgresWithin = 4 * time.Second
)

// database is a shop's database, open.
type database struct {
	url    string
	pool   *pgxpool.Pool
	jobs   *pgxpool.Pool    // nil where no jobs run
	server *embedded.Server // nil when DATABASE_URL was given

	app     string
	forJobs int32 // how many connections jobs get; 0 is the default
}

// locate finds the database, or starts Wharf's own PostgreSQL. It changes nothing in a given one, and waits for it where
// it is about to start.
func (d Database) locate(ctx context.Context, log *slog.Logger) (*database, error) {
	if d.URL != "" {
		return &database{url: d.URL}, explain(pg.Await(ctx, d.URL, log))
	}
	server, err := embedded.Start(ctx, embedded.Options{Dir: d.Data, Log: log})
	if err != nil {
		return nil, err
	}
	return &database{url: server.URL(embedded.Login), server: server}, nil
}

// mustExist refuses a data folder in which no shop was ever kept, for commands that only look: a wrong name must not
// pass for an empty shop that is in order.
func (d Database) mustExist() error {
	if d.URL != "" || embedded.Exists(d.Data) {
		return nil
	}
	return fmt.Errorf("there is no shop in %s: name its folder with --data or WHARF_DATA, or set DATABASE_URL", d.Data)
}

// open opens the database for commands that work in the shop. Wharf's own is brought up to date by itself; a given
// one only when upgrade says so, since it has an operator who decides when.
func (d Database) open(ctx context.Context, log *slog.Logger, app string, upgrade bool) (_ *database, err error) {
	db, err := d.locate(ctx, log)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			db.close(ctx, log)
		}
	}()
	if err := db.upgrade(ctx, log, upgrade || db.server != nil); err != nil {
		return nil, err
	}
	db.app, db.forJobs = app, d.JobsPool
	if db.pool, err = pg.Open(ctx, pg.Config{URL: db.url, MaxConns: d.Pool, AppName: app, Tracer: observe.PgxTracer()}); err != nil {
		return nil, explain(err)
	}
	if !d.AllowDataLoss {
		if err := pg.CheckDurability(ctx, db.pool); err != nil {
			return nil, fmt.Errorf("%w, or start with --allow-data-loss", err)
		}
	}
	return db, nil
}

func (db *database) upgrade(ctx context.Context, log *slog.Logger, wanted bool) error {
	state, err := migrations.Status(ctx, db.url)
	if err != nil {
		return explain(err)
	}
	switch {
	case !state.Current() && wanted:
		if err := migrations.Up(ctx, db.url); err != nil {
			return explain(err)
		}
	case !state.Current() && state.Version == 0:
		return errors.New("the database is empty: run `wharf migrate up` first, or start with --migrate")
	case !state.Current():
		return fmt.Errorf("the database is behind this version of Wharf (%d migrations to apply): run `wharf migrate up` first, or start with --migrate",
			max(len(state.Pending), 1))
	case state.Version > state.Latest:
		log.WarnContext(ctx, "the database is ahead of this version of Wharf: a newer one has migrated it", "database", state.Version, "binary", state.Latest)
	}
	return nil
}

// pools are the open pools by the names under which they are reported.
func (db *database) pools() map[string]*pgxpool.Pool {
	pools := map[string]*pgxpool.Pool{"primary": db.pool}
	if db.jobs != nil {
		pools["jobs"] = db.jobs
	}
	return pools
}

// close lets the connections go and ends Wharf's own PostgreSQL. What does not end in time ends with the process.
func (db *database) close(ctx context.Context, log *slog.Logger) {
	ctx = context.WithoutCancel(ctx)
	if db.pool != nil {
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			if db.jobs != nil {
				db.jobs.Close()
			}
			db.pool.Close()
		}()
		select {
		case <-closed:
		case <-time.After(poolWithin):
			log.WarnContext(ctx, "database connections are still in use at the end")
		}
	}
	if db.server != nil {
		ctx, cancel := context.WithTimeout(ctx, postgresWithin)
		defer cancel()
		if err := db.server.Stop(ctx); err != nil {
			log.WarnContext(ctx, "stop the built-in PostgreSQL", "error", err)
		}
	}
}

// lost is closed when Wharf's own PostgreSQL has ended for good; for any other database it never is.
func (db *database) lost() <-chan struct{} {
	if db.server == nil {
		return nil
	}
	return db.server.Done()
}

// explain adds the remedy to the errors that an operator meets first.
func explain(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "28P01", "28000":
			return fmt.Errorf("the database refuses the login of DATABASE_URL: %w", err)
		case "3D000":
			return fmt.Errorf("the database that DATABASE_URL names does not exist: create it with `createdb`: %w", err)
		case "42501":
			return fmt.Errorf("the login of DATABASE_URL may not do this: let it own the database: %w", err)
		}
		return err
	}
	var unreachable *pgconn.ConnectError
	if errors.As(err, &unreachable) {
		return fmt.Errorf("the database cannot be reached: check DATABASE_URL and whether the server runs: %w", err)
	}
	var unreadable *pgconn.ParseConfigError
	if errors.As(err, &unreadable) {
		return errors.New("DATABASE_URL is no PostgreSQL address such as postgres://user:password@host:5432/database")
	}
	return err
}
