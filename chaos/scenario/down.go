package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
	"github.com/wharfhq/wharf/internal/payment/simulator"
)

// Down takes the payment provider away for a while, with orders coming in at a rate. No order may be refused, placing
// one may not take longer than before, and all must be paid by themselves once the provider is back.
func Down(ctx context.Context, r *Run, away time.Duration, rate int) error {
	s, w, end, err := r.outside(ctx, harness.Options{Setup: longSQL})
	if err != nil {
		return err
	}
	defer end()
	c := s.Come(ctx, harness.Wishes{
		Seed: r.Seed, Provider: harness.Outside, Shoppers: 64, Rate: rate, Plain: true, Common: true, Methods: [][]string{{"approve"}, {"pending"}},
	})
	calm := max(away/5, 10*time.Second)
	pause(ctx, 3*time.Second) // everything is warm
	began := time.Now()
	pause(ctx, calm)
	if err := w.Modes.Set(simulator.Rule{Fault: simulator.Down}); err != nil {
		return err
	}
	gone := time.Now()
	r.Say("%d orders placed; the provider goes away for %s", c.Placed(), away)
	for left := away; left > 0 && ctx.Err() == nil; left -= time.Minute {
		pause(ctx, min(left, time.Minute))
		r.Say("%s", c)
	}
	if err := w.Modes.Set(); err != nil {
		return err
	}
	back := time.Now()
	pause(ctx, calm)
	c.Leave()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	before, during, after := c.History.Took("orderPlace", began, gone), c.History.Took("orderPlace", gone, back), c.History.Took("orderPlace", back, time.Now())
	for _, outcome := range []harness.Outcome{harness.Failed, harness.Again, harness.Unknown} {
		if n := c.History.Count("orderPlace", outcome, began); n > 0 {
			return fmt.Errorf("%d requests to place an order were not served: %s", n, outcome)
		}
	}
	r.Found("provider away for %s at %d orders a second: %d orders placed meanwhile, none refused for it; p95 of orderPlace %s before, %s meanwhile, %s after",
		away, rate, len(during), before.At(.95), during.At(.95), after.At(.95))
	if most := 2*before.At(.95) + 50*time.Millisecond; during.At(.95) > most {
		return fmt.Errorf("p95 of orderPlace was %s without the provider and %s with it", during.At(.95), before.At(.95))
	}
	rest, err := s.Settle(ctx, max(2*away, 3*time.Minute))
	if err != nil {
		return err
	}
	const unpaidSQL = `select count(*) from orders where status <> 'CONFIRMED'`
	switch unpaid, err := s.Cluster.Number(ctx, unpaidSQL); {
	case err != nil:
		return err
	case unpaid > 0:
		return fmt.Errorf("%d orders were not paid when the provider was back", unpaid)
	}
	r.Found("all paid by themselves within %s of its return", time.Since(back).Round(time.Second))
	summary, err := s.Prove(ctx, w.Charges, 3*time.Minute, c)
	if err != nil {
		return err
	}
	r.Found("%s; at rest after %s", summary, rest)
	return nil
}
