package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/customers"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// document is what an export gathers. Only its form here is what people keep, so fields are added and never renamed.
type document struct {
	Customer             account         `json:"customer"`
	Addresses            []bookEntry     `json:"addresses"`
	Logins               any             `json:"logins"`
	Orders               []orders.Order  `json:"orders"`
	Carts                any             `json:"carts"`
	StoredPaymentMethods []storedPayment `json:"storedPaymentMethods"`
	Notifications        any             `json:"notifications"`
}

type account struct {
	ID               id.CustomerID `json:"id"`
	Email            *string       `json:"email"`
	EmailVerifiedAt  *time.Time    `json:"emailVerifiedAt"`
	FirstName        *string       `json:"firstName"`
	LastName         *string       `json:"lastName"`
	Phone            *string       `json:"phone"`
	AcceptsMarketing bool          `json:"acceptsMarketing"`
	Tags             []string      `json:"tags"`
	CreatedAt        time.Time     `json:"createdAt"`
	UpdatedAt        time.Time     `json:"updatedAt"`
}

type bookEntry struct {
	Address address.MailingAddress `json:"address"`
	Default bool                   `json:"default"`
	Updated time.Time              `json:"updatedAt"`
}

type storedPayment struct {
	Provider  string    `json:"provider"`
	Label     string    `json:"label"`
	CreatedAt time.Time `json:"createdAt"`
}

const exportOperation = "customerDataExport"

const finishSQL = `
update customer_data_request
set status = 'DONE', reason = null, document = $2, completed_at = now()
where id = $1 and status <> 'DONE'`

// Export gathers what the shop knows of the customer of a request. Done twice it changes nothing.
func (p *Privacy) Export(ctx context.Context, key id.CustomerDataRequestID) error {
	request, ok, err := one(ctx, p.Pool, requestSQL, key)
	if err != nil || !ok || request.Status == Done {
		return err
	}
	if err := p.linkOrders(ctx, request.CustomerID, exportOperation); err != nil {
		return err
	}
	gathered, err := p.gather(ctx, request)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, p.Pool, func(tx pgx.Tx) error {
		held, err := p.Customers.Held(ctx, tx, request.CustomerID)
		if err != nil {
			return err
		}
		if held == nil { // erased meanwhile: nothing is known any more
			gathered = nil
		}
		tag, err := tx.Exec(ctx, finishSQL, key, gathered)
		if err != nil {
			return fmt.Errorf("keep an export: %w", err)
		}
		if tag.RowsAffected() == 0 || held == nil {
			return nil
		}
		return p.Customers.Record(ctx, tx, request.CustomerID, request.By, exportOperation, customers.DataExported{})
	})
}

// linkOrders makes the orders the customer's that were placed as a guest since the e-mail address was confirmed: they are
// about the same person.
func (p *Privacy) linkOrders(ctx context.Context, customer id.CustomerID, cause string) error {
	found, err := p.Customers.Visible(ctx, access.SystemActor, customer)
	if err != nil || found == nil || !found.EmailVerified() {
		return err
	}
	return p.Orders.LinkGuestOrders(ctx, customer, *found.Email, cause)
}

func (p *Privacy) gather(ctx context.Context, request CustomerDataRequest) ([]byte, error) {
	found, err := p.Customers.Visible(ctx, access.SystemActor, request.CustomerID)
	if err != nil || found == nil {
		return nil, err
	}
	d := document{Customer: account{
		ID: found.ID, Email: found.Email, EmailVerifiedAt: found.EmailVerifiedAt, FirstName: found.FirstName, LastName: found.LastName,
		Phone: found.Phone, AcceptsMarketing: found.AcceptsMarketing, Tags: found.Tags, CreatedAt: found.CreatedAt, UpdatedAt: found.UpdatedAt,
	}, Addresses: []bookEntry{}, Orders: []orders.Order{}, StoredPaymentMethods: []storedPayment{}}
	books, err := p.Customers.AddressesByCustomer(ctx, []id.CustomerID{found.ID})
	if err != nil {
		return nil, err
	}
	for _, entry := range books[found.ID] {
		d.Addresses = append(d.Addresses, bookEntry{Address: entry.MailingAddress, Default: entry.Default, Updated: entry.UpdatedAt})
	}
	if d.Logins, err = p.Customers.Logins(ctx, found.ID); err != nil {
		return nil, err
	}
	var keys []id.OrderID
	err = p.eachOrder(ctx, found.ID, func(o orders.Order) error {
		o.TokenHash = nil
		if !byStaff(request.By) {
			o.Notes = nil // what the staff wrote to each other is not shown in the account either
		}
		for i := range o.Receipts {
			o.Receipts[i].By = "" // who of the staff has booked it says nothing of the customer
		}
		d.Orders, keys = append(d.Orders, o), append(keys, o.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if d.Carts, err = cart.KnownOf(ctx, p.Pool, found.ID, found.ProvenEmail()); err != nil {
		return nil, err
	}
	if d.Notifications, err = p.Letters(ctx, keys); err != nil {
		return nil, err
	}
	err = eachPage(func(page pg.Page) (pg.PageInfo, error) {
		list, err := p.Payments.StoredPaymentMethods(ctx, found.ID, page)
		for _, m := range list.Nodes {
			d.StoredPaymentMethods = append(d.StoredPaymentMethods, storedPayment{m.Provider, m.Label, m.CreatedAt})
		}
		return list.PageInfo, err
	})
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("write an export: %w", err)
	}
	return text, nil
}

func byStaff(by string) bool { return strings.HasPrefix(by, "staff:") }

// eachOrder walks over all orders of a customer.
func (p *Privacy) eachOrder(ctx context.Context, customer id.CustomerID, do func(orders.Order) error) error {
	return eachPage(func(page pg.Page) (pg.PageInfo, error) {
		list, err := p.Orders.CustomerOrders(ctx, customer, nil, orders.SortID, page)
		if err != nil {
			return list.PageInfo, err
		}
		for _, o := range list.Nodes {
			if err := do(o); err != nil {
				return list.PageInfo, err
			}
		}
		return list.PageInfo, nil
	})
}

// eachPage walks over all pages of a list.
func eachPage(read func(pg.Page) (pg.PageInfo, error)) error {
	first := pg.MaxPage
	page := pg.Page{First: &first}
	for {
		info, err := read(page)
		if err != nil || !info.HasNextPage {
			return err
		}
		page.After = info.EndCursor
	}
}

const forgetOldExportsSQL = `
update customer_data_request
set document = null
where document is not null and completed_at < now() - interval '7 days'`

// Purge forgets what exports have gathered, once they have been there for a week.
func (p *Privacy) Purge(ctx context.Context) error {
	if _, err := p.Pool.Exec(ctx, forgetOldExportsSQL); err != nil {
		return fmt.Errorf("forget old exports: %w", err)
	}
	return nil
}
