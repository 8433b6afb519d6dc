package payment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// BreakKind is in what a provider's books and the shop's differ.
type BreakKind string

// The kinds of breaks.
const (
	BreakStray   BreakKind = "STRAY_CHARGE" // the provider holds money under a key of which the shop knows nothing
	BreakBehind  BreakKind = "BEHIND"       // the provider has done more than the shop knows of
	BreakAhead   BreakKind = "AHEAD"        // the shop believes in more than the provider has done
	BreakMisfit  BreakKind = "MISFIT"       // the charge has another amount, currency or order than was asked for
	BreakMissing BreakKind = "MISSING"      // the provider knows nothing of a charge that the shop rests on

	BreakUnreadable BreakKind = "UNREADABLE" // the books make no sense from some point on; it is of no charge
)

// BreakState is what has become of a break.
type BreakState string

// The states of a break.
const (
	BreakOpen     BreakState = "OPEN"     // a person should look
	BreakRepaired BreakState = "REPAIRED" // the shop has mended it
	BreakResolved BreakState = "RESOLVED" // it was gone when it was looked at again
)

// PaymentReconciliationBreak is one difference between a provider's books and the shop's.
type PaymentReconciliationBreak struct {
	ID        id.PaymentReconciliationBreakID
	Provider  string
	Charge    string      // the key of its authorization at the provider: an attempt's uuid; empty where it is of no charge, or of one that has no key
	OrderID   *id.OrderID // as far as it is known
	Kind      BreakKind
	Detail    string // what is there, and what should be
	State     BreakState
	FoundAt   time.Time
	SettledAt *time.Time
}

// PaymentReconciliationBreakConnection is one page of breaks.
type PaymentReconciliationBreakConnection = pg.Connection[PaymentReconciliationBreak]

// PaymentReconciliationBreakEdge is one break of a page.
type PaymentReconciliationBreakEdge = pg.Edge[PaymentReconciliationBreak]

// ReconciliationBroken tells the operators that a provider's books and the shop's differ.
type ReconciliationBroken struct {
	Provider string      `json:"provider"`
	Charge   string      `json:"charge"`
	OrderID  *id.OrderID `json:"orderId,omitempty"`
	Reason   BreakKind   `json:"reason"`
	Detail   string      `json:"detail"`
}

// Kind is payment.reconciliation_broken.
func (ReconciliationBroken) Kind() string { return "payment.reconciliation_broken" }

// ReconciliationMended tells the operators that the books agree again, and whether the shop has done it.
type ReconciliationMended struct {
	State  BreakState `json:"state"`
	Reason BreakKind  `json:"reason,omitempty"` // of the break; an event from before this was kept has none
}

// Kind is payment.reconciliation_mended.
func (ReconciliationMended) Kind() string { return "payment.reconciliation_mended" }

// Runs side by side take their turns at a charge, so that each sees what the one before it has kept.
const turnSQL = `
select pg_advisory_xact_lock(hashtextextended('wharf reconciliation ' || $1::text || ' ' || $2::text, 0))`

// What has been settled since this run began, by another one beside it, may have been read before that: the next run
// will see.
const addBreakSQL = `
insert into payment_reconciliation_break (id, provider, charge, order_id, kind, detail, state)
select $1, $2, $3, $4, $5, $6, 'OPEN'
where not exists (
	select
	from payment_reconciliation_break
	where provider = $2
		and charge = $3
		and settled_at > $7
)
on conflict (provider, charge, kind) where state = 'OPEN' do nothing`

// found keeps a break and tells the operators, once for as long as it is open.
func (r *reconciliation) found(ctx context.Context, charge string, order *id.OrderID, kind BreakKind, detail string) error {
	fresh := false
	err := pg.InTx(ctx, r.pool, func(tx pgx.Tx) (err error) {
		fresh, err = r.foundIn(ctx, tx, charge, order, kind, detail)
		return err
	})
	if err == nil && fresh {
		failpoint.Hit(failpoint.ReconcileAfterBreak)
	}
	return err
}

// foundIn is found in a transaction of the caller's, which may hold an order: nobody asks for one while it is their turn. It
// says whether the break is a new one.
func (r *reconciliation) foundIn(ctx context.Context, tx pgx.Tx, charge string, order *id.OrderID, kind BreakKind, detail string) (fresh bool, err error) {
	if _, err := tx.Exec(ctx, turnSQL, r.name, charge); err != nil {
		return false, err
	}
	b := id.NewPaymentReconciliationBreakID()
	tag, err := tx.Exec(ctx, addBreakSQL, b, r.name, charge, order, kind, detail, r.now)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	r.log.WarnContext(ctx, "a payment provider's books and the shop's differ", "provider", r.name, "charge", charge, "kind", kind, "detail", detail)
	_, err = r.events.Append(ctx, tx, b, 0, bySystem, r.cause, ReconciliationBroken{
		Provider: r.name, Charge: charge, OrderID: order, Reason: kind, Detail: detail,
	})
	failpoint.Hit(failpoint.ReconcileBeforeBreak)
	return err == nil, err
}

