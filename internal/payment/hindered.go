package payment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// HinderedByOrder says what can't be done with the money of orders at this moment, since something else is being done with
// it, and what that is: an order does not know what was asked for and is not done.
func HinderedByOrder(ctx context.Context, db pg.DB, ids []id.OrderID) (map[id.OrderID]orders.Hindered, error) {
	b := &pgx.Batch{}
	found := queueDossiers(b, ids)
	if err := db.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read what is being done with the money of %d orders: %w", len(ids), err)
	}
	all := make(map[id.OrderID]orders.Hindered, len(found))
	for order, d := range found {
		hindered := orders.Hindered{}
		if _, _, err := d.takeable(); err != nil {
			hindered[orders.ActionCapture] = err
		}
		if _, err := d.releasable(); err != nil {
			hindered[orders.ActionVoid] = err
		}
		all[order] = hindered
	}
	return all, nil
}
