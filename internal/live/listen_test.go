package live_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/wharfhq/wharf/internal/live"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestListenConnectsAgain(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	owner, err := pgx.ConnectConfig(t.Context(), pool.Config().ConnConfig.Copy()) // the role of the shop may end no session
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(context.Background()) })
	ctx, stop := context.WithCancel(t.Context())
	hints, gone := make(chan struct{}, 100), make(chan struct{})
	config := pool.Config().ConnConfig.Copy()
	config.RuntimeParams["application_name"] = "listener"
	go func() {
		defer close(gone)
		live.Listen(ctx, config, "listen news", func() { hints <- struct{}{} }, slog.New(slog.DiscardHandler))
	}()
	hint := func(why string) {
		t.Helper()
		select {
		case <-hints:
		case <-time.After(10 * time.Second):
			t.Fatalf("no hint %s", why)
		}
	}
	hint("after connecting")
	for range 3 {
		if _, err := pool.Exec(t.Context(), "notify news"); err != nil {
			t.Fatal(err)
		}
		hint("for a notification")
		if _, err := owner.Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listener' and datname = current_database()"); err != nil {
			t.Fatal(err)
		}
		hint("after connecting again")
	}
	stop()
	<-gone
	if len(hints) != 0 {
		t.Errorf("%d hints too many", len(hints))
	}
}
