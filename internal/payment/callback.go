package payment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// ErrNoCallbacks says that no provider of this name sends callbacks.
var ErrNoCallbacks = errors.New("no provider of this name sends callbacks")

// CallbackRefused tells the operators that a genuine notification was not followed: it can't be understood, it is of
// another account or of a test, it is of a charge that the shop does not know, the charge is not what the shop has asked for, or it tells of
// something that a person must see to.
type CallbackRefused struct {
	Provider string      `json:"provider"`
	EventID  string      `json:"eventId"` // the provider's own
	Charge   string      `json:"charge"`
	OrderID  *id.OrderID `json:"orderId,omitempty"`
	Reason   string      `json:"reason"`
}

// Kind is payment.callback_refused.
func (CallbackRefused) Kind() string { return "payment.callback_refused" }

const keepCallbackSQL = `
insert into payment_callback (id, provider, event_id, charge, order_id, state, reason, settled_at)
values ($1, $2, $3, $4, $5, case when $6::text is null then 'RECEIVED' else 'IGNORED' end, $6,
	case when $6 is not null then clock_timestamp() end)
on conflict (provider, event_id, charge) do nothing`

// MaxNotification is how many bytes a notification may have, and TooLong what whoever sends more reads.
const (
	MaxNotification = 64 << 10
	TooLong         = "A notification has at most 64 kB."
)

// Callback keeps a provider's notification, with a job that follows it. It believes nothing in it but which charges
// have changed, and only if the signature is right. A notification is kept once, however often it comes: the answer is
// the same, and a repetition has no effect.
func (p *Payments) Callback(ctx context.Context, provider string, header http.Header, body []byte) error {
	found, ok := p.Provider(provider)
	if !ok {
		return ErrNoCallbacks
	}
	notifier, ok := found.(Notifier)
	if !ok {
		return ErrNoCallbacks
	}
	notices, err := notifier.Notification(header, body)
	if len(body) > MaxNotification && (len(notices) > 0 || errors.Is(err, ErrUnusable)) {
		err = tooLong(notices, err)
	}
	if err != nil {
		return errors.Join(err, p.keepUnusable(ctx, provider, body, err))
	}
	keep := func(context.Context) error { return nil }
	if keeper, ok := found.(Keeper); ok {
		keep = func(ctx context.Context) error { return keeper.Keep(ctx, header, body) }
	}
	for _, n := range notices {
		if err := p.keepCallback(ctx, provider, n, keep); err != nil {
			return fmt.Errorf("callback of %s: %w", provider, err)
		}
	}
	return nil
}

// keepUnusable keeps a genuine notification of which nothing can be made, and tells the operators: once, however often it
// comes. Of anything else that is wrong nothing is kept.
func (p *Payments) keepUnusable(ctx context.Context, provider string, body []byte, err error) error {
	var u *unusable
	if !errors.As(err, &u) {
		return nil
	}
	name := u.id
	if name == "" {
		name = uuid.NewSHA1(uuid.NameSpaceOID, body).String()
	}
	err = p.keepCallback(ctx, provider, Notice{ID: name, Foreign: u.reason}, nil)
	if err != nil {
		return fmt.Errorf("callback of %s: %w: %w", provider, errNotKept, err)
	}
	return nil
}

// tooLong refuses a genuine notification that is too long, under the name that its provider has given it.
func tooLong(notices []Notice, err error) error {
	var u *unusable
	name := ""
	switch {
	case errors.As(err, &u):
		name = u.id
	case len(notices) > 0:
		name = notices[0].ID
	}
	return Unusable(name, "it has more than 64 kB")
}

// errNotKept says that a notification could not be kept, so that it must come again.
var errNotKept = errors.New("it could not be kept")

// Refused says that a notification is refused for good and that this was kept, so that it need not come again, and why.
func Refused(err error) (reason string, refused bool) {
	var u *unusable
	if !errors.As(err, &u) || errors.Is(err, errNotKept) {
		return "", false
	}
	return u.reason, true
}

