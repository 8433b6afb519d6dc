package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
)

// mostMemory is what a server may need at most, whatever comes.
const mostMemory = 512 << 20

// How soon an answer shall come at p99, and all orders shall be done, counted from the first. A run says plainly where a machine
// has missed these targets; in full form it fails where p99 is beyond the last.
const (
	acceptTarget = 500 * time.Millisecond
	doneTarget   = 2 * time.Minute
	acceptWithin = 10 * time.Second
)

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
	if _, err := s.Settle(ctx, 5*time.Minute); err != nil {
		return err
	}
	memory := s.Servers[0].Memory()
	if memory > mostMemory {
		return fmt.Errorf("the server needed %d MB, want at most %d", memory>>20, mostMemory>>20)
	}
	done := time.Since(began).Round(100 * time.Millisecond)
	p99 := c.History.Took("orderPlace", began, time.Now()).At(.99)
	if p99 > acceptWithin && !r.Short {
		return fmt.Errorf("an answer came after %s at p99, want at most %s", p99, acceptWithin)
	}
	r.Found("%d orders of %d clients in %s, %.0f a second, p99 of an answer %s, %d times BUSY and sent again; all done %s after the first came; at most %d MB of memory",
		orders, clients, took.Round(100*time.Millisecond), float64(orders)/took.Seconds(), harness.Target(p99, acceptTarget),
		c.History.Count("orderPlace", harness.Again, began), harness.Target(done, doneTarget), memory>>20)
	summary, err := s.Prove(ctx, s.Cluster.TestBooks, 2*time.Minute, c)
	if err != nil {
		return err
	}
	r.Found("%s", summary)
	return nil
}
