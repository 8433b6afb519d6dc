package adyen

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/money"
)

// callKind is what the shop has asked Adyen to do.
type callKind string

// The kinds of calls. The last one asks nothing of Adyen: the shop has given the key up.
const (
	callPayment callKind = "PAYMENT"
	callDetails callKind = "DETAILS" // what the shopper has brought back from a challenge
	callCapture callKind = "CAPTURE"
	callRefund  callKind = "REFUND"
	callCancel  callKind = "CANCEL"
	callRevoke  callKind = "REVOKE" // a cancellation by our own reference, of a payment that we know nothing of
	callClose   callKind = "CLOSE"
)

// call is what Adyen has answered.
type call struct {
	charge uuid.UUID
	kind   callKind
	key    uuid.UUID
	psp    string
	result string
	amount money.Money
	reason string
	url    string
	saved  savedMethod

	settlesBy *time.Time // until when the bank decides; nil when that is a matter of minutes
}

// note is one item of a notification that was signed rightly and is for this account.
type note struct {
	psp      string
	code     string
	success  bool
	at       time.Time
	charge   uuid.UUID
	original string
	value    amount
	amount   money.Money // value in the shop's own minor units; only when read
	reason   string
	saved    savedMethod
}

// savedMethod is a payment method that Adyen has stored.
type savedMethod struct{ ref, label string }

// store keeps what Adyen has told. It only ever adds, and the same thing twice is there once.
type store struct{ pool *pgxpool.Pool }

const keepNoteSQL = `
insert into adyen_notification (psp_reference, event_code, success, happened_at, charge, original_reference, value, currency,
	reason, stored_method, stored_label)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict do nothing`

// note keeps the items of one notification, all or none.
func (s store) note(ctx context.Context, notes []note) error {
	b := &pgx.Batch{}
	for _, n := range notes {
		b.Queue(keepNoteSQL, n.psp, n.code, n.success, n.at, n.charge, n.original, n.value.Value, n.value.Currency,
			n.reason, n.saved.ref, n.saved.label)
	}
	if err := s.pool.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("adyen: keep a notification: %w", err)
	}
	return nil
}

const keepCallSQL = `
insert into adyen_call (charge, kind, call_key, psp_reference, result, value, currency, reason, action_url, stored_method, stored_label,
	settles_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict do nothing`

// keep keeps the answer to a call.
func (s store) keep(ctx context.Context, c call) error {
	value, err := inMinorUnits(c.amount)
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, keepCallSQL, c.charge, c.kind, c.key, c.psp, c.result, value.Value, value.Currency, c.reason, c.url,
		c.saved.ref, c.saved.label, c.settlesBy)
	if err != nil {
		return fmt.Errorf("adyen: keep an answer: %w", err)
	}
	return nil
}

const callsSQL = `
select charge, kind, call_key, psp_reference, result, value, currency, reason, action_url, stored_method, stored_label, settles_by
from adyen_call
where charge = $1
order by at, call_key`

const notesSQL = `
select psp_reference, event_code, success, happened_at, charge, original_reference, value, currency, reason, stored_method, stored_label
from adyen_notification
where charge = $1
order by happened_at, psp_reference, event_code, success`

// read gives all that is known under a key, in an order that does not depend on when notifications came.
func (s store) read(ctx context.Context, key uuid.UUID) ([]call, []note, error) {
	rows, err := s.pool.Query(ctx, callsSQL, key)
	if err != nil {
		return nil, nil, fmt.Errorf("adyen: read answers: %w", err)
	}
	calls, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (call, error) {
		var c call
		var v amount
		err := row.Scan(&c.charge, &c.kind, &c.key, &c.psp, &c.result, &v.Value, &v.Currency, &c.reason, &c.url, &c.saved.ref, &c.saved.label,
			&c.settlesBy)
		if err != nil || v.Currency == "" {
			return c, err
		}
		c.amount, err = v.money()
		return c, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("adyen: read answers: %w", err)
	}
	rows, err = s.pool.Query(ctx, notesSQL, key)
	if err != nil {
		return nil, nil, fmt.Errorf("adyen: read notifications: %w", err)
	}
	notes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (note, error) {
		var n note
		err := row.Scan(&n.psp, &n.code, &n.success, &n.at, &n.charge, &n.original, &n.value.Value, &n.value.Currency, &n.reason,
			&n.saved.ref, &n.saved.label)
		if err != nil || n.value.Currency == "" {
			return n, err
		}
		n.amount, err = n.value.money()
		return n, err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("adyen: read notifications: %w", err)
	}
	return calls, notes, nil
}
