package payment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
)

const deleteMethodsSQL = `
update payment_stored_method m
set deleted_at = clock_timestamp(), due_at = clock_timestamp()
where customer_id = $1
	and deleted_at is null
	and not exists (select from payment_attempt a where a.stored_method_id = m.id and a.order_id = any($2::uuid[]))
	and not exists (
		select
		from payment p
		where p.order_id = any($2::uuid[])
			and p.methods @> jsonb_build_array(jsonb_build_object('storedMethodId', 'gid://wharf/StoredPaymentMethod/' || m.id))
	)
returning id, customer_id, provider`

const withdrawSaveSQL = `
update payment_attempt
set saved_for = null
where saved_for = $1
	and stored_method_id is null
	and not order_id = any($2::uuid[])`

// DeleteAllStored takes every kept method away from its customer, in the transaction that forgets the customer; jobs let
// the providers forget them. Those with which orders that go on are paid, or may be, stay until they are not named any
// more. Of a payment whose outcome is not known, nothing is kept either.
func (p *Payments) DeleteAllStored(ctx context.Context, tx pgx.Tx, customer id.CustomerID, going []id.OrderID, by, cause string) error {
	going = append([]id.OrderID{}, going...)
	if _, err := tx.Exec(ctx, withdrawSaveSQL, customer, going); err != nil { // first: whoever keeps one now is waited for
		return fmt.Errorf("let nothing more be kept for a customer: %w", err)
	}
	rows, err := tx.Query(ctx, deleteMethodsSQL, customer, going)
	if err != nil {
		return fmt.Errorf("delete a customer's payment methods: %w", err)
	}
	return p.tellDeleted(ctx, tx, rows, by, cause)
}

// tellDeleted tells that methods are there for nobody any more: rows of their id, their customer and their provider.
func (p *Payments) tellDeleted(ctx context.Context, tx pgx.Tx, rows pgx.Rows, by, cause string) error {
	var entries []event.Entry
	var method id.StoredPaymentMethodID
	var customer id.CustomerID
	var provider string
	_, err := pgx.ForEachRow(rows, []any{&method, &customer, &provider}, func() error {
		of := customer
		entries = append(entries, event.Entry{
			Stream: method, After: 1, By: by, Cause: cause, Data: []event.Data{MethodDeleted{CustomerID: &of, Provider: provider}},
		})
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete a customer's payment methods: %w", err)
	}
	if len(entries) == 0 {
		return nil
	}
	_, err = p.events.AppendAll(ctx, tx, entries)
	return err
}
