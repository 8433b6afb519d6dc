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

func (r *Run) folder() error {
	return os.MkdirAll(r.Dir, 0o755) //nolint:gosec // the database's own user must be able to enter
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
