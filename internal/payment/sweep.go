package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

// Overdue is what nobody has taken up in time: its worker has died, or its job was lost.
type Overdue struct {
	Authorize []id.OrderID // the next step towards the money
	Operate   []id.OrderID // money to take, give back or release
	Expire    []id.OrderID // the deadline has passed

	Forget []id.StoredPaymentMethodID // deleted methods that their providers still keep
}

// slack is how long a step may be overdue before the sweep takes it up: jobs that are only slow are left alone.
const slack = 5 * time.Second

// Several processes sweep at once: what one has taken is put off, so that the others leave it alone. What is due is
// asked with now(), which stands still within a statement, so that the index gives only that.
const overduePaymentsSQL = `
update payment
set due_at = clock_timestamp() + $2::interval
where id in (
	select id
	from payment
	where due_at < now() - $1::interval
	order by due_at
	limit $3
	for update skip locked
)
returning order_id`

const overdueOperationsSQL = `
update payment_operation
set due_at = clock_timestamp() + $2::interval
where id in (
	select id
	from payment_operation
	where due_at < now() - $1::interval
	order by due_at
	limit $3
	for update skip locked
)
returning order_id`

const overdueExpirySQL = `
update payment
set expiry_due_at = clock_timestamp() + $2::interval
where id in (
	select id
	from payment
	where expiry_due_at < now() - $1::interval
	order by expiry_due_at
	limit $3
	for update skip locked
)
returning order_id`

const overdueForgetSQL = `
update payment_stored_method
set due_at = clock_timestamp() + $2::interval
where id in (
	select id
	from payment_stored_method
	where due_at < now() - $1::interval
	order by due_at
	limit $3
	for update skip locked
)
returning id`

// TakeOverdue takes up at most limit overdue steps of each kind. The caller makes jobs of them in the same
// transaction. A step whose lease still runs is not overdue.
func (p *Payments) TakeOverdue(ctx context.Context, tx pgx.Tx, limit int) (Overdue, error) {
	var o Overdue
	for _, take := range []struct {
		sql  string
		into *[]id.OrderID
	}{
		{overduePaymentsSQL, &o.Authorize}, {overdueOperationsSQL, &o.Operate}, {overdueExpirySQL, &o.Expire},
	} {
		rows, err := tx.Query(ctx, take.sql, slack, p.pace.Lease, limit)
		if err != nil {
			return Overdue{}, fmt.Errorf("take up overdue payments: %w", err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[id.OrderID])
		if err != nil {
			return Overdue{}, fmt.Errorf("take up overdue payments: %w", err)
		}
		*take.into = list
	}
	rows, err := tx.Query(ctx, overdueForgetSQL, slack, p.pace.Lease, limit)
	if err == nil {
		o.Forget, err = pgx.CollectRows(rows, pgx.RowTo[id.StoredPaymentMethodID])
	}
	if err != nil {
		return Overdue{}, fmt.Errorf("take up deleted payment methods: %w", err)
	}
	return o, nil
}
