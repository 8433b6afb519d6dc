package search

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/pg"
)

// counting is a database in which nothing waits to be listed.
type counting struct {
	pg.DB
	asked atomic.Int32
}

func (c *counting) QueryRow(context.Context, string, ...any) pgx.Row {
	c.asked.Add(1)
	return nothing{}
}

type nothing struct{}

func (nothing) Scan(...any) error { return nil }

func TestThoseWhoWaitForTheListingLookTogether(t *testing.T) {
	t.Parallel()
	db, together := &counting{}, &looks[*int64]{behind: catalog.Behind}
	var waiting sync.WaitGroup
	for range 500 {
		next := together.join(t.Context(), db)
		waiting.Go(func() { <-next.done })
	}
	waiting.Wait()
	if n := db.asked.Load(); n > 10 { // one, but for a machine that is slow
		t.Errorf("the database was asked %d times", n)
	}
	late := together.join(t.Context(), db)
	if <-late.done; late.err != nil || late.seen != nil {
		t.Errorf("the next look tells %v, %v", late.seen, late.err)
	}
}