// Acknowledgement is what a provider wants to read in the answer to a notification that was kept; most want nothing.
func (p *Payments) Acknowledgement(provider string) string {
	if found, ok := p.Provider(provider); ok {
		if a, ok := found.(Acknowledger); ok {
			return a.Acknowledgement()
		}
	}
	return ""
}

// The reasons for which a notification is not followed.
const (
	refusedUnknown = "the shop has no charge under this key"
	refusedStale   = "the charge could not be looked up for a day"
)

// keepCallback keeps one notice: to be followed, or refused at once. What is of a charge of this shop is kept by its
// provider first, if that keeps notifications: before there is a job that looks the charge up.
func (p *Payments) keepCallback(ctx context.Context, provider string, n Notice, keep func(context.Context) error) error {
	c := callback{id: id.NewPaymentCallbackID(), provider: provider, eventID: kept(n.ID), charge: kept(n.Charge)}
	a, err := p.attemptUnder(ctx, provider, n.Charge)
	if err != nil {
		return err
	}
	switch {
	case n.Foreign != "":
		c.reason = &n.Foreign
	case a == nil:
		reason := refusedUnknown
		c.reason = &reason
	case n.Attention != "":
		c.reason = &n.Attention
	}
	if a != nil {
		c.order = &a.OrderID
	}
	if a != nil && n.Foreign == "" {
		if err := keep(ctx); err != nil {
			return err
		}
	}
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, keepCallbackSQL, c.id, c.provider, c.eventID, c.charge, c.order, c.reason)
		switch {
		case err != nil || tag.RowsAffected() == 0: // it was here before
			return err
		case c.reason != nil:
			return p.refuse(ctx, tx, c, "callback:"+provider)
		}
		failpoint.Hit(failpoint.CallbackBeforeCommit)
		return p.hooks.Notified(ctx, tx, a.OrderID, c.id)
	})
	if err == nil {
		failpoint.Hit(failpoint.CallbackAfterCommit)
	}
	return err
}

// kept is a provider's name of something as far as it fits.
func kept(text string) string {
	for len(text) > 255 || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		text = uuid.NewSHA1(uuid.NameSpaceOID, []byte(text)).String()
	}
	return text
}

// refuse tells the operators of a notification that is not followed.
func (p *Payments) refuse(ctx context.Context, tx pgx.Tx, c callback, cause string) error {
	p.log.WarnContext(ctx, "payment callback refused", "provider", c.provider, "event", c.eventID, "charge", c.charge, "reason", *c.reason)
	_, err := p.events.Append(ctx, tx, c.id, 0, bySystem, cause, CallbackRefused{
		Provider: c.provider, EventID: c.eventID, Charge: c.charge, OrderID: c.order, Reason: *c.reason,
	})
	return err
}

// callback is one kept notice.
type callback struct {
	id       id.PaymentCallbackID
	provider string
	eventID  string
	charge   string
	order    *id.OrderID
	state    string
	reason   *string // why it is not followed
	tries    int
	age      time.Duration
}

const attemptSQL = allAttemptsSQL + `where id = $1`

// attemptUnder finds the attempt that a provider knows under a key, or nil.
func (p *Payments) attemptUnder(ctx context.Context, provider, key string) (*PaymentAttempt, error) {
	attempt, err := uuid.Parse(key)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // a key that the shop has not made is of no attempt
	}
	known, err := attempts(ctx, p.pool, attemptSQL, id.PaymentAttemptID(attempt))
	if err != nil {
		return nil, err
	}
	if len(known) == 0 || known[0].Provider != provider {
		return nil, nil //nolint:nilnil // no attempt is no error
	}
	return &known[0], nil
}

const callbackSQL = `
select id, provider, event_id, charge, order_id, state, tries, clock_timestamp() - received_at
from payment_callback
where id = $1`

