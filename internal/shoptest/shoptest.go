// Package shoptest gives a test a whole shop: built by the same shop.New as in production, on a database of its own,
// with the test payment provider made quick and no mail server.
package shoptest

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fulfillment/flatrate"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/notifications/console"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/payment/manual"
	"github.com/wharfhq/wharf/internal/payment/testprovider"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/shop"
)

// Shop is a shop under test.
type Shop struct {
	*shop.Shop
	orders atomic.Int64 // that Order has made
}

// quick is how long providers are waited for in tests: every step as in production, in a fraction of the time.
var quick = payment.Pace{
	Call: 1500 * time.Millisecond, Lookup: 700 * time.Millisecond, Lease: 3 * time.Second, Retry: 20 * time.Millisecond,
	MaxRetry: 200 * time.Millisecond, Patience: 300 * time.Millisecond, Poll: 200 * time.Millisecond,
}

// New builds a shop on a fresh database. Each change may alter its configuration before it is built.
func New(t testing.TB, changes ...func(*shop.Config)) *Shop {
	t.Helper()
	pool := pgtest.New(t)
	log := slog.New(slog.DiscardHandler)
	cfg := shop.Config{
		Pool:   pool,
		Logger: log,
		Pace:   quick,
		Sender: console.New(log, nil),
		Rates:  flatrate.New(pool),
		Providers: []payment.Provider{
			testprovider.New(pool, testprovider.Options{
				Slow: 300 * time.Millisecond, Settle: 100 * time.Millisecond, Expire: 2 * time.Second, Secret: []byte("a secret of the tests"),
			}),
			manual.New(),
		},
		PasswordCost: access.HashCost{Memory: 64, Time: 1, Threads: 1},
	}
	for _, change := range changes {
		change(&cfg)
	}
	s, err := shop.New(t.Context(), cfg)
	if err != nil {
		t.Fatalf("build the shop: %v", err)
	}
	s.Payments.Connect(payment.Hooks{ // until Run connects the jobs
		Requested: func(context.Context, pgx.Tx, id.OrderID) error { return nil },
		Notified:  func(context.Context, pgx.Tx, id.OrderID, id.PaymentCallbackID) error { return nil },
	})
	return &Shop{Shop: s}
}
