package checkout_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/payment"
	"github.com/wharfhq/wharf/internal/pg"
)

func cancelOf(key string, p checkout.Placement) checkout.OrderCancelInput {
	return checkout.OrderCancelInput{IdempotencyKey: key, OrderID: p.Order.ID.String(), AccessToken: &p.AccessToken}
}

// done is the end of a job that nobody keeps.
var done payment.Done

// ends is the end of a job that does not come about.
func ends(err error) payment.Done {
	return payment.Ends(1, func(*pgx.Batch, []int64) error { return err })
}

func TestCancelGivesEverythingBack(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 5)
	placed := s.place(order("k", line(lamp, 3)))
	in := cancelOf("c", placed)
	in.Note = ptr("changed my mind")
	after, err := s.Checkout.Cancel(t.Context(), access.Actor{}, in)
	if err != nil {
		t.Fatal(err)
	}
	if after.Status != orders.StatusCancelled || after.FinancialStatus != orders.FinancialVoided || after.FulfillmentStatus != orders.FulfillmentRestocked || *after.CancelReason != orders.CancelCustomer {
		t.Errorf("order %+v", after)
	}
	if got, want := s.kinds(placed.Order.ID), []string{"order.placed", "order.note_added", "order.cancelled"}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if s.reserved(lamp) != 0 {
		t.Errorf("%d units are still reserved", s.reserved(lamp))
	}
	again, err := s.Checkout.Cancel(t.Context(), access.Actor{}, in)
	if err != nil || again.Version != after.Version {
		t.Errorf("the same key: version %d, %v; want %d", again.Version, err, after.Version)
	}
	_, err = s.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("other", placed))
	s.refused(err, "NOT_ALLOWED input.orderId")
	in.Note = nil
	_, err = s.Checkout.Cancel(t.Context(), access.Actor{}, in)
	s.refused(err, "IDEMPOTENCY_KEY_REUSED input.idempotencyKey")
	s.sound()
}

func TestEmptyNoteOfACancellationIsNone(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	placed := s.place(order("k", line(s.goods("Lamp", 1999, 5), 1)))
	in := cancelOf("c", placed)
	after, err := s.Checkout.Cancel(t.Context(), access.Actor{}, in)
	if err != nil {
		t.Fatal(err)
	}
	in.Note = ptr("")
	again, err := s.Checkout.Cancel(t.Context(), access.Actor{}, in)
	if err != nil || again.Version != after.Version {
		t.Errorf("the same without words: version %d, %v; want %d", again.Version, err, after.Version)
	}
}

func TestCancelAfterAuthorizationStartsCompensation(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 5)
	placed := s.place(order("k", line(lamp, 1)))
	if err := s.Payments.Authorize(t.Context(), placed.Order.ID, "test", done); err != nil {
		t.Fatal(err)
	}
	after, err := s.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("c", placed))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"order.placed", "payment.started", "payment.authorized", "order.confirmed", "order.cancelled", "payment.compensation_started"}
	if got := s.kinds(placed.Order.ID); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if after.FinancialStatus != orders.FinancialAuthorized || s.reserved(lamp) != 0 {
		t.Errorf("until the money is given back it is %s; %d units reserved", after.FinancialStatus, s.reserved(lamp))
	}
	if err := s.Payments.Operate(t.Context(), placed.Order.ID, "test", done); err != nil {
		t.Fatal(err)
	}
	settled, err := s.Orders.Order(t.Context(), s.Pool, placed.Order.ID)
	if err != nil || settled.FinancialStatus != orders.FinancialVoided {
		t.Errorf("afterwards it is %s, %v", settled.FinancialStatus, err)
	}
	s.sound()
}

func TestCancelRefuses(t *testing.T) {
	t.Parallel()
	s := open(t)
	placed := s.place(order("k", line(s.goods("Lamp", 1999, 5), 1)))
	stranger := cancelOf("c", placed)
	stranger.AccessToken = ptr("wharfo_wrong")
	absent := cancelOf("c", placed)
	absent.OrderID = id.NewOrderID().String()
	late := cancelOf("c", placed)
	late.ExpectedVersion = ptr(7)
	fraud := cancelOf("c", placed)
	fraud.Reason = ptr(orders.CancelFraud)
	card := cancelOf("c", placed)
	card.Note = ptr("4242 4242 4242 4242")
	noKey := cancelOf("", placed)
	for what, c := range map[string]struct {
		in   checkout.OrderCancelInput
		want string
	}{
		"by a stranger":      {stranger, "NOT_FOUND input.orderId"},
		"of no order":        {absent, "NOT_FOUND input.orderId"},
		"of another version": {late, "VERSION_CONFLICT input.expectedVersion"},
		"for a staff reason": {fraud, "INVALID input.reason"},
		"with a card number": {card, "CARD_NUMBER input.note"},
		"without a key":      {noKey, "INVALID input.idempotencyKey"},
		"of something else":  {checkout.OrderCancelInput{IdempotencyKey: "c", OrderID: "order"}, "NOT_FOUND input.orderId"},
		"without any token":  {checkout.OrderCancelInput{IdempotencyKey: "c", OrderID: placed.Order.ID.String()}, "NOT_FOUND input.orderId"},
	} {
		_, err := s.Checkout.Cancel(t.Context(), access.Actor{}, c.in)
		if got := refusals(err); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
	}
	reader := access.Actor{Kind: access.Staff, ID: id.New(), Scopes: access.Scopes{"orders:read"}}
	if _, err := s.Checkout.Cancel(t.Context(), reader, checkout.OrderCancelInput{IdempotencyKey: "c", OrderID: placed.Order.ID.String()}); !fault.IsKind(err, fault.Forbidden) {
		t.Errorf("by who may only read: %v", err)
	}
	if got := s.kinds(placed.Order.ID); len(got) != 1 {
		t.Errorf("events %v after refusals", got)
	}
	writer := access.Actor{Kind: access.Staff, ID: id.New(), Scopes: access.Scopes{"orders:write"}}
	after, err := s.Checkout.Cancel(t.Context(), writer, checkout.OrderCancelInput{IdempotencyKey: "c", OrderID: placed.Order.ID.String()})
	if err != nil || *after.CancelReason != orders.CancelStaff {
		t.Errorf("by who may write: %+v, %v", after, err)
	}
}

