package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/inventory"
	"github.com/wharfhq/wharf/internal/orders"
)

// keep notes that the payment, and the attempts that are given, are to be written.
func (d *dossier) keep(changed ...*PaymentAttempt) {
	d.touched, d.changed = true, append(d.changed, changed...)
}

// save writes the payment, the attempts that are given, and what there is to tell about them.
func (p *Payments) save(ctx context.Context, tx pgx.Tx, d *dossier, by, cause string, changed ...*PaymentAttempt) error {
	d.keep(changed...)
	b := &pgx.Batch{}
	if err := queueSaves(b, []*dossier{d}); err != nil {
		return err
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("save the payment of %s: %w", d.payment.OrderID, err)
	}
	if len(d.news) == 0 {
		return nil
	}
	news := d.news
	d.news = nil
	for len(news) > 0 {
		n := 1
		for n < len(news) && teller(news[n], by) == teller(news[0], by) {
			n++
		}
		if err := p.orders.Record(ctx, tx, d.order, teller(news[0], by), cause, news[:n]...); err != nil {
			return err
		}
		news = news[n:]
	}
	return nil
}

// teller is who stands in an event. What a bank or a provider does by itself is nobody's doing in the shop, also where it
// shows in the answer to what somebody has asked for.
func teller(news event.Data, by string) string {
	switch news.(type) {
	case orders.PaymentDeclined, orders.PaymentDisputed, orders.PaymentDisputeLost, orders.PaymentDisputeWon:
		return bySystem
	}
	return by
}

const savePaymentsSQL = `
update payment
set methods = p.methods::jsonb, tried = p.tried, state = p.state, deadline = p.deadline, due_at = p.due_at,
	expiry_due_at = p.expiry_due_at, waits_for = p.waits_for
from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::text[])
	p(id, methods, tried, state, deadline, due_at, expiry_due_at, waits_for)
where payment.id = p.id`

// queueSaves writes what is to be written of the dossiers, but for the events, as the batch is sent.
func queueSaves(b *pgx.Batch, dossiers []*dossier) error {
	var (
		ids               []id.PaymentID
		methods, stages   []string
		tried             []int
		deadlines         []time.Time
		dueAt, expiryDues []*time.Time
		waitsFor          []*string
		confirmed         []id.OrderID
		attempts          [][]any
	)
	for _, d := range dossiers {
		m := &d.payment
		if d.confirmed {
			confirmed = append(confirmed, m.OrderID)
		}
		if !d.touched {
			continue
		}
		text, err := json.Marshal(m.methods)
		if err != nil {
			return fmt.Errorf("write the payment methods of %s: %w", m.OrderID, err)
		}
		ids, methods, tried, stages = append(ids, m.ID), append(methods, string(text)), append(tried, m.tried), append(stages, string(m.stage))
		deadlines, dueAt, expiryDues = append(deadlines, m.deadline), append(dueAt, m.dueAt), append(expiryDues, m.expiryDueAt)
		waitsFor = append(waitsFor, m.waitsFor)
		for _, a := range d.changed {
			attempts = append(attempts, a.fields(m.ID))
		}
		d.touched, d.changed, d.confirmed = false, nil, false
	}
	if len(ids) > 0 {
		b.Queue(savePaymentsSQL, ids, methods, tried, stages, deadlines, dueAt, expiryDues, waitsFor)
	}
	inventory.QueueConfirms(b, confirmed)
	if len(attempts) > 0 {
		b.Queue(saveAttemptsSQL, columns(attempts)...)
	}
	return nil
}

const saveAttemptsSQL = `
insert into payment_attempt (id, payment_id, order_id, number, provider, token, rank, state, challenged, abandoned,
	amount, currency, authorized, captured, refunded, voided, provider_ref, reason, challenge_url, tries, lease_until, next_try_at,
	started_at, finished_at, expires_at, renew_at, renews, settles_by, disputed, dispute_lost, save, stored_method_id, saved_for)
select id, payment_id, order_id, number, provider, token, rank, state, challenged, abandoned,
	amount, currency, authorized, captured, refunded, voided, provider_ref, reason, challenge_url, tries, lease_until, next_try_at,
	started_at, finished_at, expires_at, renew_at, renews, settles_by, disputed, dispute_lost, save, stored_method_id, saved_for
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::text[], $7::int[], $8::text[], $9::bool[],
	$10::bool[], $11::bigint[], $12::text[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::text[], $18::text[],
	$19::text[], $20::int[], $21::timestamptz[], $22::timestamptz[], $23::timestamptz[], $24::timestamptz[], $25::timestamptz[],
	$26::timestamptz[], $27::uuid[], $28::timestamptz[], $29::bigint[], $30::bigint[], $31::bool[], $32::uuid[], $33::uuid[])
	a(id, payment_id, order_id, number, provider, token, rank, state, challenged, abandoned,
	amount, currency, authorized, captured, refunded, voided, provider_ref, reason, challenge_url, tries, lease_until, next_try_at,
	started_at, finished_at, expires_at, renew_at, renews, settles_by, disputed, dispute_lost, save, stored_method_id, saved_for)
on conflict (id) do update
set state = excluded.state, challenged = excluded.challenged, abandoned = excluded.abandoned,
	authorized = excluded.authorized, captured = excluded.captured, refunded = excluded.refunded,
	voided = excluded.voided, provider_ref = excluded.provider_ref, reason = excluded.reason, challenge_url = excluded.challenge_url, tries = excluded.tries,
	lease_until = excluded.lease_until, next_try_at = excluded.next_try_at, finished_at = excluded.finished_at,
	expires_at = excluded.expires_at, renew_at = excluded.renew_at, settles_by = excluded.settles_by,
	disputed = excluded.disputed, dispute_lost = excluded.dispute_lost, stored_method_id = excluded.stored_method_id`

// fields are what is stored of an attempt, in the order of that statement.
func (a *PaymentAttempt) fields(payment id.PaymentID) []any {
	return []any{
		a.ID, payment, a.OrderID, a.number, a.Provider, a.token, a.Rank, a.stage,
		a.challenged, a.abandoned, a.amount.Minor, a.amount.CurrencyCode, a.authorized, a.captured, a.refunded,
		a.voided, a.ref, a.Reason, a.ChallengeURL, a.tries, a.leaseUntil, a.nextTryAt, a.StartedAt, a.FinishedAt,
		a.ExpiresAt, a.RenewAt, a.renews, a.SettlesBy, a.disputed, a.lostFor, a.save, a.stored, a.savedFor,
	}
}

// columns lays rows out as the arrays of a set-based statement.
func columns(rows [][]any) []any {
	arrays := make([]any, len(rows[0]))
	for i := range arrays {
		column := make([]any, len(rows))
		for n, row := range rows {
			column[n] = row[i]
		}
		arrays[i] = column
	}
	return arrays
}
