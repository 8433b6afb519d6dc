package privacy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// How long an erasure waits before it looks again: for an order that is not over, and, after the account is gone, for
// an order that was being placed while it went.
const (
	untilOver = time.Hour
	lastLook  = time.Minute
)

const eraseOperation = "customerErase"

// Erase forgets the customer of a request: first the logins, so that nothing new begins, then whose the orders were,
// one by one, and last the account with all that hangs on it. An order that is not over is waited for, since somebody
// still has to bring it to its buyer; until then nothing is erased. It may die anywhere and be run again, and a
// *payment.Later says that it must be.
func (p *Privacy) Erase(ctx context.Context, key id.CustomerDataRequestID) error {
	request, ok, err := one(ctx, p.Pool, requestSQL, key)
	if err != nil || !ok {
		return err
	}
	if err := p.linkOrders(ctx, request.CustomerID, eraseOperation); err != nil {
		return err
	}
	open, err := p.openOrders(ctx, request.CustomerID)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		return p.wait(ctx, request, open)
	}
	if request.Status == Done {
		return p.eraseOrders(ctx, request)
	}
	if err := pg.InTx(ctx, p.Pool, func(tx pgx.Tx) error { return p.Customers.EndLogins(ctx, tx, request.CustomerID) }); err != nil {
		return err
	}
	if err := p.eraseOrders(ctx, request); err != nil {
		return err
	}
	if err := pg.InTx(ctx, p.Pool, func(tx pgx.Tx) error { return p.eraseAccount(ctx, tx, request) }); err != nil {
		return err
	}
	return &payment.Later{In: lastLook}
}

// openOrders are the names of the customer's orders that are not over.
func (p *Privacy) openOrders(ctx context.Context, customer id.CustomerID) (names []string, err error) {
	err = p.eachOrder(ctx, customer, func(o orders.Order) error {
		if !o.Status.Final() && !o.Erased {
			names = append(names, o.Name)
		}
		return nil
	})
	return names, err
}

const waitSQL = `
update customer_data_request
set status = 'WAITING', reason = $2
where id = $1 and status <> 'DONE'`

// namedOrders is how many open orders the reason names.
const namedOrders = 5

func (p *Privacy) wait(ctx context.Context, request CustomerDataRequest, open []string) error {
	named := strings.Join(open[:min(len(open), namedOrders)], ", ")
	reason := "These orders are not over yet: " + named + "."
	if more := len(open) - namedOrders; more > 0 {
		reason = fmt.Sprintf("These orders are not over yet: %s and %d more.", named, more)
	}
	if _, err := p.Pool.Exec(ctx, waitSQL, request.ID, reason); err != nil {
		return fmt.Errorf("let an erasure wait: %w", err)
	}
	return &payment.Later{In: untilOver}
}

// eraseOrders lets each order of the customer forget whose it was, each in a transaction of its own.
func (p *Privacy) eraseOrders(ctx context.Context, request CustomerDataRequest) error {
	return p.eachOrder(ctx, request.CustomerID, func(o orders.Order) error {
		if o.Erased {
			return nil
		}
		return pg.InTx(ctx, p.Pool, func(tx pgx.Tx) error {
			_, err := p.Orders.Erase(ctx, tx, access.SystemActor, o.ID, eraseOperation)
			return err
		})
	})
}

const forgetExportsSQL = `
update customer_data_request
set document = null
where customer_id = $1 and document is not null`

func (p *Privacy) eraseAccount(ctx context.Context, tx pgx.Tx, request CustomerDataRequest) error {
	there, err := p.Customers.Hold(ctx, tx, request.CustomerID)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, finishSQL, request.ID, nil)
	if err != nil {
		return fmt.Errorf("end an erasure: %w", err)
	}
	if tag.RowsAffected() == 0 || !there { // another run was faster
		return nil
	}
	if err := cart.Erase(ctx, tx, request.CustomerID); err != nil {
		return err
	}
	if err := p.Payments.DeleteAllStored(ctx, tx, request.CustomerID, request.By, eraseOperation); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, forgetExportsSQL, request.CustomerID); err != nil {
		return fmt.Errorf("forget a customer's exports: %w", err)
	}
	if err := p.Customers.Record(ctx, tx, request.CustomerID, request.By, eraseOperation, customers.Erased{}); err != nil {
		return err
	}
	return p.Customers.Remove(ctx, tx, request.CustomerID)
}
