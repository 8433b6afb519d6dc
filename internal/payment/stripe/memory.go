package stripe

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// note is what the shop remembers of a key. There is no row before the key was used or closed.
type note struct {
	intent   string // Stripe's name of it; empty until it is made
	customer string // Stripe's customer for whom it is made, so that making it again is the same call
	closed   bool   // whether nothing may be confirmed under the key any more
}

const beginSQL = `
insert into stripe_intent (key, payer)
values ($1, $2)
on conflict (key) do update
set key = excluded.key
returning coalesce(intent, ''), payer, closed_at is not null`

// begin notes that a key is used, before Stripe hears of it, and says what is known of it.
func (p *Provider) begin(ctx context.Context, key, customer string) (note, error) {
	return p.noted(ctx, "note the key", beginSQL, key, customer)
}

const rememberSQL = `
update stripe_intent
set intent = coalesce(intent, $2)
where key = $1
returning coalesce(intent, ''), payer, closed_at is not null`

// remember keeps the name of a key's intent before it is confirmed. Whoever comes first names it.
func (p *Provider) remember(ctx context.Context, key, intent string) (note, error) {
	return p.noted(ctx, "remember the intent", rememberSQL, key, intent)
}

const closeSQL = `
insert into stripe_intent (key, payer, closed_at)
values ($1, '', clock_timestamp())
on conflict (key) do update
set closed_at = coalesce(stripe_intent.closed_at, excluded.closed_at)
returning coalesce(intent, ''), payer, closed_at is not null`

// closeKey marks a key so that nothing is confirmed under it from now on. An intent that is confirmed at this moment
// was remembered before, and is named in the answer.
func (p *Provider) closeKey(ctx context.Context, key string) (note, error) {
	return p.noted(ctx, "close the key", closeSQL, key)
}

const foundSQL = `
insert into stripe_intent (key, payer, intent)
values ($1, '', $2)
on conflict (key) do update
set intent = coalesce(stripe_intent.intent, excluded.intent)
returning coalesce(intent, ''), payer, closed_at is not null`

// found keeps an intent that Stripe knows under a key and the database did not.
func (p *Provider) found(ctx context.Context, key, intent string) (note, error) {
	return p.noted(ctx, "remember a found intent", foundSQL, key, intent)
}

const noteSQL = `
select coalesce(intent, ''), payer, closed_at is not null
from stripe_intent
where key = $1`

// note is what is remembered of a key; nothing, when nothing is.
func (p *Provider) note(ctx context.Context, key string) (note, error) {
	n, err := p.noted(ctx, "read the key", noteSQL, key)
	if errors.Is(err, pgx.ErrNoRows) {
		return note{}, nil
	}
	return n, err
}

func (p *Provider) noted(ctx context.Context, doing, sql string, args ...any) (note, error) {
	var n note
	if err := p.pool.QueryRow(ctx, sql, args...).Scan(&n.intent, &n.customer, &n.closed); err != nil {
		return note{}, fmt.Errorf("stripe: %s: %w", doing, err)
	}
	return n, nil
}

const keyOfSQL = `
select key
from stripe_intent
where intent = $1`

// keyOf is the key of an intent; empty when it is not the shop's.
func (p *Provider) keyOf(ctx context.Context, intent string) (string, error) {
	var key string
	err := p.pool.QueryRow(ctx, keyOfSQL, intent).Scan(&key)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("stripe: find the key of an intent: %w", err)
	}
	return key, nil
}

const customerSQL = `
select name
from stripe_customer
where shopper = $1`

const keepCustomerSQL = `
insert into stripe_customer (shopper, name)
values ($1, $2)
on conflict (shopper) do update
set shopper = excluded.shopper
returning name`

// customerName is Stripe's name of a customer; empty when Stripe does not know them.
func (p *Provider) customerName(ctx context.Context, customer string) (string, error) {
	var name string
	err := p.pool.QueryRow(ctx, customerSQL, customer).Scan(&name)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("stripe: read the customer: %w", err)
	}
	return name, nil
}

// keepCustomer keeps Stripe's name of a customer. Whoever comes first names them.
func (p *Provider) keepCustomer(ctx context.Context, customer, name string) (string, error) {
	if err := p.pool.QueryRow(ctx, keepCustomerSQL, customer, name).Scan(&name); err != nil {
		return "", fmt.Errorf("stripe: keep the customer: %w", err)
	}
	return name, nil
}
