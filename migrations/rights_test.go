package migrations_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/embedded"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func TestLedgerOnly(t *testing.T) {
	t.Parallel()
	// The login owns the table, so only the triggers stand in its way.
	owner := connect(t, pgtest.NewURL(t))
	ctx := t.Context()
	for _, sql := range []string{
		`create table kept (word text not null)`, `select ledger_only('kept')`, `insert into kept values ('first')`,
	} {
		if _, err := owner.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{`update kept set word = 'other'`, `delete from kept`, `truncate kept`} {
		for _, role := range []string{"origin", "replica"} {
			if _, err := owner.Exec(ctx, `set session_replication_role = `+role); err != nil {
				t.Fatal(err)
			}
			_, err := owner.Exec(ctx, sql)
			if pg.SQLState(err) != "23000" || !strings.Contains(err.Error(), "table kept is a ledger") {
				t.Errorf("%s as %s: %v", sql, role, err)
			}
		}
	}
	var word string
	if err := owner.QueryRow(ctx, `select word from kept`).Scan(&word); err != nil || word != "first" {
		t.Errorf("the row is now %q, %v", word, err)
	}
}

func TestLedgers(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, table := range []string{"event", "event_feed"} {
		var insert, read, change bool
		err := pool.QueryRow(t.Context(), `
			select has_table_privilege($1, 'insert'), has_table_privilege($1, 'select'),
			  has_table_privilege($1, 'update') or has_table_privilege($1, 'delete') or has_table_privilege($1, 'truncate')`,
			table).Scan(&insert, &read, &change)
		if err != nil {
			t.Fatal(err)
		}
		if !insert || !read || change {
			t.Errorf("%s: insert %v, read %v, change %v; want only to add and to read", table, insert, read, change)
		}
	}
}

// as gives the URL of a database for another login.
func as(t *testing.T, server *embedded.Server, database, login string) string {
	t.Helper()
	address, err := url.Parse(server.URL(database))
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.User(login)
	return address.String()
}

func TestUp_by_a_login_that_may_little(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server, err := embedded.Start(ctx, embedded.Options{Dir: pgtest.Folder(t), Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	})
	admin := connect(t, server.URL("postgres"))
	for _, sql := range []string{
		`create role plain login`, `create database plain owner plain`,
		`create role maker login createrole`, `create database maker owner maker`,
	} {
		if _, err := admin.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	plain, maker := as(t, server, "plain", "plain"), as(t, server, "maker", "maker")

	works := func(t *testing.T, database, wantUser string) {
		t.Helper()
		up(t, database)
		mustBeCurrent(t, database)
		login := connect(t, database)
		for _, sql := range []string{
			`create table if not exists kept (word text not null)`,
			`do $$ begin if not exists (select from kept) then perform ledger_only('kept'); end if; end $$`,
			`insert into kept values ('first')`,
		} {
			if _, err := login.Exec(ctx, sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
		pool, err := pg.Open(ctx, pg.Config{URL: database, MaxConns: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		var user string
		if err := pool.QueryRow(ctx, `select current_user`).Scan(&user); err != nil || user != wantUser {
			t.Errorf("works as %q, %v; want %s", user, err, wantUser)
		}
		for _, sql := range []string{
			`insert into kept values ('more')`,
			`select count(*) from event`,
			`select count(*) from river.river_job`,
			`reindex index concurrently river.river_job_kind`,
		} {
			if _, err := pool.Exec(ctx, sql); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
		if _, err := pool.Exec(ctx, `delete from kept`); err == nil {
			t.Error("a ledger lost its rows")
		}
	}

	t.Run("without the right to make roles the triggers guard alone", func(t *testing.T) {
		works(t, plain, "plain")
	})
	t.Run("with it the role is made and taken", func(t *testing.T) {
		works(t, maker, "wharf_app")
	})
	t.Run("a role of somebody else's is left alone", func(t *testing.T) {
		works(t, plain, "plain")
	})
	t.Run("a role that comes later gets its rights at the next start", func(t *testing.T) {
		if _, err := admin.Exec(ctx, `grant wharf_app to plain`); err != nil {
			t.Fatal(err)
		}
		works(t, plain, "wharf_app")
	})
}
