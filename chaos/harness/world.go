package harness

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/wharfhq/wharf/internal/payment/simulator"
	"github.com/wharfhq/wharf/internal/remote"
)

// The provider outside, as the shop knows it.
const (
	Outside       = "outside"
	outsideFace   = "remote"
	outsideSecret = "whsec_Y2hhb3MtaXMtYS1yZWhlYXJzYWwtb2YtZmF1bHRz"
)

// World is the payment provider outside the shop: the simulator, with its own books on disk, in the process of the
// proof and so in another one than any of the shop's.
type World struct {
	*simulator.World
	url string
}

// NewWorld starts the provider. What is pending settles after a while.
func NewWorld(ctx context.Context, dir string, seed uint64, settle time.Duration) (*World, error) {
	secrets, err := remote.ParseSecrets(outsideSecret)
	if err != nil {
		return nil, err
	}
	w, err := simulator.New(simulator.Options{
		Ledger: filepath.Join(dir, "provider.jsonl"), Seed: seed, Settle: settle,
		Faces: []simulator.Face{simulator.Remote{Secrets: secrets, Account: "rehearsal"}},
	})
	if err != nil {
		return nil, err
	}
	url, err := w.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		_ = w.Close()
		return nil, err
	}
	return &World{w, url + "/" + outsideFace + "/"}, nil
}

// Env lets a process take the provider.
func (w *World) Env() []string {
	return []string{
		"WHARF_PAYMENT_REMOTE_URL=" + w.url, "WHARF_PAYMENT_REMOTE_SECRET=" + outsideSecret,
		"WHARF_PAYMENT_REMOTE_NAME=" + Outside, "WHARF_PAYMENT_REMOTE_ACCOUNT=rehearsal",
	}
}

// Tell sends the provider's callbacks to a shop's servers in turn.
func (w *World) Tell(s *Shop) {
	s.outside = w
	var urls []string
	for _, p := range s.Servers {
		urls = append(urls, fmt.Sprintf("http://%s/callbacks/payments/%s", p.Addr, Outside))
	}
	w.Callbacks.Send(outsideFace, urls...)
}

// Told returns when all that the provider had to tell is taken. What it has given up was not.
func (w *World) Told(ctx context.Context, patience time.Duration) error {
	for began := time.Now(); ; pause(ctx, 100*time.Millisecond) {
		switch sent := w.Callbacks.Sent(); {
		case sent.GivenUp > 0:
			return fmt.Errorf("%d callbacks were given up, of %d that were taken", sent.GivenUp, sent.Delivered)
		case sent.Waiting == 0:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Since(began) > patience:
			return fmt.Errorf("after %s %d callbacks are not taken", patience, sent.Waiting)
		}
	}
}

// Charges are what the provider has in its books.
func (w *World) Charges(context.Context) ([]Charge, error) {
	known, err := w.Books.Changed(time.Time{}, 0, 1<<31-1)
	if err != nil {
		return nil, err
	}
	list := make([]Charge, len(known))
	for i, c := range known {
		list[i] = Charge{
			Key: c.Key(), Order: c.Asked.Reference, Authorized: c.Authorized, Captured: c.Captured, Refunded: c.Refunded, Voided: c.Voided,
		}
		if c.Authorized > 0 {
			list[i].Authorizations = int(c.Authorized / c.Asked.Amount.Minor) // a charge beyond what was asked for shows as two
		}
	}
	return list, nil
}

// Both are the books of two providers as one.
func Both(one, other Books) Books {
	return func(ctx context.Context) ([]Charge, error) {
		list, err := one(ctx)
		if err != nil {
			return nil, err
		}
		more, err := other(ctx)
		return append(list, more...), err
	}
}
