package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wharfhq/wharf/internal/failpoint"
)

// reachedWithin is how long a failpoint may take to be passed. One that is not reached fails the run: it would prove
// nothing.
const reachedWithin = 3 * time.Minute

// DieAt starts a process so that it kills itself when it passes a failpoint for the n-th time, waits until it has, and
// starts a healthy one in its place.
func (s *Shop) DieAt(ctx context.Context, p *Process, point failpoint.Name, pass int) error {
	p.Kill()
	err := p.Start(ctx, fmt.Sprintf("WHARF_FAILPOINT=%s:%d", point, pass))
	if err != nil && !errors.Is(err, ErrEnded) { // it may have died before it was ready
		return err
	}
	provoking, stop := context.WithCancel(ctx)
	defer stop()
	go s.provoke(provoking, point)
	select {
	case <-p.Exited():
	case <-time.After(reachedWithin):
		return fmt.Errorf("failpoint %s was not reached within %s", point, reachedWithin)
	case <-ctx.Done():
		return ctx.Err()
	}
	return p.Start(ctx)
}
