package orders_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
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
	if o.SubtotalPrice != usd(4000) || o.TotalTax != usd(360) || o.TotalShippingPrice != usd(500) || o.TotalPrice != usd(4860) {
		t.Errorf("%s + %s + %s = %s", o.SubtotalPrice, o.TotalTax, o.TotalShippingPrice, o.TotalPrice)
	}
	if *o.Email != "ada@example.com" || *o.Lines[0].CustomAttributes[0].Value != "A. B." {
		t.Errorf("the order is %s's, with the engraving %s", *o.Email, *o.Lines[0].CustomAttributes[0].Value)
	}
	if got := d.kinds(o.ID); !slices.Equal(got, []string{"order.placed"}) {
		t.Errorf("events %v", got)
	}
	d.sameAsRow(o)
}

func TestPlaceAnOrderThatOwesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := lamp()
	p.Lines[0].Discount, p.Lines[0].Tax = usd(4000), usd(0)
	p.ShippingPrice, p.ShippingTax, p.TotalPrice, p.Deadline = usd(0), usd(0), usd(0), nil
	o := d.place(p)
	if o.Status != orders.StatusConfirmed || o.FinancialStatus != orders.FinancialPaid || o.Version != 2 || o.Deadline != nil {
		t.Errorf("the order is %s, %s, version %d, deadline %v", o.Status, o.FinancialStatus, o.Version, o.Deadline)
	}
	if got := d.kinds(o.ID); !slices.Equal(got, []string{"order.placed", "order.confirmed"}) {
		t.Errorf("events %v", got)
	}
	d.sameAsRow(o)
}

func TestPlaceManyAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	calls := 0
	d.log.Connect(func(_ context.Context, _ pgx.Tx, _ *pgx.Batch, events []event.Event) error {
		calls++
		if len(events) != 64 {
			t.Errorf("the follower was told of %d events", len(events))
		}
		return nil
	})
	batch := make([]orders.Placing, 64)
	for i := range batch {
		batch[i] = orders.Placing{ID: id.NewOrderID(), Placed: lamp(), By: "shopper", Cause: "orderPlace"}
	}
	var placed []orders.Order
	err := d.tx(func(ctx context.Context, tx pgx.Tx) error {
		queued := &pgx.Batch{}
		numbers := orders.QueueNumbers(queued, len(batch))
		if err := tx.SendBatch(ctx, queued).Close(); err != nil {
			return err
		}
		for i := range batch {
			batch[i].Placed.OrderNumber, batch[i].At = numbers.Next(), numbers.Now
		}
		var err error
		placed, err = d.PlaceAll(ctx, tx, batch)
		return err
	})
	if err != nil || calls != 1 {
		t.Fatalf("%d calls, %v", calls, err)
	}
	numbers := map[int]bool{}
	for i, o := range placed {
		if o.ID != batch[i].ID {
			t.Fatalf("order %d is another one", i)
		}
		numbers[o.OrderNumber] = true
		d.sameAsRow(o)
	}
	if len(numbers) != 64 {
		t.Errorf("%d different numbers", len(numbers))
	}
}

func TestACartBecomesOneOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := lamp()
	p.CartID = cart()
	var won, refused atomic.Int32
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			err := d.tx(func(ctx context.Context, tx pgx.Tx) error {
				_, err := d.Place(ctx, tx, access.Actor{}, orders.Placing{ID: id.NewOrderID(), Placed: p, Cause: "orderPlace"})
				return err
			})
			f, ok := fault.As(err)
			switch {
			case err == nil:
				won.Add(1)
			case ok && f.Code == "CART_ALREADY_PLACED":
				refused.Add(1)
			default:
				t.Errorf("place: %v", err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || refused.Load() != 5 {
		t.Errorf("%d orders, %d refusals", won.Load(), refused.Load())
	}
	d.count("select count(*) from event", 1)
	d.count("select count(*) from order_key", 1)
}

func TestAnOrderThatDoesNotAddUpIsNotPlaced(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := lamp()
	p.TotalPrice.Minor--
	err := d.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := d.Place(ctx, tx, access.Actor{}, orders.Placing{ID: id.NewOrderID(), Placed: p})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "adds up to 48.60 USD") {
		t.Errorf("placed with %v", err)
	}
	d.count("select count(*) from orders", 0)
}

// What is personal is nowhere in the event log.
func TestPersonalDataIsStoredSealed(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.place(lamp())
	note := "Ada calls at noon"
	d.mustRecord(o.ID, orders.NoteAdded{Body: &note})
	for _, secret := range []string{"ada@", "2025550123", "Ada", "Byron", "1 Main St", "Ring twice", "gift", "Engraving", "A. B.", "noon"} {
		d.count("select count(*) from event where data::text like '%"+secret+"%'", 0)
		d.count("select count(*) from orders where doc::text like '%"+secret+"%'", 1)
	}
}
