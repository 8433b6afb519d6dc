package payment

import (
	"context"
	"fmt"
	"slices"

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
	versions := orders.QueueVersions(b, ids) // last: one that the caller knows already is that of the dossier, too
	if err := db.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read what is being done with the money of %d orders: %w", len(ids), err)
	}
	all := make(map[id.OrderID]orders.Hindered, len(found))
	for order, d := range found {
		hindered := map[orders.OrderActionName]error{}
		if _, _, err := d.takeable(); err != nil {
			hindered[orders.ActionCapture] = err
		}
		if _, err := d.releasable(); err != nil {
			hindered[orders.ActionVoid] = err
		}
		if err := d.bookable(); err != nil {
			hindered[orders.ActionMarkPaid] = err
		}
		if err := d.askable(); err != nil {
			hindered[orders.ActionRequestPayment] = err
		}
		all[order] = orders.Hindered{Version: versions[order], Actions: hindered}
	}
	return all, nil
}

// bookable says why nothing can be booked that has come in outside the shop: no invoice is open, and nothing is outstanding
// or a provider is asked for it.
func (d *dossier) bookable() error {
	switch {
	case slices.ContainsFunc(d.payment.Attempts, func(a PaymentAttempt) bool { return a.toCome() > 0 }):
		return nil
	case d.left() == 0:
		return errNoInvoice
	case !d.asksNobody():
		return errUnderWay
	}
	return nil
}
