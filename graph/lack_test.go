package graph_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/graph"
)

// TestADatabaseWithoutRoomIsBusy: what can't be written for want of room on the disk may be sent again under its key. Whoever
// runs the shop is told once what to do, however many orders meet it.
func TestADatabaseWithoutRoomIsBusy(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var log strings.Builder
	var err error
	if a.server, err = graph.New(a.Shop.Shop, graph.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Clock: a.Clock}); err != nil {
		t.Fatal(err)
	}
	lamp := a.goods(t, "Lamp", 1999, 3)
	exec := func(sql string) {
		t.Helper()
		if _, err := a.Pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`
set local role none;
create function full_disk() returns trigger language plpgsql as $$ begin
    raise 'could not extend file: No space left on device' using errcode = 'disk_full';
end $$;
create trigger full_disk before insert on event for each row execute function full_disk()`)
	input := map[string]any{"input": orderInput("key-1", lamp.String(), 1)}
	for range 3 {
		got := a.ask(t, "", placeOrder, input)
		if got.codes() != "BUSY" || strings.Contains(got.Errors[0].Message, "device") {
			t.Fatalf("it answers %+v", got.Errors)
		}
	}
	said := log.String()
	if strings.Count(said, "level=ERROR") != 1 || !strings.Contains(said, "Make room on the database's disk") {
		t.Errorf("the log says\n%s", said)
	}
	if strings.Count(said, "No space left on device") != 3 {
		t.Errorf("not each refusal is in the log:\n%s", said)
	}
	exec(`set local role none; drop trigger full_disk on event`)
	for range 2 {
		var placed placeAnswer
		a.want(t, "", placeOrder, input, &placed)
		if placed.OrderPlace.Order == nil {
			t.Fatalf("with room again it answers %+v", placed.OrderPlace.UserErrors)
		}
	}
	var orders int
	if err := a.Pool.QueryRow(t.Context(), `select count(*) from orders`).Scan(&orders); err != nil || orders != 1 {
		t.Errorf("there are %d orders, %v", orders, err)
	}
}
