// Package scenario holds the proofs that are told with figures: a scarce thing that everybody wants, a burst, a crash
// at every failpoint, a provider that is away for long. Each ends with everything at rest and compared, see
// harness.Shop.Prove.
package scenario

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/chaos/harness"
)

// Run is one run of a scenario.
type Run struct {
	Template *harness.Template
	Dir      string // of its own
	Seed     uint64
	Short    bool                             // orders that nobody pays end sooner
	Say      func(format string, args ...any) // progress, for whoever watches

	figures []string
}

// Found keeps a figure.
func (r *Run) Found(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.Say("%s", text)
	r.figures = append(r.figures, text)
}

// Figures are what was found.
func (r *Run) Figures() string { return strings.Join(r.figures, "; ") }

// open starts a shop; the second result ends it.
func (r *Run) open(ctx context.Context, o harness.Options) (*harness.Shop, func(), error) {
	if err := r.folder(); err != nil {
		return nil, nil, err
	}
	if r.Short {
		o.Setup = harness.Sooner + o.Setup
	}
	s, err := r.Template.Open(ctx, r.Dir, o)
	if err != nil {
		return nil, nil, err
	}
	return s, func() { s.Close(context.WithoutCancel(ctx)) }, nil
}

// outside starts a shop whose shoppers may pay with the provider outside, which tells its servers in turn; the last result
// but the error ends both.
func (r *Run) outside(ctx context.Context, o harness.Options) (*harness.Shop, *harness.World, func(), error) {
	if err := r.folder(); err != nil {
		return nil, nil, nil, err
	}
	w, err := harness.NewWorld(ctx, r.Dir, r.Seed, time.Second)
	if err != nil {
		return nil, nil, nil, err
	}
	o.Env = append(o.Env, w.Env()...)
	s, end, err := r.open(ctx, o)
	if err != nil {
		_ = w.Close()
		return nil, nil, nil, err
	}
	w.Tell(s)
	return s, w, func() {
		end()
		_ = w.Close()
	}, nil
}

const paidOutsideSQL = `
select count(distinct order_id) filter (where provider = 'outside'), count(distinct order_id)
from payment_attempt
where provider <> 'manual'`

// proveOutside holds all that was told against what is, also in the books of the provider outside, which most of the orders
// must have asked, and must have heard of.
func (r *Run) proveOutside(ctx context.Context, s *harness.Shop, w *harness.World, patience time.Duration, c *harness.Crowd) error {
	if err := s.Revive(ctx); err != nil {
		return err
	}
	if err := w.Told(ctx, time.Minute); err != nil {
		return err
	}
	summary, err := s.Prove(ctx, harness.Both(s.Cluster.TestBooks, w.Charges), patience, c)
	if err != nil {
		return err
	}
	charges, err := w.Charges(ctx)
	if err != nil {
		return err
	}
	var outside, all int
	if err := s.Cluster.AsOwner(ctx, func(conn *pgx.Conn) error { return conn.QueryRow(ctx, paidOutsideSQL).Scan(&outside, &all) }); err != nil {
		return err
	}
	told := w.Callbacks.Sent()
	if 2*outside < all || len(charges) == 0 || told.Delivered == 0 {
		return fmt.Errorf("%d of %d orders asked the provider outside, which has %d charges and was listened to %d times", outside, all, len(charges), told.Delivered)
	}
	r.Found("%d of %d orders asked the provider outside, which has %d charges in its books and told %d times of them", outside, all, len(charges), told.Delivered)
	r.Found("%s", summary)
	return nil
}

func (r *Run) folder() error {
	return os.MkdirAll(r.Dir, 0o755) //nolint:gosec // the database's own user must be able to enter
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
