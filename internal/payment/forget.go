package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// A method that somebody has let the provider keep again since, with another order, has the same reference: it stays.
const takeForgottenSQL = `
update payment_stored_method m
set tries = tries + 1, lease_until = clock_timestamp() + $2::interval, due_at = clock_timestamp() + $2::interval
where id = $1
	and due_at is not null
	and (lease_until is null or lease_until < clock_timestamp())
returning provider, ref, tries, exists (
	select
	from payment_stored_method again
	where again.provider = m.provider
		and again.ref = m.ref
		and again.deleted_at is null)`

const forgottenSQL = `
update payment_stored_method
set ref = null, due_at = null, lease_until = null
where id = $1`

// An attempt whose outcome is not known keeps what it is asked for with, under the same key.
const forgottenTokensSQL = `
update payment_attempt
set token = ''
where stored_method_id = $1
	and token <> ''
	and state not in ('STARTED', 'UNKNOWN', 'PENDING', 'ACTION_REQUIRED')`

const keptMeanwhileSQL = `
update payment_stored_method
set deleted_at = clock_timestamp(), due_at = clock_timestamp()
where provider = $1
	and ref = $2
	and deleted_at is null
returning id, customer_id, provider`

const forgetLaterSQL = `
update payment_stored_method
set lease_until = null, due_at = clock_timestamp() + $2::interval
where id = $1
	and due_at is not null`

// Forget lets a provider forget a kept payment method that was deleted, and wipes its reference, also from the attempts
// that were made with it. It may run any number of times, also side by side; a *Later says that the job must come back.
func (p *Payments) Forget(ctx context.Context, method id.StoredPaymentMethodID, done Done) error {
	var name, ref string
	var tries int
	var again bool
	err := p.pool.QueryRow(ctx, takeForgottenSQL, method, p.pace.Lease).Scan(&name, &ref, &tries, &again)
	if errors.Is(err, pgx.ErrNoRows) { // forgotten already, or somebody is at it, whom the sweep follows
		return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error { return done.End(ctx, tx) })
	}
	if err != nil {
		return fmt.Errorf("take up %s: %w", method, err)
	}
	failpoint.Hit(failpoint.ForgetBeforeCall)
	var callErr error
	if !again {
		callErr = p.forgetAt(ctx, name, ref)
	}
	failpoint.Hit(failpoint.ForgetAfterCall)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	if callErr != nil {
		wait := p.pace.pause(tries)
		p.log.WarnContext(ctx, "a provider has not forgotten a payment method yet", "provider", name, "method", method.String(), "error", callErr)
		if _, err := p.pool.Exec(ctx, forgetLaterSQL, method, wait); err != nil {
			return fmt.Errorf("put %s off: %w", method, err)
		}
		return &Later{In: wait}
	}
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, forgottenSQL, method); err != nil {
			return fmt.Errorf("wipe %s: %w", method, err)
		}
		if _, err := tx.Exec(ctx, forgottenTokensSQL, method); err != nil {
			return fmt.Errorf("wipe %s from its attempts: %w", method, err)
		}
		if !again {
			if err := p.lostMeanwhile(ctx, tx, name, ref); err != nil {
				return err
			}
		}
		return done.End(ctx, tx)
	})
	if err == nil {
		failpoint.Hit(failpoint.ForgetAfterResult)
	}
	return err
}

// lostMeanwhile takes a method away that the customer has let the provider keep again while it was being forgotten: nobody could
// pay with it. Should the provider have kept it after that, it forgets it once more.
func (p *Payments) lostMeanwhile(ctx context.Context, tx pgx.Tx, name, ref string) error {
	rows, err := tx.Query(ctx, keptMeanwhileSQL, name, ref)
	if err != nil {
		return fmt.Errorf("take away what was kept meanwhile: %w", err)
	}
	return p.tellDeleted(ctx, tx, rows, bySystem, "forget")
}

// forgetAt is the remote part. A provider that can't forget, or that the shop no longer has, keeps nothing for it.
func (p *Payments) forgetAt(ctx context.Context, name, ref string) error {
	provider, _ := p.Provider(name)
	vault, ok := provider.(Vault)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.pace.Call)
	defer cancel()
	return vault.Forget(ctx, ref)
}
