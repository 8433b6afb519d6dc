// Package privacy gives a person what the shop knows of them, and forgets it when it is told to.
//
// A request is written down with its job in one transaction, and worked on in the background by a job that may run any
// number of times. It composes the domains that know something of people: each reads and forgets its own. What is
// forgotten is gone for good: rows are deleted, and of orders, whose events never change, the key is.
package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

// Domains are the domains that know something of people.
type Domains struct {
	Pool      *pgxpool.Pool
	Customers *customers.Customers
	Orders    *orders.Orders
	Payments  *payment.Payments
	Attempts  *access.Attempts
	Letters   func(ctx context.Context, orders []id.OrderID) (any, error) // which messages were sent about orders
}

// Privacy exports and erases what the shop knows of a customer.
type Privacy struct {
	Domains
	post func(ctx context.Context, tx pgx.Tx, request CustomerDataRequest) error
}

// New makes the domain over those that know something.
func New(domains Domains) *Privacy {
	return &Privacy{Domains: domains, post: func(context.Context, pgx.Tx, CustomerDataRequest) error { return nil }}
}

// Connect says who works on requests: post is called in the transaction that writes one down.
func (p *Privacy) Connect(post func(ctx context.Context, tx pgx.Tx, request CustomerDataRequest) error) {
	p.post = post
}

var (
	errNobody = fault.New(fault.NotFound, "NOT_FOUND", "Customer does not exist").At("input", "customerId")
	errToken  = fault.New(fault.Invalid, "TOKEN_INVALID", "Customer access token is invalid").At("input", "customerAccessToken")
	errBoth   = fault.New(fault.Invalid, "INVALID", "Give customerAccessToken or customerId, not both").At("input")
	errWhose  = fault.New(fault.Invalid, "BLANK", "Say whose data it is with customerAccessToken or customerId").At("input")
)

// AskExport writes down that a customer's data is to be exported; an export that is not done yet is given again.
func (p *Privacy) AskExport(ctx context.Context, actor access.Actor, in CustomerDataExportInput) (CustomerDataRequest, error) {
	return p.ask(ctx, actor, asking{kind: Export, scope: "customers:read", token: in.CustomerAccessToken, named: in.CustomerID})
}

// AskErase writes down that a customer is to be erased. There is one such request for a customer, also when the
// customer is gone already. Customers give their password: whoever has only got hold of a login takes nothing away for good.
func (p *Privacy) AskErase(ctx context.Context, actor access.Actor, in CustomerEraseInput) (CustomerDataRequest, error) {
	return p.ask(ctx, actor, asking{kind: Erase, scope: "customers:write", token: in.CustomerAccessToken, named: in.CustomerID, password: in.Password})
}

// asking is what is asked for, whose data it is about, and what it takes to ask.
type asking struct {
	kind         CustomerDataRequestKind
	scope        access.Scope // of those who ask for somebody else
	token, named *string
	password     *string
}

func (p *Privacy) ask(ctx context.Context, actor access.Actor, what asking) (CustomerDataRequest, error) {
	kind := what.kind
	customer, by, err := p.whose(ctx, actor, what.scope, what.token, what.named)
	if err != nil {
		return CustomerDataRequest{}, err
	}
	var known customers.Known
	if kind == Erase && by == ownerOf(customer) {
		if known, err = p.Customers.Confirm(ctx, actor, customer, what.password); err != nil {
			return CustomerDataRequest{}, err
		}
	}
	var lock customers.Lock
	if kind == Erase {
		if lock, err = p.Customers.NewLock(ctx); err != nil {
			return CustomerDataRequest{}, err
		}
	}
	var request CustomerDataRequest
	err = pg.InTx(ctx, p.Pool, func(tx pgx.Tx) error {
		held, err := p.Customers.Held(ctx, tx, customer)
		if err != nil {
			return err
		}
		if err := known.Stands(ctx, tx); err != nil {
			return err
		}
		last, found, err := one(ctx, tx, latestSQL, customer, kind)
		if err != nil {
			return err
		}
		if found && (last.Status != Done || kind == Erase && held == nil) {
			request = last
			return nil
		}
		if held == nil {
			return errNobody
		}
		if kind == Export {
			if err := p.spendExport(ctx, tx, actor, customer, by); err != nil {
				return err
			}
		}
		if kind == Erase { // the rest is a job's, and by then nothing new may have begun
			if err := p.Customers.Shut(ctx, tx, customer, lock); err != nil {
				return err
			}
		}
		request, err = p.add(ctx, tx, customer, kind, by)
		return err
	})
	return request, err
}

// How many exports there may be of one customer, and how many customers in one network may ask for, within half an hour:
// each reads all orders of somebody.
const (
	exportsPerCustomer = 5
	exportsPerNetwork  = 20
)

