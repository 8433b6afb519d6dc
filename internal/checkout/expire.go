package checkout

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

const timeSQL = `select clock_timestamp()`

// databaseTime is the only clock by which deadlines are set and judged: servers' clocks differ.
func databaseTime(ctx context.Context, db pg.DB) (time.Time, error) {
	var now time.Time
	if err := db.QueryRow(ctx, timeSQL).Scan(&now); err != nil {
		return time.Time{}, fmt.Errorf("read the database's time: %w", err)
	}
	return now.UTC(), nil
}

// early is how much before the deadline a job may come because its server's clock goes ahead of the database's. It is
// sent back for the rest; a job that is earlier than that belongs to a deadline that was moved, and the new one has a
// job of its own.
const early = time.Minute

// Expire ends an order that was not paid by its deadline. Its stock, its place in a store's hour and what a provider
// may still hold are released in the same transaction, in which done ends the job. An order that was paid, that has
// ended, or that was given a later deadline is left alone; then the queue ends the job by itself.
func (c *Checkout) Expire(ctx context.Context, order id.OrderID, cause string, done payment.Done) error {
	// Most orders are paid long before: for them a look without a lock is enough, many orders at once, and the queue ends
	// the job by itself. One that comes to await its payment again is given a new deadline, which has a job of its own.
	seen, err := c.statuses.of(ctx, []id.OrderID{order})
	if err != nil {
		return err
	}
	status, there := seen[order]
	if !there {
		return orders.NotFound
	}
	if !status.AwaitsPayment() {
		return nil
	}
	expired := false
	err = pg.InTx(ctx, c.Pool, func(tx pgx.Tx) error {
		expired = false
		o, err := c.Orders.Lock(ctx, tx, order)
		if err != nil {
			return err
		}
		if !o.Status.AwaitsPayment() || o.Deadline == nil {
			return done.End(ctx, tx)
		}
		now, err := databaseTime(ctx, tx)
		if err != nil {
			return err
		}
		if left := o.Deadline.Sub(now); left > 0 {
			if left < early {
				return &payment.Later{In: left}
			}
			return done.End(ctx, tx)
		}
		if err := c.end(ctx, tx, &o, "system", cause, orders.Expired{}); err != nil {
			return err
		}
		failpoint.Hit(failpoint.ExpireBeforeDone)
		if err := done.End(ctx, tx); err != nil {
			return err
		}
		expired = true
		failpoint.Hit(failpoint.ExpireBeforeCommit)
		return nil
	})
	if err == nil && expired {
		failpoint.Hit(failpoint.ExpireAfterCommit)
	}
	return err
}
