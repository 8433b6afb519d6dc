package payment

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// StoredPaymentMethod is a payment method that a provider keeps for a customer. Its reference at the provider leaves
// this package only on the way to that provider.
type StoredPaymentMethod struct {
	ID        id.StoredPaymentMethodID
	Provider  string
	Label     string // for people, such as: Visa ending in 4242
	CreatedAt time.Time
}

// LogValue leaves out of logs what is about a person.
func (m StoredPaymentMethod) LogValue() slog.Value { return slog.StringValue(m.ID.String()) }

// StoredPaymentMethodConnection is one page of kept methods.
type StoredPaymentMethodConnection = pg.Connection[StoredPaymentMethod]

// StoredPaymentMethodEdge is one method of a page.
type StoredPaymentMethodEdge = pg.Edge[StoredPaymentMethod]

// MethodSaved tells that a provider keeps a payment method for a customer from now on.
type MethodSaved struct {
	CustomerID id.CustomerID `json:"customerId"`
	Provider   string        `json:"provider"`
}

// Kind is payment.method_saved.
func (MethodSaved) Kind() string { return "payment.method_saved" }

// MethodDeleted tells that a kept payment method is there for nobody any more, and that its provider must forget it.
type MethodDeleted struct {
	CustomerID *id.CustomerID `json:"customerId,omitempty"` // none where it was kept for nobody
	Provider   string         `json:"provider"`
}

// Kind is payment.method_deleted.
func (MethodDeleted) Kind() string { return "payment.method_deleted" }

const saveMethodSQL = `
insert into payment_stored_method (id, customer_id, provider, ref, label)
values ($1, $2, $3, $4, $5)
on conflict (customer_id, provider, ref) where deleted_at is null do nothing`

const savedMethodSQL = `
select id
from payment_stored_method
where customer_id = $1
	and provider = $2
	and ref = $3
	and deleted_at is null`

const savedForSQL = `
select saved_for
from payment_attempt
where id = $1
for update`

// saved keeps the method of an attempt for the order's customer, once, however often the provider tells of it. One that
// the customer has deleted since stays deleted. The provider keeps it under whom it was asked with: where that is not the
// order's customer any more, or the account is the owner's of its address by now, it is nobody's. The customer has agreed
// to that for the method and not for the order, so it is kept whatever has become of the order meanwhile, as it stays when
// an order is cancelled that was authorized before. What nobody can use is forgotten instead, once nothing is reserved with it.
func (p *Payments) saved(ctx context.Context, tx pgx.Tx, d *dossier, a *PaymentAttempt, c Charge, cause string) error {
	if c.Saved == nil || !a.save || a.stored != nil || c.Saved.Ref == "" || len(c.Saved.Ref) > maxToken {
		return nil
	}
	if c.State == ChargePending || c.State == ChargeChallenge { // nobody has said yes
		return nil
	}
	var customer *id.CustomerID // locked, since an account may be taken over at this moment
	if err := tx.QueryRow(ctx, savedForSQL, a.ID).Scan(&customer); err != nil {
		return fmt.Errorf("find for whom %s is kept: %w", a.ID, err)
	}
	if now := d.order.CustomerID; customer != nil && (now == nil || *now != *customer) {
		customer = nil
	}
	wanted := customer != nil && !d.order.Erased && c.approved()
	if !wanted && c.approved() && d.payment.stage != stageClosed && slices.ContainsFunc(d.payment.Attempts, holds) {
		return nil // a reservation may have to be renewed with it, and the answer to what ends it tells of it again
	}
	if !wanted {
		return p.unwanted(ctx, tx, customer, a, c.Saved.Ref, cause)
	}
	method := id.NewStoredPaymentMethodID()
	tag, err := tx.Exec(ctx, saveMethodSQL, method, *customer, a.Provider, c.Saved.Ref, labeled(c.Saved.Label))
	if err != nil {
		return fmt.Errorf("keep the payment method of %s: %w", a.ID, err)
	}
	if tag.RowsAffected() == 0 {
		if err := tx.QueryRow(ctx, savedMethodSQL, *customer, a.Provider, c.Saved.Ref).Scan(&method); err != nil {
			return fmt.Errorf("find the payment method of %s: %w", a.ID, err)
		}
		a.stored = &method
		return nil
	}
	a.stored = &method
	_, err = p.events.Append(ctx, tx, method, 0, bySystem, cause, MethodSaved{CustomerID: *customer, Provider: a.Provider})
	return err
}

