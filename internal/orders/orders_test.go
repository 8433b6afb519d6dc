package orders_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/address"
	"github.com/wharfhq/wharf/internal/attribute"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// desk is an empty shop's order book.
type desk struct {
	*orders.Orders
	t    *testing.T
	pool *pgxpool.Pool
	log  *event.Log
}

func newDesk(t *testing.T) desk {
	t.Helper()
	pool, log := pgtest.New(t), event.New()
	return desk{orders.New(log, pool, slog.New(slog.DiscardHandler)), t, pool, log}
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func text(s string) *string { return &s }

// lamp is an order of two lamps at 20.00 with 5.00 shipping and 3.60 tax: 48.60 in all.
func lamp() orders.Placed {
	deadline := time.Now().Add(30 * time.Minute)
	country := address.CountryCode("US")
	return orders.Placed{
		CurrencyCode: "USD",
		Lines: []orders.PlacedLine{{
			ID: id.NewOrderLineItemID(), VariantID: id.NewProductVariantID(), ProductID: id.NewProductID(),
			Sku: text("LAMP-1"), Title: "Lamp", VariantTitle: text("Brass"), Quantity: 2,
			UnitPrice: usd(2000), Discount: usd(0), Tax: usd(320), RequiresShipping: true,
		}},
		Delivery:      orders.OrderDelivery{MethodType: orders.DeliveryShipping, OptionHandle: "standard", Title: text("Standard")},
		ShippingPrice: usd(500), ShippingTax: usd(40), TotalPrice: usd(4860),
		Providers: []string{"test", "test"}, Deadline: &deadline,
		Personal: &orders.Personal{
			Email: text("ada@example.com"), Phone: text("+12025550123"), FirstName: text("Ada"), LastName: text("Byron"),
			ShippingAddress: &address.MailingAddress{ID: id.NewMailingAddressID(), Address1: text("1 Main St"), City: text("Springfield"), CountryCodeV2: &country},
			Note:            text("Ring twice"), Attributes: []attribute.Attribute{{Key: "gift", Value: text("yes")}},
			LineAttributes: map[int][]attribute.Attribute{0: {{Key: "Engraving", Value: text("A. B.")}}},
		},
	}
}

func (d desk) tx(fn func(ctx context.Context, tx pgx.Tx) error) error {
	return pg.InTx(d.t.Context(), d.pool, func(tx pgx.Tx) error { return fn(d.t.Context(), tx) })
}

func (d desk) place(p orders.Placed) orders.Order {
	d.t.Helper()
	var placed orders.Order
	order := id.NewOrderID()
	err := d.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		placed, err = d.Place(ctx, tx, access.Actor{}, orders.Placing{ID: order, Placed: p, Cause: "orderPlace"})
		return err
	})
	if err != nil {
		d.t.Fatalf("place: %v", err)
	}
	return placed
}

func (d desk) record(order id.OrderID, data ...event.Data) (orders.Order, error) {
	var o orders.Order
	err := d.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		if o, err = d.Lock(ctx, tx, order); err != nil {
			return err
		}
		return d.Record(ctx, tx, &o, "system", "test", data...)
	})
	return o, err
}

func (d desk) mustRecord(order id.OrderID, data ...event.Data) orders.Order {
	d.t.Helper()
	o, err := d.record(order, data...)
	if err != nil {
		d.t.Fatalf("record: %v", err)
	}
	return o
}

func (d desk) kinds(order id.OrderID) []string {
	d.t.Helper()
	events, err := event.Read(d.t.Context(), d.pool, order, 0, 1000)
	if err != nil {
		d.t.Fatal(err)
	}
	var kinds []string
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// count holds the number that a query gives.
func (d desk) count(sql string, want int) {
	d.t.Helper()
	var got int
	if err := d.pool.QueryRow(d.t.Context(), sql).Scan(&got); err != nil || got != want {
		d.t.Errorf("%s: %d, want %d (%v)", sql, got, want, err)
	}
}

// sameAsRow holds an order against its read row and against the fold of its events.
func (d desk) sameAsRow(o orders.Order) {
	d.t.Helper()
	row, err := d.Order(d.t.Context(), d.pool, o.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	sameDoc(d.t, "read row", row, o)
	folded, err := d.At(d.t.Context(), d.pool, o.ID, &o.Version, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	sameDoc(d.t, "fold", folded, o)
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

// serve runs what makes orders live, and closes the channel when all of it has ended.
func (d desk) serve(ctx context.Context) <-chan struct{} {
	var running sync.WaitGroup
	sequencer := event.NewSequencer(d.log, d.pool, slog.New(slog.DiscardHandler))
	running.Go(func() { sequencer.Run(ctx) })
	running.Go(func() { d.Serve(ctx) })
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		running.Wait()
	}()
	return ended
}

func ptr[T any](v T) *T { return &v }

func euro(minor int64) money.Money { return money.New(minor, "EUR") }

func cart() *uuid.UUID {
	u := uuid.New()
	return &u
}
