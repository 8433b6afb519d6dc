package customers

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// Address is one entry of a customer's address book.
type Address struct {
	address.MailingAddress
	CustomerID id.CustomerID
	Default    bool
	UpdatedAt  time.Time
}

// fields are where a row of addresses goes.
func (a *Address) fields() []any {
	return []any{
		&a.ID, &a.CustomerID, &a.FirstName, &a.LastName, &a.Company, &a.Address1, &a.Address2, &a.City, &a.ProvinceCode,
		&a.Zip, &a.CountryCodeV2, &a.Phone, &a.Default, &a.UpdatedAt,
	}
}

// maxAddresses is how many addresses a customer keeps.
const maxAddresses = 100

const addressesByCustomerSQL = `
select id, customer_id, first_name, last_name, company, address1, address2, city, province_code, zip, country_code, phone,
       is_default, updated_at
from customer_address
where customer_id = any($1)
order by id`

// AddressesByCustomer gives the address books of customers, each with its oldest entry first. Who may see the customers
// is decided before.
func (c *Customers) AddressesByCustomer(ctx context.Context, customers []id.CustomerID) (map[id.CustomerID][]Address, error) {
	list, err := readAddresses(ctx, c.db, addressesByCustomerSQL, customers)
	books := make(map[id.CustomerID][]Address, len(customers))
	for _, a := range list {
		books[a.CustomerID] = append(books[a.CustomerID], a)
	}
	return books, err
}

const addressesByIDSQL = `
select id, customer_id, first_name, last_name, company, address1, address2, city, province_code, zip, country_code, phone,
       is_default, updated_at
from customer_address
where id = any($1)
  and ($2::uuid is null or customer_id = $2)`

// AddressesByID gives those of the addresses that are in a book which the actor may see.
func (c *Customers) AddressesByID(ctx context.Context, actor access.Actor, ids []id.MailingAddressID) (map[id.MailingAddressID]address.MailingAddress, error) {
	var owner *id.CustomerID
	if !actor.Can("customers:read") {
		own, signedIn := actor.CustomerID()
		if !signedIn {
			return nil, nil
		}
		owner = &own
	}
	list, err := readAddresses(ctx, c.db, addressesByIDSQL, ids, owner)
	byID := make(map[id.MailingAddressID]address.MailingAddress, len(list))
	for _, a := range list {
		byID[a.ID] = a.MailingAddress
	}
	return byID, err
}

// InBook finds an address in a customer's book; false says that it is not in there.
func InBook(ctx context.Context, db pg.DB, owner id.CustomerID, named id.MailingAddressID) (address.MailingAddress, bool, error) {
	list, err := readAddresses(ctx, db, addressesByIDSQL, []id.MailingAddressID{named}, owner)
	if err != nil || len(list) == 0 {
		return address.MailingAddress{}, false, err
	}
	return list[0].MailingAddress, true, nil
}

func readAddresses(ctx context.Context, db pg.DB, statement string, arguments ...any) ([]Address, error) {
	rows, err := db.Query(ctx, statement, arguments...)
	if err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Address, error) {
		var a Address
		err := row.Scan(a.fields()...)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	return list, nil
}

var (
	errNoAddress = fault.New(fault.NotFound, "NOT_FOUND", "Address does not exist")
	errTooMany   = fault.Newf(fault.Invalid, "INVALID", "An address book has at most %d addresses", maxAddresses).At("address")
)

// AddressCreate puts an address into the book of the token's customer; the first is the default. An address that is in
// the book already is not added a second time, so that a form that was sent twice makes one entry.
func (c *Customers) AddressCreate(ctx context.Context, token string, in address.MailingAddressInput) (address.MailingAddress, error) {
	entry, err := readAddress(in)
	if err != nil {
		return address.MailingAddress{}, err
	}
	err = c.inBook(ctx, token, func(tx pgx.Tx, owner id.CustomerID, book []Address) error {
		for _, other := range book {
			if same(other.MailingAddress, entry) {
				entry = other.MailingAddress
				return nil
			}
		}
		if len(book) >= maxAddresses {
			return errTooMany
		}
		entry.ID = id.NewMailingAddressID()
		return putAddress(ctx, tx, Address{MailingAddress: entry, CustomerID: owner, Default: len(book) == 0})
	})
	return entry, err
}

// AddressUpdate changes an address in the book of the token's customer: what is nil stays, an empty text goes.
func (c *Customers) AddressUpdate(ctx context.Context, token, key string, in address.MailingAddressInput) (address.MailingAddress, error) {
	var entry address.MailingAddress
	err := c.inBook(ctx, token, func(tx pgx.Tx, owner id.CustomerID, book []Address) error {
		i, found := place(book, key)
		if !found {
			return errNoAddress.At("id")
		}
		var err error
		if entry, err = readAddress(over(book[i].MailingAddress, in)); err != nil {
			return err
		}
		entry.ID = book[i].ID
		if !same(book[i].MailingAddress, entry) {
			if err := noteRemoved(ctx, tx, owner); err != nil {
				return err
			}
		}
		book[i].MailingAddress = entry
		return putAddress(ctx, tx, book[i])
	})
	return entry, err
}

