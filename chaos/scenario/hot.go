package scenario

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
)

// Nothing of what was sold comes back: an order whose worker was killed has the time to be taken up again.
const longSQL = `update shop set payment_deadline_seconds = 3600, action_deadline_seconds = 3600`

// toldTarget is how soon a buyer shall be answered at p99. In full form the run fails beyond acceptWithin.
const toldTarget = 100 * time.Millisecond

// Hot lets buyers come for 100 units that lie in three stores, at two processes that are killed meanwhile. One of ten
// wants two, as two lines of one order. Exactly 100 must be sold, and the rest told at once. All pay at the provider
// outside, whose books say who has paid.
func Hot(ctx context.Context, r *Run, buyers, crashes int) error {
	s, w, end, err := r.outside(ctx, harness.Options{Servers: 2, Setup: longSQL})
	if err != nil {
		return err
	}
	defer end()
	random := rand.New(rand.NewPCG(r.Seed, 26))
	began := time.Now()
	c := s.Come(ctx, harness.Wishes{
		Seed: r.Seed, Provider: harness.Outside, Shoppers: min(500, buyers), Orders: buyers, Plain: true, Pairs: true,
		Only: []string{s.HotID}, Methods: [][]string{{"approve"}, {"decline", "approve"}, {"charge_then_drop"}},
	})
	done := make(chan struct{})
	go func() {
		c.Wait()
		close(done)
	}()
	killed := 0
	for ; killed < crashes; killed++ {
		pause(ctx, 300*time.Millisecond+time.Duration(random.Int64N(int64(time.Second))))
		victim := s.Servers[random.IntN(2)]
		victim.Kill()
		if err := victim.Start(ctx); err != nil {
			return err
		}
	}
	<-done
	took := time.Since(began)
	sold, err := s.Cluster.Number(ctx, `select sum(reserved) from stock_level where variant_id = (select id from product_variant where sku = 'HOT')`)
	if err != nil {
		return err
	}
	if sold != harness.Hot {
		return fmt.Errorf("%d of %d units are sold", sold, harness.Hot)
	}
	refused := 0
	for _, t := range c.Tales() {
		if t.Refused == "OUT_OF_STOCK" {
			refused++
		}
	}
	if len(c.Tales()) != buyers || c.Placed()+refused != buyers {
		return fmt.Errorf("%d of %d buyers were answered: %d bought, %d found it sold out", len(c.Tales()), buyers, c.Placed(), refused)
	}
	p99 := c.History.Took("orderPlace", began, time.Now()).At(.99)
	if p99 > acceptWithin && !r.Short {
		return fmt.Errorf("a buyer was answered after %s at p99, want at most %s", p99, acceptWithin)
	}
	r.Found("%d buyers in %s with %d crashes: %d units sold to %d, %d told that it is sold out, p99 of an answer %s",
		buyers, took.Round(time.Second), killed, sold, c.Placed(), refused, harness.Target(p99, toldTarget))
	if err := r.proveOutside(ctx, s, w, 2*time.Minute, c); err != nil {
		return err
	}
	standing, err := s.Cluster.Number(ctx, `select count(*) from orders where status <> 'CONFIRMED'`)
	if err == nil && standing > 0 {
		err = fmt.Errorf("%d of the orders are not confirmed", standing)
	}
	return err
}
