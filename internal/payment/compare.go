package payment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/pg"
)

// compare finds in what a charge differs from the shop's books, and mends what is certain. A charge that can be read is not
// missing any more, whatever else is wrong with it.
func (r *reconciliation) compare(ctx context.Context, e Entry, k known) error {
	if e.Unread != "" {
		if k.attempt == nil {
			return r.unreadStray(ctx, e)
		}
		return r.unread(ctx, e.Key, &k.attempt.OrderID, e.Unread)
	}
	if err := r.differs(ctx, e, k); err != nil || !k.broken {
		return err
	}
	missing := BreakMissing
	return r.end(ctx, e.Key, &missing, BreakResolved)
}

func (r *reconciliation) differs(ctx context.Context, e Entry, k known) error {
	a := k.attempt
	if a == nil {
		return r.stray(ctx, e, k)
	}
	if a.leaseUntil != nil && a.leaseUntil.After(r.now) {
		return nil // somebody is asking about it at this moment
	}
	var other *misfit
	if errors.As(a.misfit(e.Charge), &other) {
		return r.found(ctx, e.Key, &a.OrderID, BreakMisfit, other.told)
	}
	if a.behind(e.Charge) || a.waitsForNothing(e.Charge) {
		return r.catchUp(ctx, a, e.Charge)
	}
	if a.ahead(e.Charge) {
		return r.found(ctx, e.Key, &a.OrderID, BreakAhead, fmt.Sprintf("the provider says %s, the shop %s", e.Charge.amounts(), a.amounts()))
	}
	if !k.broken {
		return nil
	}
	return r.agrees(ctx, e.Key, BreakResolved)
}

// tellMisfit tells the operators of an answer to a call of the shop that does not fit what was asked for: as the break that
// it is, which ends when the books of both sides agree. Any other error is not told.
func (p *Payments) tellMisfit(ctx context.Context, a *PaymentAttempt, answer error, cause string) error {
	var other *misfit
	if !errors.As(answer, &other) {
		return nil
	}
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error { return p.tellBreak(ctx, tx, a, BreakMisfit, other.told, cause) })
}

// tellSurplus tells the operators that more was moved of a charge than the shop knew of and this movement has asked for: such
// as what a capture that has ended short was to take. It counts, and may be anybody's doing, so a person should look. The order is
// locked, and the answer not yet taken over.
func (p *Payments) tellSurplus(ctx context.Context, tx pgx.Tx, o *operation, a *PaymentAttempt, c Charge, cause string) error {
	if o.before == nil {
		return nil
	}
	shown := c.movedBy(o.kind)
	over := o.surplus(a, shown.Minor)
	if over <= 0 {
		return nil
	}
	word := "taken"
	if o.kind == kindRefund {
		word = "given back"
	}
	return p.tellBreak(ctx, tx, a, BreakBehind, fmt.Sprintf("%s is %s after %s was asked for, and %s of it the shop knew nothing of",
		shown, word, o.amount, a.money(over)), cause)
}

// tellBreak tells the operators of a break in the transaction that keeps what it was found with.
func (p *Payments) tellBreak(ctx context.Context, tx pgx.Tx, a *PaymentAttempt, kind BreakKind, detail, cause string) error {
	r := reconciliation{Payments: p, name: a.Provider, cause: cause}
	var until *time.Time
	err := tx.QueryRow(ctx, reconciledSQL, r.name).Scan(&r.now, &until)
	if err == nil {
		_, err = r.foundIn(ctx, tx, a.key(), &a.OrderID, kind, detail)
	}
	if err != nil {
		return fmt.Errorf("tell of what a provider has answered about %s: %w", a.ID, err)
	}
	return nil
}

// behind says that the provider has done something of which the shop does not know; ahead is the other way around.
func (a *PaymentAttempt) behind(c Charge) bool {
	return c.Authorized.Minor > a.authorized || c.Captured.Minor > a.captured || c.Voided.Minor > a.voided || c.Refunded.Minor > a.refunded ||
		min(c.Disputed.Minor, a.captured) != a.disputed || min(c.DisputeLost.Minor, c.Disputed.Minor, a.captured) != a.lostFor
}

// waitsForNothing says that the provider has decided, in a way that no amount shows, what the shop waits to be told of: such
// as when a shopper has refused a challenge.
func (a *PaymentAttempt) waitsForNothing(c Charge) bool {
	switch c.State {
	case ChargeDeclined, ChargeClosed, ChargeInvoiced:
		return a.stage == stageActionRequired || a.stage == stagePending
	}
	return false
}

func (a *PaymentAttempt) ahead(c Charge) bool {
	return c.Authorized.Minor < a.authorized || c.Captured.Minor < a.captured || c.Voided.Minor < a.voided || c.Refunded.Minor < a.refunded
}

func (c Charge) amounts() string {
	text := fmt.Sprintf("authorized %s, captured %s, voided %s, refunded %s", c.Authorized, c.Captured, c.Voided, c.Refunded)
	currency := c.Captured.CurrencyCode // a provider that knows no disputes leaves them without one
	return text + fmt.Sprintf(", disputed %s (lost %s)", money.New(c.Disputed.Minor, currency), money.New(c.DisputeLost.Minor, currency))
}

func (a *PaymentAttempt) amounts() string {
	return Charge{
		Authorized: a.money(a.authorized), Captured: a.money(a.captured), Voided: a.money(a.voided), Refunded: a.money(a.refunded),
		Disputed: a.money(a.disputed), DisputeLost: a.money(a.lostFor),
	}.amounts()
}

// catchUp takes over what the provider has done and never told, or what it told was lost. What can't be taken over is
// left open for a person and for the next run, and the other charges are compared all the same.
func (r *reconciliation) catchUp(ctx context.Context, a *PaymentAttempt, c Charge) error {
	detail := fmt.Sprintf("the provider says %s, the shop %s", c.amounts(), a.amounts())
	if !a.behind(c) {
		detail = fmt.Sprintf("the provider says that it is %s, and the shop waits to be told", strings.ToLower(string(c.State)))
	}
	if err := r.found(ctx, a.key(), &a.OrderID, BreakBehind, detail); err != nil {
		return err
	}
	v := a.judge(r.look(ctx, a.key()))
	if v.stage == stageUnknown || !a.behind(v.charge) && (v.stage == stageActionRequired || v.stage == stagePending) {
		return nil // it stays open, and the next run looks again
	}
	shop, err := r.settings.Load(ctx)
	if err != nil {
		return err
	}
	err = pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		err := r.concludeAlone(ctx, tx, shop, *a, v, r.cause)
		failpoint.Hit(failpoint.ReconcileBeforeResult)
		return err
	})
	if err != nil && ctx.Err() == nil {
		r.log.ErrorContext(ctx, "what a payment provider has done could not be taken over", "provider", r.name, "attempt", a.ID.String(), "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	failpoint.Hit(failpoint.ReconcileAfterResult)
	return r.agrees(ctx, a.key(), BreakRepaired)
}
