package orders_test

import (
	"slices"
	"testing"

	"github.com/wharfhq/wharf/internal/orders"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.place(lamp())
	if o.Status != orders.StatusPendingPayment || o.FinancialStatus != orders.FinancialPending || o.FulfillmentStatus != orders.FulfillmentUnfulfilled {
		t.Errorf("the order is %s, %s, %s", o.Status, o.FinancialStatus, o.FulfillmentStatus)
	}
	if o.Version != 1 || o.OrderNumber != 1001 || o.Name != "#1001" {
		t.Errorf("the order is %s of version %d", o.Name, o.Version)
	}
	if got := d.kinds(o.ID); !slices.Equal(got, []string{"order.placed"}) {
		t.Errorf("events %v", got)
	}
	read, err := d.Order(t.Context(), d.pool, o.ID)
	if err != nil {
		t.Fatal(err)
	}
	sameDoc(t, "read row", read, o)
}

func sameDoc(t *testing.T, what string, got, want orders.Order) {
	t.Helper()
	g, err := orders.Doc(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := orders.Doc(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(g) != string(w) {
		t.Errorf("the %s is\n%s\nwant\n%s", what, g, w)
	}
}
