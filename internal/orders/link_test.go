package orders_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

// What a guest bought becomes the account's once, and only what was bought with the very address.
func TestGuestOrdersBecomeACustomers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, eve := id.NewCustomerID(), id.NewCustomerID()
	guest, erased := d.place(lamp()), d.place(lamp())
	foreign := lamp()
	foreign.CustomerID = &eve
	hers := d.place(foreign)
	other := lamp()
	other.Personal.Email = ptr("grace@example.com")
	graces := d.place(other)
	err := d.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := d.Erase(ctx, tx, access.SystemActor, erased.ID, "test")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.LinkGuestOrders(t.Context(), ada, "ada@example.com", "job:link_orders:1"); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := d.kinds(guest.ID), []string{"order.placed", "order.customer_linked"}; !slices.Equal(got, want) {
		t.Errorf("the guest's order has %v, want %v", got, want)
	}
	for name, order := range map[string]id.OrderID{"another's": hers.ID, "another address": graces.ID} {
		if got := d.kinds(order); len(got) != 1 {
			t.Errorf("%s order has %v", name, got)
		}
	}
	if got := d.kinds(erased.ID); slices.Contains(got, "order.customer_linked") {
		t.Errorf("an erased order was linked: %v", got)
	}
	now, err := d.Order(t.Context(), d.pool, guest.ID)
	if err != nil || now.CustomerID == nil || *now.CustomerID != ada {
		t.Fatalf("the order is %v's, %v", now.CustomerID, err)
	}
	d.sameAsRow(now)
	if !orders.MayRead(access.Actor{Kind: access.Customer, ID: ada}, now, nil) || orders.MayRead(access.Actor{Kind: access.Customer, ID: eve}, now, nil) {
		t.Error("the order is not seen by its customer alone")
	}
	if _, err := d.record(guest.ID, orders.CustomerLinked{CustomerID: eve}); err == nil {
		t.Error("a customer's order became another's")
	}
}

// Who takes an account over does not see what another bought with it under another address, and loses nothing of their own.
func TestOthersOrdersLeaveTheAccount(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ada, eve := id.NewCustomerID(), id.NewCustomerID()
	of := func(customer id.CustomerID, email string) orders.Order {
		placed := lamp()
		placed.CustomerID, placed.Personal.Email = &customer, &email
		return d.place(placed)
	}
	theirs, more, hers, eves := of(ada, "thief@example.com"), of(ada, "Thief@example.com"), of(ada, "Ada@example.com"), of(eve, "thief@example.com")
	erased := of(ada, "thief@example.com")
	err := d.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := d.Erase(ctx, tx, access.SystemActor, erased.ID, "test")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	unlink := func(before *time.Time, limit int) (full bool) {
		t.Helper()
		err := d.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
			full, err = d.UnlinkOthers(ctx, tx, ada, "ada@example.com", before, limit, "test")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return full
	}
	if unlink(&theirs.ProcessedAt, 10) || len(d.kinds(theirs.ID)) != 1 {
		t.Error("orders of later have left the account")
	}
	if !unlink(nil, 1) {
		t.Error("one of two is all")
	}
	for range 2 {
		if unlink(nil, 10) {
			t.Error("there are more than ten")
		}
	}
	for name, c := range map[string]struct {
		order id.OrderID
		of    *id.CustomerID
		kinds []string
	}{
		"the stranger's":         {theirs.ID, nil, []string{"order.placed", "order.customer_unlinked"}},
		"another":                {more.ID, nil, []string{"order.placed", "order.customer_unlinked"}},
		"one under her address":  {hers.ID, &ada, []string{"order.placed"}},
		"one of another account": {eves.ID, &eve, []string{"order.placed"}},
		"one that is erased":     {erased.ID, &ada, []string{"order.placed", "order.personal_data_erased"}},
	} {
		now, err := d.Order(t.Context(), d.pool, c.order)
		if err != nil {
			t.Fatal(err)
		}
		if (now.CustomerID == nil) != (c.of == nil) || now.CustomerID != nil && *now.CustomerID != *c.of || !slices.Equal(d.kinds(c.order), c.kinds) {
			t.Errorf("%s is %v's, with %v", name, now.CustomerID, d.kinds(c.order))
		}
		d.sameAsRow(now)
	}
	if _, err := d.record(theirs.ID, orders.CustomerUnlinked{}); err == nil {
		t.Error("an order left an account that it is not in")
	}
}
