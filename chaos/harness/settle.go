package harness

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// What still moves: orders that await their payment, what providers are asked for (money, and methods that they shall forget),
// callbacks that were not followed, and
// jobs, except those that wait for a deadline of an order that does not await its payment any more.
const restlessSQL = `
select (select count(*) from orders where status in ('PENDING_PAYMENT', 'ACTION_REQUIRED')),
	(select count(*) from payment_operation where state = 'OPEN')
		+ (select count(*) from payment_stored_method where due_at is not null),
	(select count(*) from payment_callback where state = 'RECEIVED'),
	(select count(*) from river.river_job where (queue <> 'maintenance' or kind = 'reconcile_payments')
		and (state in ('available', 'running', 'pending', 'retryable') or (state = 'scheduled' and kind <> 'expire_order')))`

// Settle waits until nothing moves any more: every order has come to rest by itself. It says how long that took. Asking
// costs what the shop could do meanwhile, so it waits ten times as long as an answer took before it asks again.
func (s *Shop) Settle(ctx context.Context, patience time.Duration) (time.Duration, error) {
	began := time.Now()
	for {
		var orders, operations, callbacks, jobs int
		asked := time.Now()
		err := s.Cluster.AsOwner(ctx, func(conn *pgx.Conn) error {
			return conn.QueryRow(ctx, restlessSQL).Scan(&orders, &operations, &callbacks, &jobs)
		})
		if err == nil && orders+operations+callbacks+jobs == 0 {
			return time.Since(began).Round(100 * time.Millisecond), nil
		}
		if time.Since(began) > patience {
			return 0, errors.Join(err, fmt.Errorf("after %s there is no rest: %d orders await payment, %d things that providers are asked for, %d callbacks, %d jobs",
				patience, orders, operations, callbacks, jobs))
		}
		pause(ctx, max(100*time.Millisecond, 10*time.Since(asked)))
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
}

const readers = 8

// recall asks for every acknowledged order over the API, as its shopper would.
func (c *Crowd) recall(ctx context.Context) error {
	tales := make(chan *Tale)
	var wrong []error
	var mu sync.Mutex
	var group sync.WaitGroup
	for range readers {
		group.Go(func() {
			for t := range tales {
				if err := c.recallOne(ctx, t); err != nil {
					mu.Lock()
					wrong = append(wrong, err)
					mu.Unlock()
				}
			}
		})
	}
	for _, t := range c.Tales() {
		if t.ID != "" {
			tales <- t
		}
	}
	close(tales)
	group.Wait()
	return errors.Join(wrong...)
}

func (c *Crowd) recallOne(ctx context.Context, t *Tale) error {
	var answer struct {
		Order *struct{ Status string }
	}
	err := c.shop.Servers[0].Ask(ctx, "", `query ($id: ID!, $token: String) { order(id: $id, accessToken: $token) { status } }`,
		map[string]any{"id": t.ID, "token": t.Token}, &answer)
	switch {
	case err != nil:
		return fmt.Errorf("read order %s: %w", t.ID, err)
	case answer.Order == nil:
		return fmt.Errorf("the acknowledged order %s is gone", t.ID)
	}
	return nil
}
