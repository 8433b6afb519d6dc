package position_test

import (
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/position"
)

// TestAdvanceCountsCommits has many writers at once: each gets a position of its own, and none is skipped by one that
// rolled back.
func TestAdvanceCountsCommits(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	ctx := t.Context()
	var mu sync.Mutex
	seen := map[int64]int{}
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
				at, err := position.Advance(ctx, tx, position.Catalog)
				mu.Lock()
				seen[at]++
				mu.Unlock()
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	for at := int64(1); at <= 8; at++ {
		if seen[at] != 1 {
			t.Errorf("position %d was given %d times", at, seen[at])
		}
	}
	current, err := position.Current(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	if len(current) != 1 || current[position.Catalog] != 8 {
		t.Errorf("the realms are at %v, not at 8 of the catalog alone", current)
	}
}