const noteRemovedSQL = `
update customer
set addresses_removed_at = clock_timestamp()
where id = $1`

// noteRemoved notes that an address is not in the book any more: no order of before brings it back.
func noteRemoved(ctx context.Context, tx pgx.Tx, owner id.CustomerID) error {
	if _, err := tx.Exec(ctx, noteRemovedSQL, owner); err != nil {
		return fmt.Errorf("note that an address was taken out: %w", err)
	}
	return nil
}

const dropAddressSQL = `
delete from customer_address
where id = $1`

// AddressDelete takes an address out of the book of the token's customer. When it was the default, the newest of the
// others is from then on.
func (c *Customers) AddressDelete(ctx context.Context, token, key string) (id.MailingAddressID, error) {
	var gone id.MailingAddressID
	err := c.inBook(ctx, token, func(tx pgx.Tx, owner id.CustomerID, book []Address) error {
		i, found := place(book, key)
		if !found {
			return errNoAddress.At("id")
		}
		gone = book[i].ID
		if _, err := tx.Exec(ctx, dropAddressSQL, gone); err != nil {
			return fmt.Errorf("delete an address: %w", err)
		}
		if err := noteRemoved(ctx, tx, owner); err != nil {
			return err
		}
		rest := append(book[:i:i], book[i+1:]...)
		if !book[i].Default || len(rest) == 0 {
			return nil
		}
		return setDefault(ctx, tx, owner, rest[len(rest)-1].ID)
	})
	return gone, err
}

// SetDefaultAddress makes an address of the book the default.
func (c *Customers) SetDefaultAddress(ctx context.Context, token, key string) (Customer, error) {
	var owner access.Actor
	err := c.inBook(ctx, token, func(tx pgx.Tx, customer id.CustomerID, book []Address) error {
		i, found := place(book, key)
		if !found {
			return errNoAddress.At("addressId")
		}
		owner = access.Actor{Kind: access.Customer, ID: customer}
		return setDefault(ctx, tx, customer, book[i].ID)
	})
	if err != nil {
		return Customer{}, err
	}
	account, err := c.Visible(ctx, owner, owner.ID)
	if err != nil || account == nil {
		return Customer{}, firstOf(err, errOwner)
	}
	return *account, nil
}

// place finds an address in a book by the id that a caller gives. What is in another book is not there.
func place(book []Address, key string) (int, bool) {
	wanted, err := id.ParseMailingAddressID(key)
	for i, a := range book {
		if err == nil && a.ID == wanted {
			return i, true
		}
	}
	return 0, false
}

// inBook changes the book of the token's customer, whose row is held: two changes at once follow each other, so that
// the limit holds and there is one default.
func (c *Customers) inBook(ctx context.Context, token string, change func(tx pgx.Tx, owner id.CustomerID, book []Address) error) error {
	owner, err := c.owner(ctx, token)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, c.db, func(tx pgx.Tx) error {
		if _, err := c.hold(ctx, tx, owner.ID); err != nil {
			return err
		}
		if err := c.stillSignedIn(ctx, tx, owner); err != nil {
			return err
		}
		book, err := readAddresses(ctx, tx, addressesByCustomerSQL, []id.CustomerID{owner.ID})
		if err != nil {
			return err
		}
		return change(tx, owner.ID, book)
	})
}

const putAddressSQL = `
insert into customer_address (id, customer_id, first_name, last_name, company, address1, address2, city, province_code,
                              zip, country_code, phone, is_default)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (id) do update
set first_name = excluded.first_name, last_name = excluded.last_name, company = excluded.company,
    address1 = excluded.address1, address2 = excluded.address2, city = excluded.city,
    province_code = excluded.province_code, zip = excluded.zip, country_code = excluded.country_code,
    phone = excluded.phone, updated_at = now()`

func putAddress(ctx context.Context, tx pgx.Tx, a Address) error {
	if _, err := tx.Exec(ctx, putAddressSQL, a.ID, a.CustomerID, a.FirstName, a.LastName, a.Company, a.Address1, a.Address2,
		a.City, a.ProvinceCode, a.Zip, a.CountryCodeV2, a.Phone, a.Default); err != nil {
		return fmt.Errorf("keep an address: %w", err)
	}
	return nil
}

const clearDefaultSQL = `
update customer_address
set is_default = false
where customer_id = $1 and is_default and id <> $2`

const setDefaultSQL = `
update customer_address
set is_default = true
where id = $1`

func setDefault(ctx context.Context, tx pgx.Tx, owner id.CustomerID, chosen id.MailingAddressID) error {
	if _, err := tx.Exec(ctx, clearDefaultSQL, owner, chosen); err != nil {
		return fmt.Errorf("take the default from an address: %w", err)
	}
	if _, err := tx.Exec(ctx, setDefaultSQL, chosen); err != nil {
		return fmt.Errorf("make an address the default: %w", err)
	}
	return nil
}
