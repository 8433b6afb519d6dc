package orders_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
)

func TestAnOrderAsItWas(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.place(lamp())
	second := d.mustRecord(first.ID, authorized(first), orders.Confirmed{})
	third := d.mustRecord(first.ID, orders.Cancelled{Reason: orders.CancelCustomer})
	at := func(version *int, asOf *time.Time) (orders.Order, error) {
		return d.At(t.Context(), d.pool, first.ID, version, asOf)
	}
	for version, want := range map[int]orders.Order{1: first, 3: second, 4: third} {
		got, err := at(&version, nil)
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		sameDoc(t, "order of that version", got, want)
	}
	for _, version := range []int{0, -1, 5} {
		if _, err := at(&version, nil); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("version %d: %v", version, err)
		}
	}
	for _, want := range []orders.Order{first, second, third} {
		got, err := at(nil, &want.UpdatedAt)
		if err != nil {
			t.Fatal(err)
		}
		sameDoc(t, "order of that moment", got, want)
	}
	if _, err := at(nil, ptr(first.ProcessedAt.Add(-time.Microsecond))); !fault.IsKind(err, fault.NotFound) {
		t.Errorf("before it was placed: %v", err)
	}
	if _, err := at(ptr(1), ptr(time.Now())); !fault.IsKind(err, fault.Invalid) {
		t.Errorf("version and moment: %v", err)
	}
}

func TestEventsOfAnOrder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.place(lamp())
	d.mustRecord(o.ID, authorized(o), orders.Confirmed{})
	last := d.mustRecord(o.ID, orders.Cancelled{Reason: orders.CancelCustomer})
	page, err := d.Events(t.Context(), o.ID, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Nodes) != 2 || page.Nodes[0].Version != 2 || page.Nodes[1].Type != "order.confirmed" ||
		!page.PageInfo.HasNextPage || !page.PageInfo.HasPreviousPage || *page.PageInfo.EndCursor != "3" {
		t.Errorf("the page is %+v", page)
	}
	if got := page.Nodes[1]; got.Order.Version != 3 || got.Order.Status != orders.StatusConfirmed || got.Message != "Your order #1001 is confirmed." || got.Actor() != "system" {
		t.Errorf("the event is %+v", got)
	}
	rest, err := d.Events(t.Context(), o.ID, 3, 250)
	if err != nil || len(rest.Nodes) != 1 || rest.PageInfo.HasNextPage {
		t.Fatalf("the rest is %+v, %v", rest, err)
	}
	sameDoc(t, "order of the last event", rest.Nodes[0].Order, last)
	for _, first := range []int{-1, 251} {
		if _, err := d.Events(t.Context(), o.ID, 0, first); !fault.IsKind(err, fault.Invalid) {
			t.Errorf("the first %d: %v", first, err)
		}
	}
}

func TestErase(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := d.place(lamp())
	note := "Ada calls at noon"
	d.mustRecord(o.ID, orders.NoteAdded{Body: &note})
	erase := func() (erased orders.Order) {
		t.Helper()
		err := d.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
			erased, err = d.Erase(ctx, tx, access.SystemActor, o.ID, "test")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return erased
	}
	erased := erase()
	if erased.Email != nil || erased.Phone != nil || erased.FirstName != nil || erased.ShippingAddress != nil || erased.Note != nil ||
		erased.CustomAttributes != nil || erased.Notes != nil || erased.Lines[0].CustomAttributes != nil || !erased.Erased {
		t.Errorf("the order still knows %+v", erased)
	}
	if erased.TotalPrice != o.TotalPrice || erased.Lines[0].Title != "Lamp" {
		t.Errorf("the order forgot what was bought: %+v", erased)
	}
	d.sameAsRow(erased)
	d.count("select count(*) from order_key", 0)
	d.count("select count(*) from orders where doc::text like '%Ada%' or email is not null", 0)

	// Nobody learns it from the past either, and the fold is the row.
	past, err := d.At(t.Context(), d.pool, o.ID, ptr(1), nil)
	if err != nil || past.Email != nil {
		t.Errorf("the first version knows %v, %v", past.Email, err)
	}
	if found, err := d.Compare(t.Context(), d.pool); err != nil || len(found.Differences) != 0 {
		t.Errorf("after erasing: %+v, %v", found, err)
	}
	if again := erase(); again.Version != erased.Version {
		t.Errorf("erased twice it has version %d", again.Version)
	}
	if _, err := d.record(o.ID, orders.NoteAdded{Body: &note}); !fault.IsKind(err, fault.Conflict) {
		t.Errorf("a note after erasing: %v", err)
	}
}

