package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

const storedMethodsSQL = `
select a.customer_id, m.id, m.provider, m.label, m.created_at
from unnest($1::uuid[]) a(customer_id)
cross join lateral (
	select id, provider, label, created_at
	from payment_stored_method
	where customer_id = a.customer_id
		and deleted_at is null
		and ($2::uuid is null or id > $2)
	order by id
	limit $3
) m
order by m.id`

const storedMethodsDownSQL = `
select a.customer_id, m.id, m.provider, m.label, m.created_at
from unnest($1::uuid[]) a(customer_id)
cross join lateral (
	select id, provider, label, created_at
	from payment_stored_method
	where customer_id = a.customer_id
		and deleted_at is null
		and ($2::uuid is null or id < $2)
	order by id desc
	limit $3
) m
order by m.id desc`

// StoredPaymentMethods lists what is kept for a customer, oldest first. Who may see the customer is decided before.
func (p *Payments) StoredPaymentMethods(ctx context.Context, customer id.CustomerID, page pg.Page) (StoredPaymentMethodConnection, error) {
	pages, err := p.StoredPaymentMethodsByCustomers(ctx, []id.CustomerID{customer}, page)
	return pages[customer], err
}

// StoredPaymentMethodsByCustomers lists what is kept for each of several customers, read together: the same page of each.
func (p *Payments) StoredPaymentMethodsByCustomers(ctx context.Context, customers []id.CustomerID, page pg.Page) (map[id.CustomerID]StoredPaymentMethodConnection, error) {
	w, err := page.Window(1)
	if err != nil {
		return nil, err
	}
	after, err := pg.At(w, 0, uuid.Parse)
	if err != nil {
		return nil, err
	}
	sql := storedMethodsSQL
	if w.Descending {
		sql = storedMethodsDownSQL
	}
	rows, err := p.pool.Query(ctx, sql, customers, after, w.Fetch())
	if err != nil {
		return nil, fmt.Errorf("list stored payment methods: %w", err)
	}
	kept := make(map[id.CustomerID][]StoredPaymentMethod, len(customers))
	var of id.CustomerID
	var m StoredPaymentMethod
	_, err = pgx.ForEachRow(rows, []any{&of, &m.ID, &m.Provider, &m.Label, &m.CreatedAt}, func() error {
		kept[of] = append(kept[of], m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list stored payment methods: %w", err)
	}
	pages := make(map[id.CustomerID]StoredPaymentMethodConnection, len(customers))
	for _, customer := range customers {
		pages[customer] = pg.Build(w, kept[customer], func(m StoredPaymentMethod) []string { return []string{uuid.UUID(m.ID).String()} })
	}
	return pages, nil
}

// StoredPaymentMethodDeleteInput names a kept method.
type StoredPaymentMethodDeleteInput struct {
	ID string
}

var errNoMethod = fault.New(fault.NotFound, "NOT_FOUND", "There is no such stored payment method.").At("input", "id")

const deleteMethodSQL = `
update payment_stored_method
set deleted_at = clock_timestamp(), due_at = clock_timestamp()
where id = $1
	and ($2::uuid is null or customer_id = $2)
	and deleted_at is null
returning customer_id, provider`

// DeleteStored takes a kept method away from its customer at once; a job lets the provider forget it. Customers delete
// their own, staff with customers:write anybody's; what is another's looks as if it were not there.
func (p *Payments) DeleteStored(ctx context.Context, actor access.Actor, in StoredPaymentMethodDeleteInput) (id.StoredPaymentMethodID, error) {
	method, err := id.ParseStoredPaymentMethodID(in.ID)
	if err != nil {
		return method, errNoMethod
	}
	var owner *id.CustomerID
	if !actor.Can("customers:write") {
		own, signedIn := actor.CustomerID()
		if !signedIn {
			return method, errNoMethod
		}
		owner = &own
	}
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		var deleted MethodDeleted
		err := tx.QueryRow(ctx, deleteMethodSQL, method, owner).Scan(&deleted.CustomerID, &deleted.Provider)
		if errors.Is(err, pgx.ErrNoRows) {
			return errNoMethod
		}
		if err != nil {
			return fmt.Errorf("delete %s: %w", method, err)
		}
		_, err = p.events.Append(ctx, tx, method, 1, actor.By(), "storedPaymentMethodDelete", deleted)
		failpoint.Hit(failpoint.DeleteMethodBeforeCommit)
		return err
	})
	if err == nil {
		failpoint.Hit(failpoint.DeleteMethodAfterCommit)
	}
	return method, err
}
