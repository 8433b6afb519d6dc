package harness

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Charge is one charge in a provider's own books.
type Charge struct {
	Key, Order                              string // the key of its authorization; the order's uuid
	Authorized, Captured, Refunded, Voided  int64
	Authorizations, Captures, Refunds, Void int // how many entries of each kind
}

// Books read what a provider has booked.
type Books func(ctx context.Context) ([]Charge, error)

// The test provider keeps its books in the shop's database, in a table that the shop itself never reads.
const testBooksSQL = `
select charge_key::text, min(reference),
	coalesce(sum(amount) filter (where kind = 'AUTHORIZE'), 0)::bigint,
	coalesce(sum(amount) filter (where kind = 'CAPTURE'), 0)::bigint,
	coalesce(sum(amount) filter (where kind = 'REFUND'), 0)::bigint,
	coalesce(sum(amount) filter (where kind = 'VOID'), 0)::bigint,
	count(*) filter (where kind = 'AUTHORIZE')::int, count(*) filter (where kind = 'CAPTURE')::int,
	count(*) filter (where kind = 'REFUND')::int, count(*) filter (where kind = 'VOID')::int
from test_provider_entry
group by charge_key`

// TestBooks are those of the test provider.
func (c *Cluster) TestBooks(ctx context.Context) (list []Charge, err error) {
	err = c.AsOwner(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, testBooksSQL)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Charge])
		return err
	})
	return list, err
}
