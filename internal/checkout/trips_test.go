package checkout_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/shop"
)

// trips notes what is sent to the database and waited for.
type trips struct {
	mu   sync.Mutex
	sent []string
}

// What is read of the shop itself is a second old at most, and read anew whenever that is over: it is no part of the story.
func (r *trips) note(what string) {
	if strings.Contains(what, " from shop") && !strings.Contains(what, ";") {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, what)
}

// since gives what was sent and forgets it.
func (r *trips) since() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	sent := r.sent
	r.sent = nil
	return sent
}

func (r *trips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	r.note(strings.Join(strings.Fields(data.SQL), " "))
	return ctx
}

func (r *trips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *trips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	var all []string
	for _, q := range data.Batch.QueuedQueries {
		all = append(all, strings.Join(strings.Fields(q.SQL), " "))
	}
	r.note(strings.Join(all, "; "))
	return ctx
}

func (r *trips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (r *trips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TestShelvesAreLockedForFewRoundTrips: what others want to buy is kept from them for no longer than it takes to write, to
// end and to commit, so that a database that answers late still serves many who want the same.
func TestShelvesAreLockedForFewRoundTrips(t *testing.T) {
	t.Parallel()
	seen := &trips{}
	s := open(t, func(c *shop.Config) {
		config := c.Pool.Config()
		config.ConnConfig.Tracer = seen
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		c.Pool = pool
	})
	lamp := s.goods("Lamp", 2000, 50)
	for i := range 2 { // the second time everything is prepared and known
		placed := s.place(order(fmt.Sprint("k", i), line(lamp, 1)))
		placing := seen.since()
		_, err := s.Checkout.Cancel(t.Context(), access.Actor{}, checkout.OrderCancelInput{
			IdempotencyKey: fmt.Sprint("c", i), OrderID: placed.Order.ID.String(), AccessToken: &placed.AccessToken,
		})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			seen.since()
			continue
		}
		for what, c := range map[string]struct {
			sent        []string
			all, locked int
		}{"placing": {placing, 7, 3}, "cancelling": {seen.since(), 13, 3}} {
			if len(c.sent) > c.all {
				t.Errorf("%s takes %d round trips, want %d at most:\n\t%s", what, len(c.sent), c.all, strings.Join(c.sent, "\n\t"))
			}
			lock := slices.IndexFunc(c.sent, func(sql string) bool {
				return strings.Contains(sql, "stock_level") && strings.Contains(sql, "for update")
			})
			if locked := len(c.sent) - lock; lock < 0 || locked > c.locked {
				t.Errorf("%s locks shelves for %d round trips, want %d at most:\n\t%s", what, locked, c.locked, strings.Join(c.sent, "\n\t"))
			}
		}
	}
}
