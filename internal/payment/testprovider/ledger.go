package testprovider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// The kinds of entries in the books. Each is stored and never changes.
const (
	entryChallenge = "CHALLENGE"
	entryPending   = "PENDING"
	entryAuthorize = "AUTHORIZE"
	entryDecline   = "DECLINE"
	entryClose     = "CLOSE"
	entryCapture   = "CAPTURE"
	entryRefund    = "REFUND"
	entryVoid      = "VOID"
	entryDispute   = "DISPUTE"
	entryWon       = "DISPUTE_WON"
	entryLost      = "DISPUTE_LOST"
)

type entry struct {
	ChargeKey string
	EntryKey  string
	Kind      string
	Reference string
	Amount    int64
	Currency  money.Currency
	Reason    string // of a decline; else the token, where it says what happens later
	ExpiresAt *time.Time
	SettlesBy *time.Time
	Saved     *string // the method that is kept
}

// charge is the sum of the entries under one key; without any its State is empty.
type charge struct {
	payment.Charge
	asked    int64 // the amount of the first call
	currency money.Currency
	entries  []entry
}

// decided says that the key has its verdict, which no later call changes.
func (c charge) decided() bool {
	switch c.State {
	case payment.ChargeAuthorized, payment.ChargeDeclined, payment.ChargeClosed:
		return true
	}
	return false
}

// has says that a call with this key has been booked before.
func (c charge) has(key, kind string) bool {
	for _, e := range c.entries {
		if e.EntryKey == key && e.Kind == kind {
			return true
		}
	}
	return false
}

// fits refuses a key that comes back with another amount: that is a mistake of the shop, not a new wish.
func (c charge) fits(a payment.Authorization) error {
	if c.asked != 0 && (c.asked != a.Amount.Minor || c.currency != a.Amount.CurrencyCode) {
		return fmt.Errorf("key %s was used for another amount", a.Key)
	}
	return nil
}

// answer is what a call that authorizes says about the charge.
func (c charge) answer() (payment.Charge, error) {
	switch c.State {
	case payment.ChargeDeclined, payment.ChargeClosed:
		return c.Charge, payment.Declined(c.Reason)
	case payment.ChargeChallenge:
		return c.Charge, payment.ActionRequired(c.Reason)
	}
	return c.Charge, nil
}

const chargeSQL = `
select charge_key::text, entry_key::text, kind, reference, amount, currency, reason, expires_at, settles_by, saved
from test_provider_entry
where charge_key = $1
order by id`

