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

	// What is to be written of it.
	touched   bool
	changed   []*PaymentAttempt
	confirmed bool // the order keeps its stock
	news      []event.Data
}

// errNothingOwed says that the order never needed a payment.
var errNothingOwed = errors.New("nothing is owed for this order")

const dossiersSQL = `
select order_id, id, amount, currency, methods, tried, state, waits_for, deadline, due_at, expiry_due_at, clock_timestamp()
from payment
where order_id = any((select $1::uuid[])::uuid[])`

// allAttemptsSQL begins every statement that reads attempts, in the order in which scanAttempt takes their columns.
const allAttemptsSQL = `
select id, order_id, number, provider, token, rank, state, challenged, abandoned, amount, currency,
	authorized, captured, refunded, voided, provider_ref, reason, challenge_url, tries, lease_until, next_try_at, started_at, finished_at,
	expires_at, renew_at, renews, settles_by, disputed, dispute_lost, save, stored_method_id, saved_for,
	(select coalesce(sum(c.amount), 0)::bigint from payment_operation c where c.attempt_id = payment_attempt.id and c.kind = 'CREDIT')
from payment_attempt
`

const attemptsSQL = allAttemptsSQL + `where order_id = any((select $1::uuid[])::uuid[])
order by order_id, number`

// open reads the dossier of an order that the caller has locked.
func open(ctx context.Context, tx pgx.Tx, order *orders.Order) (*dossier, error) {
	b := &pgx.Batch{}
	found := queueDossiers(b, []id.OrderID{order.ID})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("read the payment of %s: %w", order.ID, err)
	}
	d := found[order.ID]
	if d == nil {
		return nil, errNothingOwed
	}
	d.order = order
	return d, nil
}

// queueDossiers reads the dossiers of orders that are locked by then, as the batch is sent. An order for which nothing
// is owed has none.
func queueDossiers(b *pgx.Batch, list []id.OrderID) map[id.OrderID]*dossier {
	found := make(map[id.OrderID]*dossier, len(list))
	b.Queue(dossiersSQL, list).Query(func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			d := &dossier{}
			p := &d.payment
			if err := rows.Scan(&p.OrderID, &p.ID, &p.Amount.Minor, &p.Amount.CurrencyCode, &p.methods, &p.tried, &p.stage,
				&p.waitsFor, &p.deadline, &p.dueAt, &p.expiryDueAt, &d.now); err != nil {
				return err
			}
			found[p.OrderID] = d
		}
		return rows.Err()
	})
	b.Queue(attemptsSQL, list).Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, scanAttempt)
		for _, a := range all {
			if d := found[a.OrderID]; d != nil {
				d.payment.Attempts = append(d.payment.Attempts, a)
			}
		}
		return err
	})
	b.Queue(openOperationsSQL, list).Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, scanOperation)
		for _, o := range all {
			if d := found[o.order]; d != nil {
				d.asked = append(d.asked, o)
			}
		}
		return err
	})
	return found
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
		&a.ExpiresAt, &a.RenewAt, &a.renews, &a.SettlesBy, &a.disputed, &a.lostFor, &a.save, &a.stored, &a.savedFor, &a.credited)
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
