package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

const startSQL = `
insert into payment (id, order_id, amount, currency, methods, state, deadline, due_at, expiry_due_at)
select id, order_id, amount, currency, methods::jsonb, 'OPEN', deadline, now(), deadline
from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[])
	p(id, order_id, amount, currency, methods, deadline)`

// Start opens the payment of an order that was just placed, in the same transaction. Nobody is asked for money yet.
func (p *Payments) Start(ctx context.Context, tx pgx.Tx, order orders.Order, methods []Method) error {
	b := &pgx.Batch{}
	if err := p.QueueStarts(b, []orders.Order{order}, [][]Method{methods}); err != nil {
		return err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("open the payment of %s: %w", order.ID, err)
	}
	return nil
}

// QueueStarts opens the payments of many orders as the batch is sent. An order for which nothing is owed gets none.
func (p *Payments) QueueStarts(b *pgx.Batch, placed []orders.Order, methods [][]Method) error {
	var (
		ids        []id.PaymentID
		owners     []id.OrderID
		amounts    []int64
		currencies []string
		texts      []string
		deadlines  []time.Time
	)
	for i, o := range placed {
		owed := o.Owed()
		if owed.Minor == 0 {
			continue
		}
		if o.Deadline == nil || len(methods[i]) == 0 {
			return fmt.Errorf("order %s needs a deadline and a payment method", o.ID)
		}
		text, err := json.Marshal(methods[i])
		if err != nil {
			return fmt.Errorf("write the payment methods of %s: %w", o.ID, err)
		}
		ids, owners, texts = append(ids, id.NewPaymentID()), append(owners, o.ID), append(texts, string(text))
		amounts, currencies = append(amounts, owed.Minor), append(currencies, string(owed.CurrencyCode))
		deadlines = append(deadlines, *o.Deadline)
	}
	if len(ids) > 0 {
		b.Queue(startSQL, ids, owners, amounts, currencies, texts, deadlines)
	}
	return nil
}
