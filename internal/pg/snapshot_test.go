package pg_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// TestASnapshotStandsStill reads a sum in many ways at once while it changes: all say the same.
func TestASnapshotStandsStill(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := t.Context()
	if _, err := pool.Exec(ctx, `insert into realm_position (realm, position) values ('catalog', 1), ('shop', 1)`); err != nil {
		t.Fatal(err)
	}
	const sum = `select sum(position)::int from realm_position`
	err := pg.InSnapshot(ctx, pool, func(ctx context.Context, s *pg.Snapshot) error {
		var first int
		if err := s.QueryRow(ctx, sum).Scan(&first); err != nil || first != 2 {
			return errors.Join(err, errors.New("not what was there"))
		}
		if _, err := pool.Exec(ctx, `update realm_position set position = position + 1`); err != nil {
			return err
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				rows, err := s.Query(ctx, `select position from realm_position`)
				if err != nil {
					t.Error(err)
					return
				}
				each, err := pgx.CollectRows(rows, pgx.RowTo[int])
				if err != nil || len(each) != 2 || each[0]+each[1] != 2 {
					t.Errorf("%v, %v", each, err)
				}
				var again int
				if err := s.QueryRow(ctx, sum).Scan(&again); err != nil || again != 2 {
					t.Errorf("%d, %v", again, err)
				}
				batch := &pgx.Batch{}
				batch.Queue(sum)
				results := s.SendBatch(ctx, batch)
				if err := results.QueryRow().Scan(&again); err != nil || again != 2 {
					t.Errorf("%d, %v", again, err)
				}
				if err := results.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = pg.InSnapshot(ctx, pool, func(ctx context.Context, s *pg.Snapshot) error {
		_, err := s.Exec(ctx, `update realm_position set position = 9`)
		return err
	})
	if pg.SQLState(err) != "25006" {
		t.Errorf("a write in a snapshot: %v", err)
	}
}

// TestWhoWaitsForATurnCanGiveUp: nobody waits for rows that somebody else never reads to their end.
func TestWhoWaitsForATurnCanGiveUp(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	err := pg.InSnapshot(t.Context(), pool, func(ctx context.Context, s *pg.Snapshot) error {
		rows, err := s.Query(ctx, `select generate_series(1, 3)`)
		if err != nil {
			return err
		}
		given, up := context.WithCancel(ctx)
		up()
		var n int
		if err := s.QueryRow(given, `select 1`).Scan(&n); !errors.Is(err, context.Canceled) {
			t.Errorf("gave up: %v", err)
		}
		rows.Close()
		rows.Close()
		return s.QueryRow(ctx, `select 1`).Scan(&n)
	})
	if err != nil {
		t.Error(err)
	}
}
