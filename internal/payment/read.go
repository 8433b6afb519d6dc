package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

const paymentsSQL = `
select id, order_id, amount, currency, state
from payment
where order_id = any($1)`

const attemptsByOrderSQL = `
select id, order_id, number, provider, token, rank, state, challenged, abandoned, amount, currency,
	authorized, captured, refunded, voided, provider_ref, reason, challenge_url, tries, lease_until, next_try_at, started_at, finished_at
from payment_attempt
where order_id = any($1)
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
	byOrder := make(map[id.OrderID][]Payment, len(list))
	for _, p := range list {
		p.Attempts = []PaymentAttempt{}
		for _, a := range tries {
			if a.OrderID == p.OrderID {
				p.Attempts = append(p.Attempts, a)
			}
		}
		byOrder[p.OrderID] = append(byOrder[p.OrderID], p)
	}
	return byOrder, nil
}

const orderOfPaymentSQL = `
select order_id
from payment
where id = $1`

const orderOfAttemptSQL = `
select order_id
from payment_attempt
where id = $1`

// OrderOfPayment tells to which order a payment belongs; whether the caller may see it is decided there.
func OrderOfPayment(ctx context.Context, db pg.DB, payment id.PaymentID) (id.OrderID, error) {
	return orderOf(db.QueryRow(ctx, orderOfPaymentSQL, payment))
}

// OrderOfAttempt tells to which order an attempt belongs; whether the caller may see it is decided there.
func OrderOfAttempt(ctx context.Context, db pg.DB, attempt id.PaymentAttemptID) (id.OrderID, error) {
	return orderOf(db.QueryRow(ctx, orderOfAttemptSQL, attempt))
}

func orderOf(row pgx.Row) (id.OrderID, error) {
	var order id.OrderID
	err := row.Scan(&order)
	if errors.Is(err, pgx.ErrNoRows) {
		return order, orders.NotFound
	}
	if err != nil {
		return order, fmt.Errorf("read the order of a payment: %w", err)
	}
	return order, nil
}
