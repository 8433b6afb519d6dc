package inventory_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
)

// told is the history of a variant's stock, as "out, back 3".
func (s *stockroom) told(variant string) string {
	s.Helper()
	rows, err := s.pool.Query(s.Context(), `select replace(kind, 'inventory.', '') || coalesce(' ' || (data ->> 'available'), '') from event where stream = $1 order by version`, s.variants[variant])
	if err != nil {
		s.Fatal(err)
	}
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.Fatal(err)
	}
	return strings.Join(kinds, ", ")
}

func (s *stockroom) announce() {
	s.Helper()
	if more, err := s.Announce(s.Context(), "test"); err != nil || more {
		s.Fatal(more, err)
	}
}

func TestCrossingsAreToldOnce(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,5\n")
	s.announce()
	threshold := 2
	if _, err := s.set("threshold", inventory.InventoryLevelInput{LowStockThreshold: &threshold}, "mug@W"); err != nil {
		t.Fatal(err)
	}
	order := id.NewOrderID()
	if err := s.reserve(order, s.ship("mug", 3)); err != nil {
		t.Fatal(err)
	}
	s.announce()
	s.announce()
	if got := s.told("mug"); got != "low 2" {
		t.Errorf("told %q", got)
	}
	rest := id.NewOrderID()
	if err := s.reserve(rest, s.ship("mug", 2)); err != nil {
		t.Fatal(err)
	}
	s.announce()
	// Up and down again before anybody has told of it is no news.
	for range 2 {
		if err := s.tx(func(tx pgx.Tx) error { return inventory.Release(s.Context(), tx, rest, "test") }); err != nil {
			t.Fatal(err)
		}
		rest = id.NewOrderID()
		if err := s.reserve(rest, s.ship("mug", 2)); err != nil {
			t.Fatal(err)
		}
	}
	s.announce()
	if got := s.told("mug"); got != "low 2, out" {
		t.Errorf("told %q", got)
	}
	if _, err := s.adjust("more", s.change("mug@W", inventory.QuantityOnHand, 10)); err != nil {
		t.Fatal(err)
	}
	s.announce()
	if got := s.told("mug"); got != "low 2, out, back 10" {
		t.Errorf("told %q", got)
	}
}

// TestManyAnnouncersTellOnce lets several processes tell of the same shelves.
func TestManyAnnouncersTellOnce(t *testing.T) {
	t.Parallel()
	s := openStockroom(t, "W,mug,1\nX,mug,1\nN,mug,1\nW,pot,1\nX,pot,1\n")
	s.announce()
	if _, err := s.adjust("out", s.change("mug@W", inventory.QuantityOnHand, -1), s.change("mug@X", inventory.QuantityOnHand, -1),
		s.change("mug@N", inventory.QuantityOnHand, -1), s.change("pot@W", inventory.QuantityOnHand, -1)); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := s.Announce(s.Context(), "test"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s.announce()
	if got := fmt.Sprint(s.told("mug"), "; ", s.told("pot")); got != "out, out, out; out" {
		t.Errorf("told %s", got)
	}
	var left int
	if err := s.pool.QueryRow(t.Context(), `select count(*) from stock_signal`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d signals are left %v", left, err)
	}
}
