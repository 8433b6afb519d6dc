package notifications_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/clock"
	"github.com/wharfhq/wharf/internal/event"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/money"
	"github.com/wharfhq/wharf/internal/notifications"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
	"github.com/wharfhq/wharf/internal/settings"
)

// outbox stands for a mail server: it keeps what it took, and answers as it is told.
type outbox struct {
	mu     sync.Mutex
	taken  []notifications.Message
	answer func(notifications.Message) error
}

func (o *outbox) Send(_ context.Context, m notifications.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.answer != nil {
		if err := o.answer(m); err != nil {
			return err
		}
	}
	o.taken = append(o.taken, m)
	return nil
}

func (o *outbox) ids() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var ids []string
	for _, m := range o.taken {
		ids = append(ids, m.ID)
	}
	return ids
}

type desk struct {
	*notifications.Notifications
	t    *testing.T
	pool *pgxpool.Pool
	book *orders.Orders
	box  notifications.Sender
}

func newDesk(t *testing.T, box notifications.Sender) desk {
	t.Helper()
	pool := pgtest.New(t)
	book := orders.New(event.New(), pool, slog.New(slog.DiscardHandler))
	shop := settings.New(pool, event.New(), clock.System)
	return desk{notifications.New(pool, book, nil, shop, box, "shop.example", nil), t, pool, book, box}
}

