package migrations_test

import (
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/migrations"
)

// before takes migrations back until the named one is the first that is missing.
func before(t *testing.T, database, name string) {
	t.Helper()
	applied := state(t, database).Applied
	i := slices.Index(applied, name)
	if i < 0 {
		t.Fatalf("there is no migration %s", name)
	}
	if err := migrations.Down(t.Context(), database, len(applied)-i); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

const (
	writeEventsSQL = `lock table event in row exclusive mode`

	buildingSQL = `
select exists (select from pg_stat_progress_create_index where datname = current_database() and index_relid = to_regclass('event_operators_providers'))`

	eventIndexSQL = `select coalesce((select indisvalid from pg_index where indexrelid = to_regclass('event_operators_providers')), false)`
)

func building(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		var is bool
		if err := conn.QueryRow(t.Context(), buildingSQL).Scan(&is); err != nil {
			t.Fatal(err)
		}
		if is {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the index is not built, or not beside those who write")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func mustBeIndexed(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	var valid bool
	if err := conn.QueryRow(t.Context(), eventIndexSQL).Scan(&valid); err != nil || !valid {
		t.Errorf("the index is there and whole: %v (%v)", valid, err)
	}
}

// TestUp_builds_indexes_while_others_write: what has begun to write before it is waited for, and what begins to write
// meanwhile does not wait.
func TestUp_builds_indexes_while_others_write(t *testing.T) {
	t.Parallel()
	database := pgtest.NewURL(t)
	before(t, database, "000348_event_operators_providers")
	writer, other := connect(t, database), connect(t, database)
	run(t, writer, `begin`)
	run(t, writer, writeEventsSQL)
	done := make(chan error, 1)
	go func() { done <- migrations.Up(t.Context(), database) }()
	building(t, other)
	run(t, other, `begin; `+writeEventsSQL+` nowait; commit`)
	// Longer than a migration waits for a lock that makes others wait.
	select {
	case err := <-done:
		t.Errorf("it has not waited for the one that writes: %v", err)
	case <-time.After(3500 * time.Millisecond):
	}
	run(t, writer, `commit`)
	if err := <-done; err != nil {
		t.Error(err)
	}
	mustBeCurrent(t, database)
	mustBeIndexed(t, other)
}

// TestUp_killed_while_it_builds_an_index: the server goes on building for a while, and the next start waits for that. What
// is left half built is built anew.
func TestUp_killed_while_it_builds_an_index(t *testing.T) {
	t.Parallel()
	database := pgtest.NewURL(t)
	before(t, database, "000348_event_operators_providers")
	writer, other := connect(t, database), connect(t, database)
	run(t, writer, `begin`)
	run(t, writer, writeEventsSQL)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), childEnv+"="+database)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	building(t, other)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	done := make(chan error, 1)
	go func() { done <- migrations.Up(t.Context(), database) }()
	// Longer than it takes the server to see a deadlock.
	select {
	case err := <-done:
		t.Errorf("it has not waited for the one that builds: %v", err)
	case <-time.After(1500 * time.Millisecond):
	}
	run(t, writer, `commit`)
	if err := <-done; err != nil {
		t.Error(err)
	}
	mustBeCurrent(t, database)
	mustBeIndexed(t, other)

	before(t, database, "000348_event_operators_providers")
	run(t, other, `create index event_operators_providers on event (at)`)
	run(t, other, `update pg_index set indisvalid = false where indexrelid = 'event_operators_providers'::regclass`)
	up(t, database)
	mustBeCurrent(t, database)
	mustBeIndexed(t, other)
}
