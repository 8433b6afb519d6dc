package payment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// ErrNoCallbacks says that no provider of this name sends callbacks.
var ErrNoCallbacks = errors.New("no provider of this name sends callbacks")

// Callback takes a provider's notification. It believes nothing in it but which charges have changed, and only if
// the signature is right; the charges are then looked up. The same notification ten times at once has one effect.
func (p *Payments) Callback(ctx context.Context, provider string, header http.Header, body []byte) error {
	found, ok := p.Provider(provider)
	if !ok {
		return ErrNoCallbacks
	}
	notifier, ok := found.(Notifier)
	if !ok {
		return ErrNoCallbacks
	}
	keys, err := notifier.Notification(header, body)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := p.refresh(ctx, provider, found, key); err != nil {
			return fmt.Errorf("callback of %s: %w", provider, err)
		}
	}
	return nil
}

const attemptSQL = `
select id, order_id, number, provider, token, rank, state, challenged, abandoned, amount, currency,
	authorized, captured, refunded, voided, provider_ref, reason, challenge_url, tries, lease_until, next_try_at, started_at, finished_at
from payment_attempt
where id = $1`

// refresh looks a charge up and takes over what has come of it. A key that is not ours, or another provider's, is
// noted and left alone.
func (p *Payments) refresh(ctx context.Context, name string, provider Provider, key string) error {
	attempt, err := uuid.Parse(key)
	if err != nil {
		p.log.WarnContext(ctx, "payment callback about an unknown charge", "provider", name)
		return nil //nolint:nilerr // a callback about nothing of ours changes nothing but the log
	}
	known, err := attempts(ctx, p.pool, attemptSQL, id.PaymentAttemptID(attempt))
	if err != nil {
		return err
	}
	if len(known) == 0 || known[0].Provider != name {
		p.log.WarnContext(ctx, "payment callback about an unknown charge", "provider", name, "charge", attempt.String())
		return nil
	}
	a := known[0]
	v := a.judge(p.lookup(ctx, provider, a.key()))
	switch v.stage {
	case stageUnknown:
		return fmt.Errorf("look attempt %s up: %w", a.ID, v.err)
	case stagePending, stageActionRequired:
		return nil
	}
	shop, err := p.settings.Load(ctx)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		_, err := p.conclude(ctx, tx, shop, a.OrderID, a, v, "callback:"+name)
		return err
	})
}

// Rehearse lets a provider that plays its own outside world settle an attempt that has been pending for a while, and
// takes its callback in as if it had been posted.
func (p *Payments) Rehearse(ctx context.Context, attempt id.PaymentAttemptID, pending time.Duration, done Done) error {
	known, err := attempts(ctx, p.pool, attemptSQL, attempt)
	if err != nil {
		return err
	}
	if len(known) == 0 {
		return orders.NotFound
	}
	if provider, ok := p.Provider(known[0].Provider); ok {
		if actor, ok := provider.(Rehearser); ok {
			if wait := actor.SettlesAfter() - pending; wait > 0 {
				return &Later{In: wait}
			}
			header, body, err := actor.Settle(ctx, known[0].key())
			if err != nil {
				return err
			}
			if err := p.Callback(ctx, known[0].Provider, header, body); err != nil {
				return err
			}
		}
	}
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error { return done(ctx, tx) })
}
