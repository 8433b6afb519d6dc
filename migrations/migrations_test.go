package migrations_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/migrations"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func up(t *testing.T, url string) {
	t.Helper()
	if err := migrations.Up(t.Context(), url); err != nil {
		t.Fatal(err)
	}
}

func state(t *testing.T, url string) migrations.State {
	t.Helper()
	found, err := migrations.Status(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func mustBeCurrent(t *testing.T, url string) {
	t.Helper()
	if found := state(t, url); !found.Current() || found.Version != found.Latest || len(found.Applied) == 0 {
		t.Errorf("the database is not current: %+v", found)
	}
}

func TestUp(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)

	before := state(t, database)
	if before.Version != 0 || before.RiverVersion != 0 || len(before.Applied) != 0 || len(before.Pending) == 0 || before.Current() {
		t.Errorf("an empty database is at %+v", before)
	}
	if first := before.Pending[0]; first != "000001_event_log" {
		t.Errorf("the first pending migration is %s", first)
	}
	for range 2 {
		up(t, database)
		mustBeCurrent(t, database)
	}
}

func TestUp_four_processes_at_once(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			cmd := exec.CommandContext(t.Context(), program)
			cmd.Env = append(os.Environ(), childEnv+"="+database)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
	mustBeCurrent(t, database)
}

func TestUp_four_databases_at_once(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range 4 {
		database := pgtest.Empty(t)
		all.Go(func() {
			// They share the server's roles.
			if err := migrations.Up(t.Context(), database); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestUp_killed_at_any_moment(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for after := 20 * time.Millisecond; after < 300*time.Millisecond; after = after * 3 / 2 {
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), childEnv+"="+database)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	up(t, database)
	mustBeCurrent(t, database)
}

func TestUp_leaves_a_newer_database_alone(t *testing.T) {
	t.Parallel()
	database := pgtest.NewURL(t)
	conn := connect(t, database)
	if _, err := conn.Exec(t.Context(), `update schema_migrations set version = 999999`); err != nil {
		t.Fatal(err)
	}
	up(t, database)
	if found := state(t, database); found.Version != 999999 || !found.Current() {
		t.Errorf("the database is at %+v", found)
	}
}

func TestUp_goes_on_after_a_failure(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	conn := connect(t, database)
	// Something of the same name stands in the way of the first migration.
	if _, err := conn.Exec(t.Context(), `create table event (id int)`); err != nil {
		t.Fatal(err)
	}
	err := migrations.Up(t.Context(), database)
	if pg.SQLState(err) != "42P07" || !strings.Contains(err.Error(), "migration to version 1") {
		t.Errorf("got %v", err)
	}
	if found := state(t, database); found.Version != 0 {
		t.Errorf("the database is at %+v", found)
	}
	if _, err := conn.Exec(t.Context(), `drop table event`); err != nil {
		t.Fatal(err)
	}
	up(t, database)
	mustBeCurrent(t, database)
}

func TestUp_waits_for_another_and_gives_up_when_told(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	holder := connect(t, database)
	if _, err := holder.Exec(t.Context(), `select pg_advisory_lock(x'7768617266'::bigint)`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err := migrations.Up(ctx, database)
	if err == nil || !strings.Contains(err.Error(), "wait for other migrations") {
		t.Errorf("got %v", err)
	}
	if found := state(t, database); found.Version != 0 {
		t.Errorf("it migrated to %d under another's lock", found.Version)
	}
}

const leftSQL = `
select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')
union all
select 'relation ' || c.oid::regclass from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname !~ '^schema_migrations'
union all
select 'function ' || p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace
union all
select 'type ' || t.oid::regtype from pg_type t where t.typnamespace = 'public'::regnamespace and t.typname !~ 'schema_migrations'
union all
select 'extension ' || extname from pg_extension where extname <> 'plpgsql'
union all
select 'default privilege ' || defaclobjtype::text from pg_default_acl
order by 1`

func left(t *testing.T, database string) []string {
	t.Helper()
	rows, err := connect(t, database).Query(t.Context(), leftSQL)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDown(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	up(t, database)
	whole := left(t, database)
	all := state(t, database).Applied

	t.Run("one step at a time, each leaving what was there before it", func(t *testing.T) {
		for n := len(all) - 1; n > 0; n-- {
			if err := migrations.Down(t.Context(), database, 1); err != nil {
				t.Fatalf("take %s back: %v", all[n], err)
			}
			if found := state(t, database); !slices.Equal(found.Applied, all[:n]) || len(found.Pending) != len(all)-n {
				t.Fatalf("after taking %s back: applied %v, pending %v", all[n], found.Applied, found.Pending)
			}
		}
		up(t, database)
		if got := left(t, database); !slices.Equal(got, whole) {
			t.Errorf("down and up again differ:\n%v\n%v", got, whole)
		}
	})
	t.Run("all of it, leaving nothing", func(t *testing.T) {
		if err := migrations.Down(t.Context(), database, 1000); err != nil {
			t.Fatal(err)
		}
		if found := left(t, database); len(found) != 0 {
			t.Errorf("left behind: %v", found)
		}
		if found := state(t, database); found.Version != 0 || found.RiverVersion != 0 {
			t.Errorf("the database is at %+v", found)
		}
		if err := migrations.Down(t.Context(), database, 0); err == nil {
			t.Error("took back no migration without a word")
		}
		// Nothing left to take back is no error.
		if err := migrations.Down(t.Context(), database, 3); err != nil {
			t.Error(err)
		}
	})
	t.Run("and up again", func(t *testing.T) {
		up(t, database)
		if got := left(t, database); !slices.Equal(got, whole) {
			t.Errorf("down and up again differ:\n%v\n%v", got, whole)
		}
	})
}

func TestFiles(t *testing.T) {
	t.Parallel()
	ups, err := filepath.Glob("*.up.sql")
	if err != nil || len(ups) == 0 {
		t.Fatalf("%d migrations, %v", len(ups), err)
	}
	named := regexp.MustCompile(`^(\d{6})_[a-z]+(_[a-z]+)*\.up\.sql$`)
	numbers := map[string]string{}
	for _, name := range ups {
		match := named.FindStringSubmatch(name)
		if match == nil {
			t.Errorf("%s is not named NNNNNN_<domain>_<what>.up.sql", name)
			continue
		}
		if other := numbers[match[1]]; other != "" {
			t.Errorf("%s and %s have one number", name, other)
		}
		numbers[match[1]] = name
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "-- ") {
			t.Errorf("%s does not begin with a comment that says why", name)
		}
		down := strings.TrimSuffix(name, ".up.sql") + ".down.sql"
		back, err := os.ReadFile(down)
		if err != nil {
			t.Errorf("%s has no down file", name)
		}
		for file, text := range map[string]string{name: string(text), down: string(back)} {
			if err := migrations.CheckFile(text); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func TestCheckFile(t *testing.T) {
	t.Parallel()
	for text, right := range map[string]bool{
		"-- Why.\ncreate index concurrently if not exists a on b (c)\nwhere d;\ncreate unique index concurrently if not exists e on b (f);\n": true,
		"drop index concurrently if exists a;\n":                                            true,
		"-- Not concurrently.\nalter table b add column c integer;":                         true,
		"create index concurrently a on b (c);":                                             false,
		"create index concurrently if not exists a on b (c);\nalter table b drop column d;": false,
		"drop index concurrently a;":                                                        false,
	} {
		if err := migrations.CheckFile(text); (err == nil) != right {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	one, err := migrations.Fingerprint()
	if err != nil || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(one) {
		t.Errorf("fingerprint %q, %v", one, err)
	}
	if two, err := migrations.Fingerprint(); two != one || err != nil {
		t.Errorf("then %q, %v", two, err)
	}
}