const callbackTriedSQL = `
update payment_callback
set tries = tries + 1
where id = $1`

const settleCallbackSQL = `
update payment_callback
set state = $2, reason = $3, settled_at = clock_timestamp()
where id = $1 and state = 'RECEIVED'`

// callbackFollowed is how long a charge is looked up for a notification. After that reconciliation finds what is left.
const callbackFollowed = 24 * time.Hour

// FollowCallback looks the charge of a kept notification up and takes over what has come of it, under the lock of its
// order. In whatever order notifications come, and however often, the end is the same: it is the provider's present
// state that counts. A *Later says that the job must come back.
func (p *Payments) FollowCallback(ctx context.Context, kept id.PaymentCallbackID, cause string, done Done) error {
	var c callback
	err := p.pool.QueryRow(ctx, callbackSQL, kept).Scan(&c.id, &c.provider, &c.eventID, &c.charge, &c.order, &c.state, &c.tries, &c.age)
	if errors.Is(err, pgx.ErrNoRows) {
		return orders.NotFound
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", kept, err)
	}
	if c.state != "RECEIVED" {
		return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error { return done.End(ctx, tx) })
	}
	a, err := p.attemptUnder(ctx, c.provider, c.charge)
	if err != nil {
		return err
	}
	provider, ok := p.Provider(c.provider)
	if a == nil || !ok {
		return fmt.Errorf("follow %s: its charge or its provider is gone", kept)
	}
	v := a.judge(p.lookup(ctx, provider, a.key()))
	misfit := errors.Is(v.err, errMisfit)
	if v.stage == stageUnknown && !misfit && c.age < callbackFollowed {
		if _, err := p.pool.Exec(ctx, callbackTriedSQL, kept); err != nil {
			return fmt.Errorf("keep that %s was tried: %w", kept, err)
		}
		return &Later{In: p.pace.pause(c.tries + 1)}
	}
	shop, err := p.settings.Load(ctx)
	if err != nil {
		return err
	}
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		state := "APPLIED"
		switch {
		case v.stage == stageUnknown:
			state = "IGNORED"
			reason := refusedStale
			if misfit {
				reason = v.err.Error()
			}
			c.reason = &reason
			if err := p.refuse(ctx, tx, c, cause); err != nil {
				return err
			}
		case v.stage != stagePending && v.stage != stageActionRequired:
			if err := p.concludeAlone(ctx, tx, shop, *a, v, "callback:"+c.provider); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, settleCallbackSQL, kept, state, c.reason); err != nil {
			return fmt.Errorf("keep that %s was followed: %w", kept, err)
		}
		failpoint.Hit(failpoint.CallbackBeforeDone)
		if err := done.End(ctx, tx); err != nil {
			return err
		}
		failpoint.Hit(failpoint.CallbackBeforeResult)
		return nil
	})
	if err == nil {
		failpoint.Hit(failpoint.CallbackAfterResult)
	}
	return err
}

const purgeCallbacksSQL = `
delete from payment_callback
where id in (
	select id
	from payment_callback
	where received_at < now() - interval '90 days' and state <> 'RECEIVED'
	order by received_at
	limit $1
)`

// PurgeCallbacks forgets at most limit notifications that were settled three months ago, and says how many. Providers
// repeat theirs for at most a month.
func (p *Payments) PurgeCallbacks(ctx context.Context, limit int) (int64, error) {
	tag, err := p.pool.Exec(ctx, purgeCallbacksSQL, limit)
	if err != nil {
		return 0, fmt.Errorf("forget old payment callbacks: %w", err)
	}
	return tag.RowsAffected(), nil
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
			wait := actor.SettlesAfter() - pending
			if by := known[0].SettlesBy; by != nil && known[0].stage == stagePending {
				wait = time.Until(by.Add(-24 * time.Hour)) // it takes its days
			}
			if wait > 0 {
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
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error { return done.End(ctx, tx) })
}