func TestRebuild(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var all []orders.Order
	for range 5 {
		o := d.place(lamp())
		all = append(all, d.mustRecord(o.ID, authorized(o), orders.Confirmed{}))
	}
	clean := func() {
		t.Helper()
		found, err := d.Compare(t.Context(), d.pool)
		if err != nil || found.Orders != 5 || found.Events != 15 || len(found.Differences) != 0 {
			t.Fatalf("compared: %+v, %v", found, err)
		}
	}
	clean()
	for _, damage := range []string{
		"update orders set doc = (replace(doc::text, '\"CONFIRMED\"', '\"EXPIRED\"'))::json where order_number = 1001",
		"update orders set doc = (doc::text || ' ')::json where order_number = 1002",
		"delete from orders where order_number = 1003",
	} {
		if _, err := d.pool.Exec(t.Context(), damage); err != nil {
			t.Fatal(err)
		}
	}
	found, err := d.Compare(t.Context(), d.pool)
	if err != nil || len(found.Differences) != 3 {
		t.Fatalf("compared: %+v, %v", found, err)
	}
	for i, want := range []string{"the read row is not the fold of the events in doc", "the read row is not the fold of the events in doc", "the read row is missing"} {
		if got := found.Differences[i]; got.Order != all[i].ID || got.Reason != want {
			t.Errorf("difference %d is %+v", i, got)
		}
	}
	repaired, err := d.Repair(t.Context(), d.pool)
	if err != nil || repaired.Repaired != 3 {
		t.Fatalf("repaired: %+v, %v", repaired, err)
	}
	clean()
	for _, o := range all {
		d.sameAsRow(o)
	}
	d.count("select count(*) from orders where status = 'CONFIRMED' and deadline is null", 5)
}

func TestFollow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx, stop := context.WithCancel(t.Context())
	served := d.serve(ctx)
	token := "wharfo_secret"
	p := lamp()
	p.TokenHash = access.HashToken(token)
	o := d.place(p)

	stream, err := d.Follow(ctx, access.Actor{}, o.ID, &token, nil)
	if err != nil {
		t.Fatal(err)
	}
	snapshot := <-stream
	if snapshot.Type != "SNAPSHOT" || snapshot.Version != 1 {
		t.Errorf("first came %s of version %d", snapshot.Type, snapshot.Version)
	}
	sameDoc(t, "order of the snapshot", snapshot.Order, o)
	started := time.Now()
	d.mustRecord(o.ID, authorized(o), orders.Confirmed{})
	var got []string
	for range 2 {
		e := <-stream
		if e.Order.Version != e.Version {
			t.Errorf("version %d came with the order of version %d", e.Version, e.Order.Version)
		}
		got = append(got, e.Type)
	}
	if want := []string{"payment.authorized", "order.confirmed"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	t.Logf("live after %s", time.Since(started))

	// A client that comes back gets what it has missed, and then goes on.
	back, err := d.Follow(ctx, access.Actor{Kind: access.Guest, OrderID: o.ID}, o.ID, nil, ptr(1))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := <-back, <-back; a.Version != 2 || b.Version != 3 {
		t.Errorf("resumed with versions %d and %d", a.Version, b.Version)
	}
	d.mustRecord(o.ID, orders.Cancelled{Reason: orders.CancelCustomer})
	for _, s := range []<-chan *orders.OrderEvent{stream, back} {
		if e := <-s; e.Type != "order.cancelled" || e.Version != 4 {
			t.Errorf("then came %s of version %d", e.Type, e.Version)
		}
	}

	for name, tc := range map[string]struct {
		order id.OrderID
		token *string
		after *int
		want  fault.Kind
	}{
		"absent":          {id.NewOrderID(), &token, nil, fault.NotFound},
		"foreign":         {o.ID, nil, nil, fault.NotFound},
		"wrong token":     {o.ID, ptr("wharfo_guess"), nil, fault.NotFound},
		"negative":        {o.ID, &token, ptr(-1), fault.Invalid},
		"from the future": {o.ID, &token, ptr(5), fault.Invalid},
	} {
		if _, err := d.Follow(ctx, access.Actor{}, tc.order, tc.token, tc.after); !fault.IsKind(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stop()
	<-served
	if _, open := <-stream; open {
		t.Error("a stream goes on after the end")
	}
	if n := d.Following(); n != 0 {
		t.Errorf("%d still follow", n)
	}
}
