// Package migrations brings a database to the schema this binary needs: our own
// files by golang-migrate, then River's tables by River's library.
//
// It promises that any number of processes may start at once on any database,
// an empty one included, and that a process killed in the middle leaves a
// database from which the next start goes on: each file and its version number
// are one transaction. Only indexes of tables that are there already are built
// outside of one, in files of their own, so that the version before goes on
// writing meanwhile.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed *.sql
var files embed.FS

// RiverSchema holds the job queue's tables, apart from the shop's.
const RiverSchema = "river"

// A migration that cannot get a table's lock gives up rather than make every
// query on that table queue behind it; it is simply run again.
const lockTimeout = "3000"

// Up applies what is missing. It waits while another process migrates. A database
// that a newer binary has brought further is left as it is: during a deploy old
// processes start on it too.
func Up(ctx context.Context, url string) error {
	return locked(ctx, url, func(conn *pgx.Conn) error {
		ours, err := open(ctx, url)
		if err != nil {
			return err
		}
		defer ours.close()
		if err := ours.up(ctx); err != nil {
			return fmt.Errorf("migrate the database: %w", err)
		}
		if err := riverUp(ctx, url, conn); err != nil {
			return fmt.Errorf("migrate the job queue's tables: %w", err)
		}
		return grant(ctx, conn)
	})
}

// Down takes back that many of our own migrations, newest first, and what they
// held is lost. River's tables go with the last one.
func Down(ctx context.Context, url string, steps int) error {
	if steps < 1 {
		return errors.New("say how many migrations to take back, at least one")
	}
	return locked(ctx, url, func(conn *pgx.Conn) error {
		ours, err := open(ctx, url)
		if err != nil {
			return err
		}
		defer ours.close()
		nothingLeft, err := ours.down(ctx, steps)
		if err != nil {
			return fmt.Errorf("take migrations back: %w", err)
		}
		if !nothingLeft {
			return nil
		}
		// Our views name River's tables and not the other way round.
		return riverDown(ctx, url, conn)
	})
}

const createRiverSchemaSQL = `create schema if not exists river`

func riverUp(ctx context.Context, url string, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, createRiverSchemaSQL); err != nil {
		return err
	}
	if err := river(ctx, url, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	return tuneQueue(ctx, conn)
}

const dropRiverSchemaSQL = `drop schema if exists river`

func riverDown(ctx context.Context, url string, conn *pgx.Conn) error {
	if err := river(ctx, url, rivermigrate.DirectionDown, &rivermigrate.MigrateOpts{TargetVersion: -1}); err != nil {
		return fmt.Errorf("take the job queue's tables back: %w", err)
	}
	_, err := conn.Exec(ctx, dropRiverSchemaSQL)
	return err
}

func river(ctx context.Context, url string, direction rivermigrate.Direction, options *rivermigrate.MigrateOpts) error {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	bound(config.ConnConfig)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{
		Schema: RiverSchema,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, direction, options)
	return err
}

const grantSQL = `select wharf_app_rights()`

func grant(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, grantSQL); err != nil {
		return fmt.Errorf("grant the role its rights: %w", err)
	}
	return nil
}