func TestCancelAtTheSameTimeIsOneCancellation(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 5)
	placed := s.place(order("k", line(lamp, 2)))
	var group sync.WaitGroup
	start := make(chan struct{})
	for range 10 {
		group.Go(func() {
			<-start
			if o, err := s.Checkout.Cancel(t.Context(), access.Actor{}, cancelOf("c", placed)); err != nil || o.Version != 2 {
				t.Errorf("version %d, %v", o.Version, err)
			}
		})
	}
	close(start)
	group.Wait()
	if got, want := s.kinds(placed.Order.ID), []string{"order.placed", "order.cancelled"}; !slices.Equal(got, want) || s.reserved(lamp) != 0 {
		t.Errorf("events %v, want %v; %d reserved", got, want, s.reserved(lamp))
	}
	s.sound()
}

// overdue asks the shopper for new payment details, with a deadline that has passed.
func (s *till) overdue(order id.OrderID, deadline time.Duration) {
	s.Helper()
	err := pg.InTx(s.Context(), s.Pool, func(tx pgx.Tx) error {
		o, err := s.Orders.Lock(s.Context(), tx, order)
		if err != nil {
			return err
		}
		return s.Orders.Record(s.Context(), tx, &o, "system", "test",
			orders.PaymentActionRequired{Deadline: time.Now().Add(deadline), Reason: "Declined."})
	})
	if err != nil {
		s.Fatal(err)
	}
}

func TestExpireAtTheDeadline(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 5)
	placed := s.place(order("k", line(lamp, 2)))

	// Long before the deadline nothing happens, and the job is done: a deadline that moved has a job of its own.
	finished := 0
	count := payment.Ends(1, func(*pgx.Batch, []int64) error { finished++; return nil })
	if err := s.Checkout.Expire(t.Context(), placed.Order.ID, "test", count); err != nil || finished != 1 {
		t.Fatalf("%v, the job ended %d times", err, finished)
	}
	// Just before it the job comes back.
	s.overdue(placed.Order.ID, 20*time.Second)
	var later *payment.Later
	if err := s.Checkout.Expire(t.Context(), placed.Order.ID, "test", count); !errors.As(err, &later) || later.In <= 0 || later.In > 20*time.Second || finished != 1 {
		t.Fatalf("%v, the job ended %d times", err, finished)
	}
	s.overdue(placed.Order.ID, -time.Second)
	if err := s.Checkout.Expire(t.Context(), placed.Order.ID, "job:expire_order:1", count); err != nil || finished != 2 {
		t.Fatalf("%v, the job ended %d times", err, finished)
	}
	o, err := s.Orders.Order(t.Context(), s.Pool, placed.Order.ID)
	if err != nil || o.Status != orders.StatusExpired || o.FulfillmentStatus != orders.FulfillmentRestocked {
		t.Errorf("order %+v, %v", o, err)
	}
	if s.reserved(lamp) != 0 || s.number(`select count(*) from reservation where state in ('HELD', 'CONFIRMED')`) != 0 {
		t.Errorf("%d units are still reserved", s.reserved(lamp))
	}
	// A second job finds nothing to do, and leaves its end to the queue.
	if err := s.Checkout.Expire(t.Context(), placed.Order.ID, "test", count); err != nil || finished != 2 {
		t.Errorf("%v, the job ended %d times", err, finished)
	}
	if got := s.kinds(placed.Order.ID); got[len(got)-1] != "order.expired" {
		t.Errorf("events %v", got)
	}
	s.sound()
}

func TestExpireLeavesPaidOrdersAlone(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 1999, 5)
	placed := s.place(order("k", line(lamp, 2)))
	if err := s.Payments.Authorize(t.Context(), placed.Order.ID, "test", done); err != nil {
		t.Fatal(err)
	}
	if err := s.Checkout.Expire(t.Context(), placed.Order.ID, "test", done); err != nil {
		t.Fatal(err)
	}
	if o, err := s.Orders.Order(t.Context(), s.Pool, placed.Order.ID); err != nil || o.Status != orders.StatusConfirmed || s.reserved(lamp) != 2 {
		t.Errorf("%s, %v, %d reserved", o.Status, err, s.reserved(lamp))
	}
}

func TestExpireAndItsJobAreOneTransaction(t *testing.T) {
	t.Parallel()
	s := open(t)
	lamp := s.goods("Lamp", 1999, 5)
	placed := s.place(order("k", line(lamp, 2)))
	s.overdue(placed.Order.ID, -time.Second)
	crash := errors.New("the process dies here")
	if err := s.Checkout.Expire(t.Context(), placed.Order.ID, "test", ends(crash)); !errors.Is(err, crash) {
		t.Fatal(err)
	}
	if o, err := s.Orders.Order(t.Context(), s.Pool, placed.Order.ID); err != nil || o.Status != orders.StatusActionRequired || s.reserved(lamp) != 2 {
		t.Errorf("%s, %v, %d reserved", o.Status, err, s.reserved(lamp))
	}
}