// spendExport counts an export that is really made. One that is asked for again while it runs is not.
func (p *Privacy) spendExport(ctx context.Context, tx pgx.Tx, actor access.Actor, customer id.CustomerID, by string) error {
	if by == ownerOf(customer) {
		if err := p.Attempts.Spend(ctx, tx, "exports from", access.Network(actor.Address).String(), exportsPerNetwork); err != nil {
			return err
		}
	}
	return p.Attempts.Spend(ctx, tx, "exports of", customer.String(), exportsPerCustomer)
}

// ownerOf names a customer as the author of what they do themselves.
func ownerOf(customer id.CustomerID) string {
	return access.Actor{Kind: access.Customer, ID: customer}.By()
}

// whose says whose data is asked for, and who asks. What is another's looks as if it were not there.
func (p *Privacy) whose(ctx context.Context, actor access.Actor, scope access.Scope, token, named *string) (id.CustomerID, string, error) {
	switch {
	case token != nil && named != nil:
		return id.CustomerID{}, "", errBoth
	case token != nil:
		owner, err := p.Customers.Authenticate(ctx, *token)
		if fault.IsKind(err, fault.Unauthenticated) {
			err = errToken
		}
		return owner.ID, owner.By(), err
	case named != nil:
		customer, err := id.ParseCustomerID(*named)
		if own, signedIn := actor.CustomerID(); err != nil || !actor.Can(scope) && (!signedIn || own != customer) {
			return customer, "", errNobody
		}
		return customer, actor.By(), nil
	}
	own, signedIn := actor.CustomerID()
	if !signedIn {
		return own, "", errWhose
	}
	return own, actor.By(), nil
}

// Visible is a request as the actor, or the customer of a token, may see it; nil when there is none, or it is not
// theirs to see.
func (p *Privacy) Visible(ctx context.Context, actor access.Actor, key string, token *string) (*CustomerDataRequest, error) {
	if token != nil {
		var err error
		if actor, err = p.Customers.Authenticate(ctx, *token); err != nil {
			return nil, unless(fault.Unauthenticated, err)
		}
	}
	request, err := id.ParseCustomerDataRequestID(key)
	if err != nil {
		request = id.CustomerDataRequestID{} // names nothing, and is answered as such
	}
	found, ok, err := one(ctx, p.Pool, requestSQL, request)
	if err != nil || !ok {
		return nil, err
	}
	if own, signedIn := actor.CustomerID(); !actor.Can("customers:read") && (!signedIn || own != found.CustomerID) {
		return nil, nil
	}
	if !actor.Can("customers:read") && byStaff(found.By) {
		found.Document, err = withoutNotes(found.Document)
	}
	return &found, err
}

// withoutNotes is an export that the staff asked for, as its customer reads it: what the staff wrote to each other is not
// in there.
func withoutNotes(document any) (any, error) {
	text, ok := document.(json.RawMessage)
	if !ok {
		return document, nil
	}
	var all map[string]json.RawMessage
	var list []map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(text, &all), json.Unmarshal(all["orders"], &list)); err != nil {
		return nil, fmt.Errorf("read an export: %w", err)
	}
	for _, o := range list {
		delete(o, "notes")
	}
	shown, err := json.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("write an export: %w", err)
	}
	all["orders"] = shown
	if shown, err = json.Marshal(all); err != nil {
		return nil, fmt.Errorf("write an export: %w", err)
	}
	return json.RawMessage(shown), nil
}

// unless is an error of any other kind.
func unless(kind fault.Kind, err error) error {
	if fault.IsKind(err, kind) {
		return nil
	}
	return err
}

const requestSQL = `
select id, customer_id, kind, status, reason, document, by, created_at, completed_at
from customer_data_request
where id = $1`

const latestSQL = `
select id, customer_id, kind, status, reason, document, by, created_at, completed_at
from customer_data_request
where customer_id = $1 and kind = $2
order by id desc
limit 1`

const addRequestSQL = `
insert into customer_data_request (id, customer_id, kind, by)
values ($1, $2, $3, $4)
returning id, customer_id, kind, status, reason, document, by, created_at, completed_at`

func (p *Privacy) add(ctx context.Context, tx pgx.Tx, customer id.CustomerID, kind CustomerDataRequestKind, by string) (CustomerDataRequest, error) {
	request, _, err := one(ctx, tx, addRequestSQL, id.NewCustomerDataRequestID(), customer, kind, by)
	if err != nil {
		return request, err
	}
	return request, p.post(ctx, tx, request)
}

func one(ctx context.Context, db pg.DB, statement string, arguments ...any) (CustomerDataRequest, bool, error) {
	var r CustomerDataRequest
	var gathered json.RawMessage // its numbers are not read, so that amounts stay as they are
	err := db.QueryRow(ctx, statement, arguments...).
		Scan(&r.ID, &r.CustomerID, &r.Kind, &r.Status, &r.Reason, &gathered, &r.By, &r.CreatedAt, &r.CompletedAt)
	if pg.IsNoRows(err) {
		return r, false, nil
	}
	if err != nil {
		return r, false, fmt.Errorf("read a request about personal data: %w", err)
	}
	if gathered != nil {
		r.Document = gathered
	}
	return r, true, nil
}
