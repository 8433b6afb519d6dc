package tax

import (
	"context"
	"log/slog"
	"time"

	"github.com/wharfhq/wharf/internal/fault"
)

// ErrUnavailable says that the tax can't be known now: whoever works it out does not answer.
var ErrUnavailable = fault.New(fault.Busy, "TAX_UNAVAILABLE", "The tax can't be worked out at this moment. Try again.")

// patience is how long a shopper waits for a provider's answer.
const patience = 1500 * time.Millisecond

// patient asks another provider.
type patient struct {
	Provider
	log *slog.Logger
}

// Patient is a provider that is asked for no longer than a shopper waits, and whose every failure is ErrUnavailable, so
// that whoever asks can go on without the answer. Why there was none is logged here.
func Patient(p Provider, log *slog.Logger) Provider { return patient{p, log} }

// Calculate asks the provider. A caller who has left is told so, which is no failure of the provider's.
func (p patient) Calculate(ctx context.Context, sale Sale) (Result, error) {
	asking, end := context.WithTimeout(ctx, patience)
	defer end()
	result, err := p.Provider.Calculate(asking, sale)
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil:
		return result, ctx.Err()
	}
	p.log.WarnContext(ctx, "a tax provider did not answer", slog.String("provider", p.Name()), slog.Any("error", err))
	return result, ErrUnavailable.Because(err)
}
