package testprovider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/payment"
)

// A method that is kept is a token under a name of its own, for one customer.
const (
	storedPrefix = "stored_"
	label        = "Test card ending in 4242"
)

const keepSQL = `
insert into test_provider_method (ref, owner, token)
values ($1, $2, $3)
on conflict (ref) do nothing`

// keep keeps the method of an authorization for its customer, when it was asked to and the answer is yes, or will be once
// the shopper has acted: until then nobody is told of it.
func (p *Provider) keep(ctx context.Context, tx pgx.Tx, verdict *entry, a payment.Authorization) error {
	if !a.Save || a.Customer == "" || (verdict.Kind != entryAuthorize && verdict.Kind != entryChallenge) {
		return nil
	}
	ref := storedPrefix + uuid.NewSHA1(uuid.MustParse(a.Key), []byte(a.Customer)).String()
	verdict.Saved = &ref
	if _, err := tx.Exec(ctx, keepSQL, ref, a.Customer, a.Token); err != nil {
		return fmt.Errorf("keep a method: %w", err)
	}
	return nil
}

const dropSQL = `
update test_provider_method
set forgotten_at = now()
where forgotten_at is null
	and ref in (select saved from test_provider_entry where charge_key = $1)`

// drop keeps the method of a charge no longer that has come to nothing: of a challenge that its shopper refuses, or that is
// withdrawn.
func drop(ctx context.Context, tx pgx.Tx, key string) error {
	if _, err := tx.Exec(ctx, dropSQL, key); err != nil {
		return fmt.Errorf("drop a method: %w", err)
	}
	return nil
}

const openStoredSQL = `
select token
from test_provider_method
where ref = $1
	and owner = $2
	and forgotten_at is null`

// opened puts the token that is meant in the place of a kept method. One that was forgotten, or is another customer's,
// is no token.
func (p *Provider) opened(ctx context.Context, a payment.Authorization) (payment.Authorization, error) {
	if !strings.HasPrefix(a.Token, storedPrefix) {
		return a, nil
	}
	err := p.pool.QueryRow(ctx, openStoredSQL, a.Token, a.Customer).Scan(&a.Token)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, nil
	}
	if err != nil {
		return a, fmt.Errorf("test provider: open a method: %w", err)
	}
	return a, nil
}

const forgetSQL = `
update test_provider_method
set forgotten_at = now()
where ref = $1
	and forgotten_at is null`

// Forget makes a kept method useless.
func (p *Provider) Forget(ctx context.Context, ref string) error {
	if _, err := p.pool.Exec(ctx, forgetSQL, ref); err != nil {
		return fmt.Errorf("test provider: forget a method: %w", err)
	}
	return nil
}
