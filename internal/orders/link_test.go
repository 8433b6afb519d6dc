package orders_test

import (
	"context"
	"slices"
	"testing"

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