// placed is an order of one lamp at 20.00, with the given address.
func (d desk) placed(email string) id.OrderID {
	d.t.Helper()
	order := id.NewOrderID()
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	personal := &orders.Personal{}
	if email != "" {
		personal.Email = &email
	}
	err := pg.InTx(d.t.Context(), d.pool, func(tx pgx.Tx) error {
		_, err := d.book.Place(d.t.Context(), tx, access.Actor{}, orders.Placing{ID: order, Cause: "orderPlace", Placed: orders.Placed{
			CurrencyCode: "USD", TotalPrice: usd(2000), ShippingPrice: usd(0), ShippingTax: usd(0),
			Lines: []orders.PlacedLine{{
				ID: id.NewOrderLineItemID(), VariantID: id.NewProductVariantID(), ProductID: id.NewProductID(),
				Title: "Lamp", Quantity: 1, UnitPrice: usd(2000), Discount: usd(0), Tax: usd(0),
			}},
			Delivery: orders.OrderDelivery{MethodType: orders.DeliveryShipping},
			Personal: personal,
		}})
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return order
}

func (d desk) record(order id.OrderID, data event.Data) {
	d.t.Helper()
	err := pg.InTx(d.t.Context(), d.pool, func(tx pgx.Tx) error {
		o, err := d.book.Lock(d.t.Context(), tx, order)
		if err != nil {
			return err
		}
		return d.book.Record(d.t.Context(), tx, &o, "system", "test", data)
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// rows tells every message's state and number of tries, in the order of versions.
func (d desk) rows() []string {
	d.t.Helper()
	found, err := d.pool.Query(d.t.Context(), `select event_version || ' ' || kind || ' ' || state || ' ' || tries from notification order by event_version`)
	if err != nil {
		d.t.Fatal(err)
	}
	rows, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		d.t.Fatal(err)
	}
	return rows
}

func (d desk) wantRows(want ...string) {
	d.t.Helper()
	if got := d.rows(); !slices.Equal(got, want) {
		d.t.Errorf("messages %q, want %q", got, want)
	}
}

// exec does what only the owner of the tables may.
func (d desk) exec(sql string) {
	d.t.Helper()
	owner, err := pgx.ConnectConfig(d.t.Context(), d.pool.Config().ConnConfig.Copy())
	if err == nil {
		_, err = owner.Exec(d.t.Context(), sql)
		err = errors.Join(err, owner.Close(d.t.Context()))
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestSend(t *testing.T) {
	t.Parallel()

	t.Run("one message per event, however often the job runs", func(t *testing.T) {
		t.Parallel()
		box := &outbox{}
		d := newDesk(t, box)
		order := d.placed("ada@example.com")
		for range 3 {
			if err := d.Send(t.Context(), order, 1); err != nil {
				t.Fatal(err)
			}
		}
		want := fmt.Sprintf("order-%s.1@shop.example", uuidOf(order))
		if got := box.ids(); !slices.Equal(got, []string{want}) {
			t.Errorf("sent %q, want %q once", got, want)
		}
		d.wantRows("1 order_received sent 1")
		m := box.taken[0]
		if m.To != "ada@example.com" || m.Subject != "We have your order #1001" || !strings.Contains(m.Text, "1 x Lamp: $20.00") {
			t.Errorf("the message is %+v", m)
		}
	})

	t.Run("parallel jobs send once", func(t *testing.T) {
		t.Parallel()
		box := &outbox{}
		d := newDesk(t, box)
		order := d.placed("ada@example.com")
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if err := d.Send(t.Context(), order, 1); err != nil && !errors.Is(err, notifications.ErrTaken) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := len(box.ids()); n != 1 {
			t.Errorf("%d messages, want 1", n)
		}
		d.wantRows("1 order_received sent 1")
	})

	t.Run("many at once are told each of its own event, and one that is not there costs the others nothing", func(t *testing.T) {
		t.Parallel()
		box := &outbox{}
		d := newDesk(t, box)
		var want []string
		var group sync.WaitGroup
		for i := range 20 {
			order := d.placed("ada@example.com")
			d.record(order, orders.Cancelled{Reason: orders.CancelCustomer})
			for version := 1; version <= 3; version++ {
				group.Go(func() {
					if err := d.Send(t.Context(), order, version); (err != nil) != (version == 3) {
						t.Errorf("event %d of order %d: %v", version, i, err)
					}
				})
			}
			want = append(want, fmt.Sprintf("order-%s.1@shop.example", uuidOf(order)), fmt.Sprintf("order-%s.2@shop.example", uuidOf(order)))
		}
		group.Wait()
		got := box.ids()
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("sent %q, want %q", got, want)
		}
		for _, m := range box.taken {
			if kind := map[bool]notifications.Kind{true: notifications.OrderReceived, false: notifications.OrderCancelled}[strings.Contains(m.ID, ".1@")]; m.Kind != kind {
				t.Errorf("%s tells %s", m.ID, m.Kind)
			}
		}
	})

	t.Run("while the mail server is down the job fails, later it sends once", func(t *testing.T) {
		t.Parallel()
		down := errors.New("connection refused for ada@example.com")
		box := &outbox{answer: func(notifications.Message) error { return down }}
		d := newDesk(t, box)
		order := d.placed("ada@example.com")
		for range 2 {
			if err := d.Send(t.Context(), order, 1); !errors.Is(err, down) {
				t.Fatalf("err = %v, want %v", err, down)
			}
		}
		d.wantRows("1 order_received sending 2")
		var problem string
		if err := d.pool.QueryRow(t.Context(), `select problem from notification`).Scan(&problem); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(problem, "connection refused") || strings.Contains(problem, "ada@") {
			t.Errorf("the kept problem is %q: it must say why and name nobody", problem)
		}
		box.answer = nil
		if err := d.Send(t.Context(), order, 1); err != nil {
			t.Fatal(err)
		}
		if n := len(box.ids()); n != 1 {
			t.Errorf("%d messages, want 1", n)
		}
		d.wantRows("1 order_received sent 3")
	})

	t.Run("a crash before the record repeats that message under its id, after the lease", func(t *testing.T) {
		t.Parallel()
		box := &outbox{}
		d := newDesk(t, box)
		order := d.placed("ada@example.com")
		d.exec(`alter table notification add constraint dead check (state = 'sending')`)
		if err := d.Send(t.Context(), order, 1); err == nil {
			t.Fatal("nothing was recorded, and nobody heard of it")
		}
		d.exec(`alter table notification drop constraint dead`)
		if err := d.Send(t.Context(), order, 1); !errors.Is(err, notifications.ErrTaken) {
			t.Fatalf("within the lease: err = %v, want ErrTaken", err)
		}
		if _, err := d.pool.Exec(t.Context(), `update notification set leased_until = clock_timestamp() - interval '1 second'`); err != nil {
			t.Fatal(err)
		}
		if err := d.Send(t.Context(), order, 1); err != nil {
			t.Fatal(err)
		}
		if ids := box.ids(); len(ids) != 2 || ids[0] != ids[1] {
			t.Errorf("ids %q, want the same twice", ids)
		}
		if box.taken[0].Text != box.taken[1].Text || !box.taken[0].Date.Equal(box.taken[1].Date) {
			t.Error("the repeated message differs")
		}
		d.wantRows("1 order_received sent 2")
	})

	t.Run("a message refused for good is parked, and its job is done", func(t *testing.T) {
		t.Parallel()
		box := &outbox{answer: func(notifications.Message) error {
			return fmt.Errorf("%w: no mailbox of that name", notifications.ErrRefused)
		}}
		d := newDesk(t, box)
		order := d.placed("nobody@example.com")
		for range 2 {
			if err := d.Send(t.Context(), order, 1); err != nil {
				t.Fatal(err)
			}
		}
		d.wantRows("1 order_received refused 1")
	})

	t.Run("an order without an address is skipped", func(t *testing.T) {
		t.Parallel()
		box := &outbox{}
		d := newDesk(t, box)
		order := d.placed("")
		if err := d.Send(t.Context(), order, 1); err != nil {
			t.Fatal(err)
		}
		if len(box.ids()) != 0 {
			t.Error("a message without an address")
		}
		d.wantRows("1 order_received skipped 1")
	})

	t.Run("each event has its own message, and most have none", func(t *testing.T) {
		t.Parallel()
		box := &outbox{}
		d := newDesk(t, box)
		order := d.placed("ada@example.com")
		d.record(order, orders.PaymentActionRequired{Deadline: time.Now().Add(time.Hour), Reason: "All methods were declined."})
		d.record(order, orders.PaymentMethodsUpdated{Deadline: time.Now().Add(time.Hour)})
		d.record(order, orders.Cancelled{Reason: orders.CancelCustomer})
		for version := 1; version <= 4; version++ {
			if err := d.Send(t.Context(), order, version); err != nil {
				t.Fatal(err)
			}
		}
		d.wantRows("1 order_received sent 1", "2 payment_problem sent 1", "4 order_cancelled sent 1")
		if err := d.Send(t.Context(), order, 5); err == nil {
			t.Error("an event that does not exist was told")
		}
	})
}

func uuidOf(order id.OrderID) string { return uuid.UUID(order).String() }

// heldBox takes nothing until it is let go.
type heldBox struct {
	outbox
	holding chan struct{} // gets one for each message that is held
	letGo   chan struct{}
}

func (b *heldBox) Send(ctx context.Context, m notifications.Message) error {
	b.holding <- struct{}{}
	<-b.letGo
	return b.outbox.Send(ctx, m)
}

// TestSoManyAreSentAtOnce: the carrier is asked for so many at the same time, and what finds no hand free can be taken up
// again at once.
func TestSoManyAreSentAtOnce(t *testing.T) {
	t.Parallel()
	const hands = 40
	box := &heldBox{holding: make(chan struct{}, hands+1), letGo: make(chan struct{})}
	d := newDesk(t, box)
	var sent sync.WaitGroup
	for range hands {
		order := d.placed("ada@example.com")
		sent.Go(func() {
			if err := d.Send(t.Context(), order, 1); err != nil {
				t.Error(err)
			}
		})
	}
	for range hands {
		<-box.holding
	}
	late := d.placed("ada@example.com")
	if err := d.Send(t.Context(), late, 1); !errors.Is(err, notifications.ErrBusy) {
		t.Errorf("one too many got %v, want ErrBusy", err)
	}
	if n := len(box.holding); n != 0 {
		t.Errorf("the carrier was asked for %d more", n)
	}
	close(box.letGo)
	sent.Wait()
	if err := d.Send(t.Context(), late, 1); err != nil {
		t.Errorf("once there is a hand: %v", err)
	}
	if n := len(box.ids()); n != hands+1 {
		t.Errorf("%d messages were sent, want %d", n, hands+1)
	}
}
