package fulfillment

import (
	"context"
	"log/slog"
	"time"

	"github.com/wharfhq/wharf/internal/fault"
)

// ErrNoRates says that the ways of delivery can't be known now: whoever knows them does not answer.
var ErrNoRates = fault.New(fault.Busy, "DELIVERY_RATES_UNAVAILABLE", "The carriers can't be asked at this moment. Try again.")

// patience is how long a shopper waits for a provider's answer.
const patience = 1500 * time.Millisecond

// patient asks another provider.
type patient struct {
	RateProvider
	log *slog.Logger
}

// Patient is a provider that is asked for no longer than a shopper waits, and whose every failure is ErrNoRates, so that
// whoever asks can go on without the answer. Why there was none is logged here.
func Patient(p RateProvider, log *slog.Logger) RateProvider { return patient{p, log} }

// Options asks the provider. A caller who has left is told so, which is no failure of the provider's.
func (p patient) Options(ctx context.Context, c Consignment) ([]Option, error) {
	asking, end := context.WithTimeout(ctx, patience)
	defer end()
	options, err := p.RateProvider.Options(asking, c)
	switch {
	case err == nil:
		return options, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	p.log.WarnContext(ctx, "a provider of shipping rates did not answer", slog.String("provider", p.Name()), slog.Any("error", err))
	return nil, ErrNoRates.Because(err)
}
