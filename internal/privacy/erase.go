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

// Erase forgets the customer of a request: at once the account with all that hangs on it, so that nothing new begins, and
// whose the orders were that are over, one by one. Of an order that is not over, its buyer's name and address stay, since
// somebody still has to bring it to them, and the payment method that it is paid with: it is forgotten when it is over, and
// waited for until then. It may die anywhere and be run again, and a *payment.Later says that it must be.
func (p *Privacy) Erase(ctx context.Context, key id.CustomerDataRequestID) error {
	request, ok, err := one(ctx, p.Pool, requestSQL, key)
	if err != nil || !ok {
		return err
	}
	if err := p.linkOrders(ctx, request.CustomerID, eraseOperation); err != nil {
		return err
	}
	var going []orders.Order
	there := true
	err = pg.InTx(ctx, p.Pool, func(tx pgx.Tx) (err error) {
		going, there, err = p.eraseAccount(ctx, tx, request)
		return err
	})
	if err != nil || !there {
		return err
	}
	if err := p.eraseOrders(ctx, request); err != nil {
		return err
	}
	if len(going) > 0 {
		return p.wait(ctx, request, going)
	}
	tag, err := p.Pool.Exec(ctx, finishSQL, request.ID, nil)
	if err != nil {
		return fmt.Errorf("end an erasure: %w", err)
	}
	if tag.RowsAffected() == 0 { // this was the last look
		return nil
	}
	return &payment.Later{In: lastLook}
}

const waitSQL = `
update customer_data_request
set status = 'WAITING', reason = $2
where id = $1 and status <> 'DONE'`

// namedOrders is how many open orders the reason names.
const namedOrders = 5

func (p *Privacy) wait(ctx context.Context, request CustomerDataRequest, going []orders.Order) error {
	var names []string
	for _, o := range going[:min(len(going), namedOrders)] {
		names = append(names, o.Name)
	}
	named := strings.Join(names, ", ")
	if more := len(going) - namedOrders; more > 0 {
		named = fmt.Sprintf("%s and %d more", named, more)
	}
	if _, err := p.Pool.Exec(ctx, waitSQL, request.ID, "The account is gone. These orders are not over yet: "+named+"."); err != nil {
		return fmt.Errorf("let an erasure wait: %w", err)
	}
	return &payment.Later{In: untilOver}
}

// eraseOrders lets each order of the customer that is over forget whose it was, each in a transaction of its own.
func (p *Privacy) eraseOrders(ctx context.Context, request CustomerDataRequest) error {
	return p.eachOrder(ctx, request.CustomerID, func(o orders.Order) error {
		if o.Erased || !o.Status.Final() {
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

const stillAskedSQL = `
select id
from customer_data_request
where id = $1`

// eraseAccount removes the account, the carts and the kept payment methods that no order needs any more, and gives the
// orders that are not over. They are read while the account is held: one that is being placed meanwhile is either among
// them or finds no account. False says that the request was withdrawn: the owner of the e-mail address has taken the
// account over from whoever had asked.
func (p *Privacy) eraseAccount(ctx context.Context, tx pgx.Tx, request CustomerDataRequest) (going []orders.Order, there bool, err error) {
	found, err := p.Customers.Held(ctx, tx, request.CustomerID)
	if err != nil {
		return nil, false, err
	}
	var asked id.CustomerDataRequestID
	if err := tx.QueryRow(ctx, stillAskedSQL, request.ID).Scan(&asked); pg.IsNoRows(err) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, fmt.Errorf("look whether an erasure is still asked for: %w", err)
	}
	if going, err = p.Orders.Going(ctx, tx, request.CustomerID); err != nil {
		return nil, false, err
	}
	needed := make([]id.OrderID, len(going))
	for i, o := range going {
		needed[i] = o.ID
	}
	if err := p.Payments.DeleteAllStored(ctx, tx, request.CustomerID, needed, request.By, eraseOperation); err != nil {
		return nil, false, err
	}
	if found == nil { // an earlier run has removed it
		return going, true, nil
	}
	if err := cart.Erase(ctx, tx, found.ID, found.ProvenEmail()); err != nil {
		return nil, false, err
	}
	if _, err := tx.Exec(ctx, forgetExportsSQL, found.ID); err != nil {
		return nil, false, fmt.Errorf("forget a customer's exports: %w", err)
	}
	if err := p.Customers.Record(ctx, tx, found.ID, request.By, eraseOperation, customers.Erased{}); err != nil {
		return nil, false, err
	}
	return going, true, p.Customers.Remove(ctx, tx, found.ID)
}