// charge adds the entries of one key up.
func (p *Provider) charge(ctx context.Context, db pg.DB, key string) (charge, error) {
	rows, err := db.Query(ctx, chargeSQL, key)
	if err != nil {
		return charge{}, fmt.Errorf("read the books: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[entry])
	if err != nil {
		return charge{}, fmt.Errorf("read the books: %w", err)
	}
	return p.sum(key, entries), nil
}

func sum(key string, entries []entry) charge {
	c := charge{entries: entries}
	var authorized, captured, refunded, voided, disputed, lost int64
	for _, e := range entries {
		c.currency = e.Currency
		switch e.Kind {
		case entryChallenge:
			c.State, c.Reason, c.asked = payment.ChargeChallenge, e.Reason, e.Amount
		case entryPending:
			c.State, c.Reason, c.asked, c.SettlesBy = payment.ChargePending, "", e.Amount, e.SettlesBy
		case entryAuthorize:
			c.State, c.Reason, c.asked, c.SettlesBy = payment.ChargeAuthorized, "", e.Amount, nil
			c.ExpiresAt = e.ExpiresAt
			authorized += e.Amount
			if e.Saved != nil {
				c.Saved = &payment.SavedMethod{Ref: *e.Saved, Label: label}
			}
		case entryDecline:
			c.State, c.Reason, c.asked, c.SettlesBy = payment.ChargeDeclined, e.Reason, e.Amount, nil
		case entryClose:
			c.State, c.Reason = payment.ChargeClosed, e.Reason
		case entryCapture:
			captured += e.Amount
		case entryRefund:
			refunded += e.Amount
		case entryVoid:
			voided += e.Amount
			c.State, c.Reason = payment.ChargeClosed, reasonClosed
		case entryDispute:
			disputed += e.Amount
		case entryWon:
			disputed -= e.Amount
		case entryLost:
			lost += e.Amount
		}
	}
	if len(entries) > 0 {
		c.Ref, c.Reference = "test_"+key, entries[0].Reference
	}
	c.Authorized, c.Captured = money.New(authorized, c.currency), money.New(captured, c.currency)
	c.Refunded, c.Voided = money.New(refunded, c.currency), money.New(voided, c.currency)
	c.Disputed, c.DisputeLost = money.New(disputed, c.currency), money.New(lost, c.currency)
	return c
}

const lockChargeSQL = `
select pg_advisory_xact_lock(hashtextextended('test_provider ' || $1::text, 0))`

// lock makes calls under the same key wait for each other; there may be no row yet to lock.
func lock(ctx context.Context, tx pgx.Tx, key string) error {
	if _, err := tx.Exec(ctx, lockChargeSQL, key); err != nil {
		return fmt.Errorf("lock charge: %w", err)
	}
	return nil
}

const enterSQL = `
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency, reason, expires_at, settles_by, saved)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict do nothing`

// enter writes one entry; the same call again, or a second verdict, changes nothing.
func enter(ctx context.Context, tx pgx.Tx, e entry) error {
	_, err := tx.Exec(ctx, enterSQL, e.ChargeKey, e.EntryKey, e.Kind, e.Reference, e.Amount, e.Currency, e.Reason,
		e.ExpiresAt, e.SettlesBy, e.Saved)
	if err != nil {
		return fmt.Errorf("write %s into the books: %w", e.Kind, err)
	}
	return nil
}

// The books of a bank are on a disk of their own. Here they share the shop's, and a flush for each charge is one that every
// order waits for. A charge that is not flushed is lost with a crash of the database only where nothing that has been
// written after it, such as the shop's note of it, was flushed either: to both it was never asked for.
const beginSQL = `
with locked as materialized (
	select pg_advisory_xact_lock(hashtextextended('test_provider ' || $1::text, 0)),
	       set_config('synchronous_commit', 'off', true)
)
insert into test_provider_entry (charge_key, entry_key, kind, reference, amount, currency, reason, expires_at, settles_by)
select $1::uuid, $2, $3, $4, $5, $6, $7, $8, $9
from locked
where not exists (select from test_provider_entry where charge_key = $1::uuid)
on conflict do nothing`

// begin writes the verdict with which a charge begins, and says whether it has begun with that. Where another call comes
// first, the books let only one of the two verdicts in.
func begin(ctx context.Context, db pg.DB, e entry) (bool, error) {
	tag, err := db.Exec(ctx, beginSQL, e.ChargeKey, e.EntryKey, e.Kind, e.Reference, e.Amount, e.Currency, e.Reason,
		e.ExpiresAt, e.SettlesBy)
	if err != nil {
		return false, fmt.Errorf("test provider: write %s into the books: %w", e.Kind, err)
	}
	return tag.RowsAffected() == 1, nil
}

// booksPage is how many charges one page of the books has.
const booksPage = 200

// A charge stands in the books at its last entry, so a page costs what is on it.
const changedSQL = `
select charge_key::text, at
from test_provider_entry e
where (at, charge_key) > ($1::timestamptz, $2::uuid)
	and not exists (
		select from test_provider_entry later
		where later.charge_key = e.charge_key and (later.at, later.id) > (e.at, e.id))
order by at, charge_key
limit $3`

const entriesSQL = `
select charge_key::text, entry_key::text, kind, reference, amount, currency, reason, expires_at, settles_by, saved
from test_provider_entry
where charge_key = any($1::uuid[])
order by id`

// Charges shows the books: the charges that have changed since then, oldest change first.
func (p *Provider) Charges(ctx context.Context, since time.Time, page string) ([]payment.Entry, string, error) {
	from, after := since, uuid.Nil.String()
	if at, key, ok := strings.Cut(page, " "); ok {
		t, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			return nil, "", fmt.Errorf("test provider: %q is no page: %w", page, err)
		}
		from, after = t, key
	}
	rows, err := p.pool.Query(ctx, changedSQL, from, after, booksPage)
	if err != nil {
		return nil, "", fmt.Errorf("test provider: read the books: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payment.Entry, error) {
		var e payment.Entry
		err := row.Scan(&e.Key, &e.ChangedAt)
		return e, err
	})
	if err != nil || len(list) == 0 {
		return nil, "", err
	}
	keys := make([]string, len(list))
	for i, e := range list {
		keys[i] = e.Key
	}
	rows, err = p.pool.Query(ctx, entriesSQL, keys)
	if err != nil {
		return nil, "", fmt.Errorf("test provider: read the books: %w", err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[entry])
	if err != nil {
		return nil, "", fmt.Errorf("test provider: read the books: %w", err)
	}
	byKey := make(map[string][]entry, len(list))
	for _, e := range entries {
		byKey[e.ChargeKey] = append(byKey[e.ChargeKey], e)
	}
	for i := range list {
		list[i].Charge = p.sum(list[i].Key, byKey[list[i].Key]).Charge
		list[i].Reference = list[i].Charge.Reference
	}
	next := ""
	if len(list) == booksPage {
		last := list[len(list)-1]
		next = last.ChangedAt.Format(time.RFC3339Nano) + " " + last.Key
	}
	return list, next, nil
}
