package migrations

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// State says how far a database has come.
type State struct {
	// Version is the newest of our migrations that is applied; 0 is none.
	Version uint
	// Latest is the newest one this binary knows.
	Latest uint
	// Applied and Pending name our migrations, oldest first.
	Applied, Pending []string
	// RiverVersion and RiverLatest are the same for the job queue's tables.
	RiverVersion, RiverLatest int
}

// Current tells whether nothing is missing. A database that is ahead of this
// binary is current too: during a deploy old code runs on the new schema.
func (s State) Current() bool {
	return len(s.Pending) == 0 && s.RiverVersion >= s.RiverLatest
}

const (
	versionSQL      = `select coalesce(max(version), 0) from schema_migrations where not dirty`
	riverVersionSQL = `select coalesce(max(version), 0) from river.river_migration where line = 'main'`
)

// Status reads how far the database has come, and changes nothing.
func Status(ctx context.Context, url string) (State, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return State{}, fmt.Errorf("reach the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()

	var state State
	if err := readIfPresent(ctx, conn, versionSQL, &state.Version); err != nil {
		return State{}, err
	}
	if err := readIfPresent(ctx, conn, riverVersionSQL, &state.RiverVersion); err != nil {
		return State{}, err
	}
	known, err := versions()
	if err != nil {
		return State{}, err
	}
	for _, one := range known {
		state.Latest = one.number
		if one.number <= state.Version {
			state.Applied = append(state.Applied, one.name)
		} else {
			state.Pending = append(state.Pending, one.name)
		}
	}
	state.RiverLatest, err = riverLatest()
	return state, err
}

func readIfPresent(ctx context.Context, conn *pgx.Conn, sql string, into any) error {
	err := conn.QueryRow(ctx, sql).Scan(into)
	var failure *pgconn.PgError
	if errors.As(err, &failure) && (failure.Code == pgerrcode.UndefinedTable || failure.Code == pgerrcode.InvalidSchemaName) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the database's version: %w", err)
	}
	return nil
}

func riverLatest() (int, error) {
	migrator, err := rivermigrate.New(riverpgxv5.New((*pgxpool.Pool)(nil)), &rivermigrate.Config{Schema: RiverSchema})
	if err != nil {
		return 0, fmt.Errorf("read the job queue's migrations: %w", err)
	}
	all := migrator.AllVersions()
	return all[len(all)-1].Version, nil
}

// Fingerprint changes whenever a migration of ours or of River's does.
func Fingerprint() (string, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, name := range names {
		content, err := files.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d\n%s\n", name, len(content), content)
	}
	river, err := riverLatest()
	if err != nil {
		return "", err
	}
	fmt.Fprintf(hash, "river %d\n", river)
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}

type version struct {
	number uint
	name   string
}

func versions() ([]version, error) {
	names, err := fs.Glob(files, "*.up.sql")
	if err != nil {
		return nil, err
	}
	known := make([]version, 0, len(names))
	for _, name := range names {
		digits, _, _ := strings.Cut(name, "_")
		number, err := strconv.ParseUint(digits, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("the migration %s has no number: %w", name, err)
		}
		known = append(known, version{uint(number), strings.TrimSuffix(name, ".up.sql")})
	}
	slices.SortFunc(known, func(a, b version) int { return int(a.number) - int(b.number) })
	return known, nil
}
