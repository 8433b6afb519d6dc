package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// dossier is all that a decision about an order's payment needs. It is read and written while the order is locked:
// that one lock keeps workers, callbacks, shoppers and staff apart.
type dossier struct {
	order   *orders.Order
	payment Payment
	asked   asked     // what was asked to be moved and is not done
	now     time.Time // the database's, since servers' clocks differ
	news    []event.Data
}

// errNothingOwed says that the order never needed a payment.
var errNothingOwed = errors.New("nothing is owed for this order")

const paymentSQL = `
select id, amount, currency, methods, tried, state, deadline, due_at, expiry_due_at, clock_timestamp()
from payment
where order_id = $1`

// allAttemptsSQL begins every statement that reads attempts, in the order in which scanAttempt takes their columns.
const allAttemptsSQL = `
select id, order_id, number, provider, token, rank, state, challenged, abandoned, amount, currency,
	authorized, captured, refunded, voided, provider_ref, reason, challenge_url, tries, lease_until, next_try_at, started_at, finished_at,
	expires_at, renew_at, renews, settles_by, disputed, dispute_lost, save, stored_method_id,
	(select coalesce(sum(c.amount), 0)::bigint from payment_operation c where c.attempt_id = payment_attempt.id and c.kind = 'CREDIT')
from payment_attempt
`

const attemptsSQL = allAttemptsSQL + `where order_id = $1
order by number`

// open reads the dossier of an order that the caller has locked.
func open(ctx context.Context, tx pgx.Tx, order *orders.Order) (*dossier, error) {
	d := &dossier{order: order, payment: Payment{OrderID: order.ID}}
	p := &d.payment
	owed := false
	fields := []any{
		&p.ID, &p.Amount.Minor, &p.Amount.CurrencyCode, &p.methods, &p.tried, &p.stage, &p.deadline, &p.dueAt, &p.expiryDueAt, &d.now,
	}
	batch := &pgx.Batch{}
	batch.Queue(paymentSQL, order.ID).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, fields, func() error {
			owed = true
			return nil
		})
		return err
	})
	batch.Queue(attemptsSQL, order.ID).Query(func(rows pgx.Rows) (err error) {
		p.Attempts, err = pgx.CollectRows(rows, scanAttempt)
		return err
	})
	batch.Queue(openOperationsSQL, order.ID).Query(func(rows pgx.Rows) (err error) {
		d.asked, err = pgx.CollectRows(rows, scanOperation)
		return err
	})
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("read the payment of %s: %w", order.ID, err)
	}
	if !owed {
		return nil, errNothingOwed
	}
	return d, nil
}

func attempts(ctx context.Context, db pg.DB, sql string, arg any) ([]PaymentAttempt, error) {
	rows, err := db.Query(ctx, sql, arg)
	if err != nil {
		return nil, fmt.Errorf("read payment attempts: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanAttempt)
	if err != nil {
		return nil, fmt.Errorf("read payment attempts: %w", err)
	}
	return list, nil
}

func scanAttempt(row pgx.CollectableRow) (PaymentAttempt, error) {
	var a PaymentAttempt
	err := row.Scan(&a.ID, &a.OrderID, &a.number, &a.Provider, &a.token, &a.Rank, &a.stage, &a.challenged, &a.abandoned,
		&a.amount.Minor, &a.amount.CurrencyCode, &a.authorized, &a.captured, &a.refunded, &a.voided, &a.ref, &a.Reason, &a.ChallengeURL,
		&a.tries, &a.leaseUntil, &a.nextTryAt, &a.StartedAt, &a.FinishedAt,
		&a.ExpiresAt, &a.RenewAt, &a.renews, &a.SettlesBy, &a.disputed, &a.lostFor, &a.save, &a.stored, &a.credited)
	return a, err
}

// current is the attempt whose outcome is not known, if there is one. There is never more than one.
func (d *dossier) current() *PaymentAttempt {
	for i := range d.payment.Attempts {
		if a := &d.payment.Attempts[i]; a.inFlight() {
			return a
		}
	}
	return nil
}

func (d *dossier) attempt(attempt id.PaymentAttemptID) *PaymentAttempt {
	for i := range d.payment.Attempts {
		if d.payment.Attempts[i].ID == attempt {
			return &d.payment.Attempts[i]
		}
	}
	return nil
}

// tell keeps events until the dossier is saved.
func (d *dossier) tell(news ...event.Data) { d.news = append(d.news, news...) }

// request keeps what is to be done with an attempt's money, before any provider is called.
func (d *dossier) request(ctx context.Context, tx pgx.Tx, o operation) error {
	if err := request(ctx, tx, d.order.ID, o); err != nil {
		return err
	}
	d.asked = append(d.asked, o)
	return nil
}

// over forgets an operation that is done or was refused for good.
func (d *dossier) over(o *operation) {
	d.asked = slices.DeleteFunc(d.asked, func(other operation) bool { return other.id == o.id })
}

func (d *dossier) in(wait time.Duration) *time.Time {
	at := d.now.Add(wait)
	return &at
}

const savePaymentSQL = `
update payment
set methods = $2, tried = $3, state = $4, deadline = $5, due_at = $6, expiry_due_at = $7
where id = $1`

const saveAttemptSQL = `
insert into payment_attempt (id, payment_id, order_id, number, provider, token, rank, state, challenged, abandoned,
	amount, currency, authorized, captured, refunded, voided, provider_ref, reason, challenge_url, tries, lease_until, next_try_at,
	started_at, finished_at, expires_at, renew_at, renews, settles_by, disputed, dispute_lost, save, stored_method_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
	$25, $26, $27, $28, $29, $30, $31, $32)
on conflict (id) do update
set state = excluded.state, challenged = excluded.challenged, abandoned = excluded.abandoned,
	authorized = excluded.authorized, captured = excluded.captured, refunded = excluded.refunded,
	voided = excluded.voided, provider_ref = excluded.provider_ref, reason = excluded.reason, challenge_url = excluded.challenge_url, tries = excluded.tries,
	lease_until = excluded.lease_until, next_try_at = excluded.next_try_at, finished_at = excluded.finished_at,
	expires_at = excluded.expires_at, renew_at = excluded.renew_at, settles_by = excluded.settles_by,
	disputed = excluded.disputed, dispute_lost = excluded.dispute_lost, stored_method_id = excluded.stored_method_id`

// save writes the payment, the attempts that are given, and what there is to tell about them.
func (p *Payments) save(ctx context.Context, tx pgx.Tx, d *dossier, by, cause string, changed ...*PaymentAttempt) error {
	m := &d.payment
	batch := &pgx.Batch{}
	batch.Queue(savePaymentSQL, m.ID, m.methods, m.tried, m.stage, m.deadline, m.dueAt, m.expiryDueAt)
	for _, a := range changed {
		batch.Queue(saveAttemptSQL, a.ID, m.ID, m.OrderID, a.number, a.Provider, a.token, a.Rank, a.stage,
			a.challenged, a.abandoned, a.amount.Minor, a.amount.CurrencyCode, a.authorized, a.captured, a.refunded,
			a.voided, a.ref, a.Reason, a.ChallengeURL, a.tries, a.leaseUntil, a.nextTryAt, a.StartedAt, a.FinishedAt,
			a.ExpiresAt, a.RenewAt, a.renews, a.SettlesBy, a.disputed, a.lostFor, a.save, a.stored)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("save the payment of %s: %w", m.OrderID, err)
	}
	if len(d.news) == 0 {
		return nil
	}
	news := d.news
	d.news = nil
	return p.orders.Record(ctx, tx, d.order, by, cause, news...)
}