// An answer that does not fit may be given again for as long as what was tried is not done: it is told once, though the
// provider's books agree in between. What nobody has tried yet has had no answer.
const settleBreaksSQL = `
update payment_reconciliation_break b
set state = $3, settled_at = clock_timestamp()
where provider = $1
	and charge = $2
	and state = 'OPEN'
	and (kind = $4 or $4::text is null and kind <> 'UNREADABLE')
	and not (kind = 'MISFIT' and exists (
		select
		from payment_operation
		where order_id = b.order_id
			and attempt_id::text = b.charge
			and state = 'OPEN'
			and tries > 0))
returning id, kind`

// agrees ends the breaks of a charge on which both sides agree again.
func (r *reconciliation) agrees(ctx context.Context, charge string, state BreakState) error {
	return r.end(ctx, charge, nil, state)
}

// end ends the breaks of a charge that are of one kind, or all of them.
func (r *reconciliation) end(ctx context.Context, charge string, kind *BreakKind, state BreakState) error {
	ended := 0
	err := pg.InTx(ctx, r.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, turnSQL, r.name, charge); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, settleBreaksSQL, r.name, charge, state, kind)
		if err != nil {
			return err
		}
		type ending struct {
			ID   id.PaymentReconciliationBreakID
			Kind BreakKind
		}
		settled, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ending])
		if err != nil {
			return err
		}
		for _, b := range settled {
			if _, err := r.events.Append(ctx, tx, b.ID, 1, bySystem, r.cause, ReconciliationMended{State: state, Reason: b.Kind}); err != nil {
				return err
			}
		}
		if ended = len(settled); ended > 0 {
			failpoint.Hit(failpoint.ReconcileBeforeEnd)
		}
		return nil
	})
	if err == nil && ended > 0 {
		failpoint.Hit(failpoint.ReconcileAfterEnd)
	}
	return err
}

// OpenBreaks is how many differences of one kind with one provider a person should look at.
type OpenBreaks struct {
	Provider string
	Kind     BreakKind
	Open     int
}

const openBreaksByKindSQL = `
select provider, kind, count(*)
from payment_reconciliation_break
where state = 'OPEN'
group by provider, kind
order by provider, kind`

// OpenBreaks counts the open breaks by provider and kind. Every kind of every provider whose books are compared is in the
// answer, also where nothing is open, so that whoever watches sees a 0 and not nothing.
func (p *Payments) OpenBreaks(ctx context.Context) ([]OpenBreaks, error) {
	rows, err := p.pool.Query(ctx, openBreaksByKindSQL)
	if err != nil {
		return nil, fmt.Errorf("count reconciliation breaks: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[OpenBreaks])
	if err != nil {
		return nil, fmt.Errorf("count reconciliation breaks: %w", err)
	}
	for _, provider := range p.providers {
		if _, ok := provider.(Bookkeeper); !ok {
			continue
		}
		for _, kind := range []BreakKind{BreakStray, BreakBehind, BreakAhead, BreakMisfit, BreakMissing, BreakUnreadable} {
			name := provider.About().Name
			if !slices.ContainsFunc(list, func(o OpenBreaks) bool { return o.Provider == name && o.Kind == kind }) {
				list = append(list, OpenBreaks{Provider: name, Kind: kind})
			}
		}
	}
	return list, nil
}

const breaksSQL = `
select id, provider, charge, order_id, kind, detail, state, found_at, settled_at
from payment_reconciliation_break
where ($1::text is null or state = $1)
	and ($2::uuid is null or id > $2)
order by id
limit $3`

const breaksDownSQL = `
select id, provider, charge, order_id, kind, detail, state, found_at, settled_at
from payment_reconciliation_break
where ($1::text is null or state = $1)
	and ($2::uuid is null or id < $2)
order by id desc
limit $3`

// Breaks lists where providers' books and the shop's differ or did, oldest first.
func (p *Payments) Breaks(ctx context.Context, state *BreakState, page pg.Page) (PaymentReconciliationBreakConnection, error) {
	w, err := page.Window(1)
	if err != nil {
		return PaymentReconciliationBreakConnection{}, err
	}
	after, err := pg.At(w, 0, uuid.Parse)
	if err != nil {
		return PaymentReconciliationBreakConnection{}, err
	}
	sql := breaksSQL
	if w.Descending {
		sql = breaksDownSQL
	}
	rows, err := p.pool.Query(ctx, sql, state, after, w.Fetch())
	if err != nil {
		return PaymentReconciliationBreakConnection{}, fmt.Errorf("list reconciliation breaks: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[PaymentReconciliationBreak])
	if err != nil {
		return PaymentReconciliationBreakConnection{}, fmt.Errorf("list reconciliation breaks: %w", err)
	}
	return pg.Build(w, list, func(b PaymentReconciliationBreak) []string { return []string{uuid.UUID(b.ID).String()} }), nil
}