func holds(a PaymentAttempt) bool { return a.reserved() > 0 }

// approved says that the charge was authorized once, whatever has become of it since.
func (c Charge) approved() bool { return c.Authorized.Minor > 0 || c.State == ChargeInvoiced }

const unwantedMethodSQL = `
insert into payment_stored_method (id, customer_id, provider, ref, label, deleted_at, due_at)
values ($1, $2, $3, $4, '', clock_timestamp(), clock_timestamp())`

// unwanted lets a provider forget a method that it keeps for nobody: the order is not any more whose it was when it
// was paid, since its customer was erased or has lost the account to the owner of its address, or the payment was declined
// after all. It was never there for anybody, so only its end is told.
func (p *Payments) unwanted(ctx context.Context, tx pgx.Tx, customer *id.CustomerID, a *PaymentAttempt, ref, cause string) error {
	method := id.NewStoredPaymentMethodID()
	if _, err := tx.Exec(ctx, unwantedMethodSQL, method, customer, a.Provider, ref); err != nil {
		return fmt.Errorf("give up the payment method of %s: %w", a.ID, err)
	}
	a.stored = &method
	_, err := p.events.Append(ctx, tx, method, 0, bySystem, cause, MethodDeleted{CustomerID: customer, Provider: a.Provider})
	return err
}

// labeled is a provider's words for a method as far as they fit and hold no card number.
func labeled(label string) string {
	if isCardNumber(label) || !utf8.ValidString(label) {
		return ""
	}
	if runes := []rune(label); len(runes) > 255 {
		return string(runes[:255])
	}
	return label
}

const storedRefSQL = `
select ref
from payment_stored_method
where id = $1
	and customer_id = $2
	and deleted_at is null`

// storedRef is what a provider knows a kept method by, or pgx.ErrNoRows.
func storedRef(ctx context.Context, tx pgx.Tx, customer *id.CustomerID, method id.StoredPaymentMethodID) (string, error) {
	var ref string
	err := tx.QueryRow(ctx, storedRefSQL, method, customer).Scan(&ref)
	return ref, err
}

// tokenOf is with what an attempt is renewed: the kept method, or what was sent where none was kept. It is pgx.ErrNoRows
// when the method was deleted: whoever deletes it does not want it to be charged any more.
func tokenOf(ctx context.Context, tx pgx.Tx, a *PaymentAttempt) (string, error) {
	if a.stored == nil {
		return a.token, nil
	}
	var ref string
	err := tx.QueryRow(ctx, keptRefSQL, *a.stored).Scan(&ref)
	return ref, err
}

const keptRefSQL = `
select ref
from payment_stored_method
where id = $1
	and deleted_at is null`

const storedOfSQL = `
select id, provider, label, created_at
from payment_stored_method
where id = $1
	and customer_id = $2
	and deleted_at is null`

// storedOf is a kept method of a customer; nil for one that is not there, or is another's.
func storedOf(ctx context.Context, db pg.DB, customer id.CustomerID, method id.StoredPaymentMethodID) (*StoredPaymentMethod, error) {
	rows, err := db.Query(ctx, storedOfSQL, method, customer)
	if err != nil {
		return nil, fmt.Errorf("read a stored payment method: %w", err)
	}
	kept, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[StoredPaymentMethod])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // no method is no error
	}
	if err != nil {
		return nil, fmt.Errorf("read a stored payment method: %w", err)
	}
	return kept, nil
}
