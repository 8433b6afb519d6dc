package payment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const paymentsSQL = `
select id, order_id, amount, currency, state
from payment
where order_id = any((select $1::uuid[])::uuid[])`

const attemptsByOrderSQL = allAttemptsSQL + `where order_id = any((select $1::uuid[])::uuid[])
order by order_id, number`

// PaymentsByOrder gives the payments of orders that the caller may see. An order for which nothing is owed has none.
func PaymentsByOrder(ctx context.Context, db pg.DB, ids []id.OrderID) (map[id.OrderID][]Payment, error) {
	rows, err := db.Query(ctx, paymentsSQL, ids)
	if err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Payment, error) {
		var p Payment
		err := row.Scan(&p.ID, &p.OrderID, &p.Amount.Minor, &p.Amount.CurrencyCode, &p.stage)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read payments: %w", err)
	}
	tries, err := attempts(ctx, db, attemptsByOrderSQL, ids)
	if err != nil {
		return nil, err
	}
	refunds, err := refundsOf(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	byOrder := make(map[id.OrderID][]Payment, len(list))
	for _, p := range list {
		p.Attempts, p.Refunds = []PaymentAttempt{}, refunds[p.OrderID]
		if p.Refunds == nil {
			p.Refunds = []Refund{}
		}
		for _, a := range tries {
			if a.OrderID == p.OrderID {
				p.Attempts = append(p.Attempts, a)
			}
		}
		byOrder[p.OrderID] = append(byOrder[p.OrderID], p)
	}
	return byOrder, nil
}

const ordersOfPaymentsSQL = `
select id, order_id
from payment
where id = any($1)`

const ordersOfAttemptsSQL = `
select id, order_id
from payment_attempt
where id = any($1)`

// OrdersOfPayments tells to which orders payments belong; whether the caller may see them is decided there.
func OrdersOfPayments(ctx context.Context, db pg.DB, payments []id.PaymentID) (map[id.PaymentID]id.OrderID, error) {
	return ordersOf(ctx, db, ordersOfPaymentsSQL, payments)
}

// OrdersOfAttempts tells to which orders attempts belong; whether the caller may see them is decided there.
func OrdersOfAttempts(ctx context.Context, db pg.DB, attempts []id.PaymentAttemptID) (map[id.PaymentAttemptID]id.OrderID, error) {
	return ordersOf(ctx, db, ordersOfAttemptsSQL, attempts)
}

func ordersOf[K ~[16]byte](ctx context.Context, db pg.DB, query string, keys []K) (map[K]id.OrderID, error) {
	rows, err := db.Query(ctx, query, keys)
	if err != nil {
		return nil, fmt.Errorf("read the orders of payments: %w", err)
	}
	belongs := make(map[K]id.OrderID, len(keys))
	var key K
	var order id.OrderID
	_, err = pgx.ForEachRow(rows, []any{&key, &order}, func() error {
		belongs[key] = order
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the orders of payments: %w", err)
	}
	return belongs, nil
}
