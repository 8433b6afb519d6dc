package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
)

// mostMemory is what a server may need at most, whatever comes.
const mostMemory = 512 << 20

// Who can pay has the time to; who can't is asked for another method, and does not come back.
const paidSQL = `update shop set payment_deadline_seconds = 3600`

// Burst lets clients place orders as fast as they can. The queue for commits is short, so that some are told to come
// again. All must be answered, and all that was accepted must come to rest.
func Burst(ctx context.Context, r *Run, orders, clients int) error {
	s, end, err := r.open(ctx, harness.Options{Setup: paidSQL, Env: []string{"WHARF_ORDER_QUEUE=96"}})
	if err != nil {
		return err
	}
	defer end()
	began := time.Now()
	c := s.Come(ctx, harness.Wishes{
		Seed: r.Seed, Shoppers: clients, Orders: orders, Plain: true, Only: []string{s.Variants[0]},
		Methods: [][]string{{"approve"}, {"approve"}, {"decline", "approve"}, {"decline"}},
	})
	c.Wait()
	took := time.Since(began)
	if err := c.Fault(); err != nil {
		return err
	}
	if c.Placed() != orders {
		return fmt.Errorf("%d of %d orders were placed", c.Placed(), orders)
	}
	rest, err := s.Settle(ctx, 5*time.Minute)
	if err != nil {
		return err
	}
	memory := s.Servers[0].Memory()
	if memory > mostMemory {
		return fmt.Errorf("the server needed %d MB, want at most %d", memory>>20, mostMemory>>20)
	}
	times := c.History.Took("orderPlace", began, time.Now())
	r.Found("%d orders of %d clients in %s, %.0f a second, p99 of an answer %s, %d times BUSY and sent again; all at rest %s later; at most %d MB of memory",
		orders, clients, took.Round(100*time.Millisecond), float64(orders)/took.Seconds(), times.At(.99),
		c.History.Count("orderPlace", harness.Again, began), rest, memory>>20)
	summary, err := s.Prove(ctx, s.Cluster.TestBooks, 2*time.Minute, c)
	if err != nil {
		return err
	}
	r.Found("%s", summary)
	return nil
}
