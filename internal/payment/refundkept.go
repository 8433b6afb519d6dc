package payment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const keepRefundSQL = `
insert into payment_refund (id, order_id, amount, currency, shipping, gift_card, reason, requested_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)`

const keepRefundLineSQL = `
insert into payment_refund_line (refund_id, line_id, quantity, amount)
values ($1, $2, $3, $4)`

func keepRefund(ctx context.Context, tx pgx.Tx, r Refund) error {
	b := &pgx.Batch{}
	b.Queue(keepRefundSQL, r.ID, r.OrderID, r.Amount.Minor, r.Amount.CurrencyCode, r.ShippingAmount.Minor, r.GiftCardAmount.Minor, r.Reason, r.RequestedBy)
	for _, l := range r.Lines {
		b.Queue(keepRefundLineSQL, r.ID, l.LineItemID, l.Quantity, l.Amount.Minor)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("keep the refund of %s: %w", r.OrderID, err)
	}
	return nil
}

const refundsSQL = `
select r.id, r.order_id, r.amount, r.currency, r.shipping, r.gift_card, r.reason, r.requested_by, r.created_at,
	case
		when bool_or(o.state = 'FAILED') then 'FAILED'
		when bool_or(o.state = 'OPEN') then 'PENDING'
		else 'SUCCEEDED'
	end,
	coalesce(sum(o.amount) filter (where o.state = 'FAILED'), 0)::bigint
from payment_refund r
left join payment_operation o on o.refund_id = r.id
where r.order_id = any((select $1::uuid[])::uuid[])
group by r.id
order by r.order_id, r.created_at, r.id`

const refundLinesSQL = `
select l.refund_id, l.line_id, l.quantity, l.amount
from payment_refund_line l
join payment_refund r on r.id = l.refund_id
where r.order_id = any((select $1::uuid[])::uuid[])
order by l.refund_id, l.line_id`

// refundsOf lists what was asked to be given back for each order, oldest first.
func refundsOf(ctx context.Context, db pg.DB, ids []id.OrderID) (map[id.OrderID][]Refund, error) {
	rows, err := db.Query(ctx, refundsSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("read refunds: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Refund, error) {
		r := Refund{Lines: []RefundLine{}}
		err := row.Scan(&r.ID, &r.OrderID, &r.Amount.Minor, &r.Amount.CurrencyCode, &r.ShippingAmount.Minor, &r.GiftCardAmount.Minor, &r.Reason,
			&r.RequestedBy, &r.CreatedAt, &r.State, &r.failed)
		r.ShippingAmount.CurrencyCode, r.GiftCardAmount.CurrencyCode = r.Amount.CurrencyCode, r.Amount.CurrencyCode
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read refunds: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	at := make(map[id.RefundID]*Refund, len(list))
	for i := range list {
		at[list[i].ID] = &list[i]
	}
	var refund id.RefundID
	var l RefundLine
	rows, err = db.Query(ctx, refundLinesSQL, ids)
	if err == nil {
		_, err = pgx.ForEachRow(rows, []any{&refund, &l.LineItemID, &l.Quantity, &l.Amount.Minor}, func() error {
			if r := at[refund]; r != nil { // else it was asked for between the two reads
				l.Amount.CurrencyCode = r.Amount.CurrencyCode
				r.Lines = append(r.Lines, l)
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read the lines of refunds: %w", err)
	}
	byOrder := make(map[id.OrderID][]Refund)
	for _, r := range list {
		byOrder[r.OrderID] = append(byOrder[r.OrderID], r)
	}
	return byOrder, nil
}
