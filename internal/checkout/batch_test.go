package checkout_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/checkout"
	"github.com/wharfhq/wharf/internal/id"
)

// gather places orders in the order given, so that the first is under way, held up by somebody who has the shelf of
// the variant, while all others wait. It lets them go on together.
func (s *till) gather(held id.ProductVariantID, ins []checkout.OrderPlaceInput) []answer {
	s.Helper()
	tx, err := s.Pool.Begin(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = tx.Rollback(s.Context()) }()
	if _, err := tx.Exec(s.Context(), `select 1 from stock_level where variant_id = $1 for update`, held); err != nil {
		s.Fatal(err)
	}
	before := s.Checkout.Writing()
	answers := make([]answer, len(ins))
	var group sync.WaitGroup
	for i, in := range ins {
		group.Go(func() { answers[i].Placement, answers[i].err = s.Checkout.Place(s.Context(), access.Actor{}, in) })
		s.until(func() bool {
			now := s.Checkout.Writing()
			return now.Batches == before.Batches+1 && now.Waiting == i
		})
	}
	if err := tx.Rollback(s.Context()); err != nil {
		s.Fatal(err)
	}
	group.Wait()
	return answers
}

// owner runs a statement that the role of the processes may not.
func (s *till) owner(sql string) {
	s.Helper()
	tx, err := s.Pool.Begin(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = tx.Rollback(s.Context()) }()
	for _, statement := range []string{`set local role none`, sql} {
		if _, err := tx.Exec(s.Context(), statement); err != nil {
			s.Fatal(err)
		}
	}
	if err := tx.Commit(s.Context()); err != nil {
		s.Fatal(err)
	}
}

func (s *till) until(what func() bool) {
	s.Helper()
	for deadline := time.Now().Add(20 * time.Second); !what(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatal("it did not come to pass within 20 s")
		}
	}
}

// transactions is in how many transactions all orders were placed.
func (s *till) transactions() int {
	s.Helper()
	return s.number(`select count(distinct xmin::text) from orders`)
}

func TestOrdersThatWaitAreOneTransaction(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp, chair := s.goods("Lamp", 1999, 100), s.goods("Chair", 2999, 2)
	store := s.store("Bloomington", "MN", "55425", bloomington, ptr(2))
	s.stock(lamp, store, 10)
	made := s.cart(line(lamp, 3))
	ins := []checkout.OrderPlaceInput{
		order("0", line(lamp, 1)),
		order("1", line(lamp, 1), line(chair, 1)),
		order("2", line(chair, 2)), // only one is left
		fromCart("3", made.ID),
		order("4", line(chair, 1)),
		fromCart("5", made.ID), // it is an order by then
		collect("6", checkout.OrderPickupInput{LocationID: ptr(store.String())}, lamp, 1),
		collect("7", checkout.OrderPickupInput{LocationID: ptr(store.String())}, lamp, 2),
		collect("8", checkout.OrderPickupInput{LocationID: ptr(store.String())}, lamp, 1), // the hour is full
	}
	want := [][]string{2: {"OUT_OF_STOCK input.lines.0.quantity"}, 5: {"CART_ALREADY_PLACED input.cartId"}, 8: {"PICKUP_CAPACITY_REACHED input.delivery.pickup.locationId"}}
	answers := s.gather(lamp, ins)
	for i, a := range answers {
		s.refused(a.err, want[i]...)
	}
	if got := data(answers[2].err, "quantityAvailable"); got != 1 && got != 0 {
		t.Errorf("who wants two chairs is told of %v", got)
	}
	if n := s.transactions(); n != 2 {
		t.Errorf("the orders were placed in %d transactions, want 2", n)
	}
	if got := s.number(`select sum(taken) from pickup_hour`); s.reserved(lamp) != 8 || s.reserved(chair) != 2 || got != 2 {
		t.Errorf("%d lamps and %d chairs are reserved and %d places taken", s.reserved(lamp), s.reserved(chair), got)
	}
	for i, in := range ins {
		if want := 1; answers[i].err == nil && s.number(`select count(*) from idempotency_key where key = $1`, in.IdempotencyKey) != want {
			t.Errorf("the key of order %d is not kept", i)
		}
		if answers[i].err == nil {
			same(t, s.place(in), answers[i].Placement)
		}
	}
	if n := s.number(`select count(*) from idempotency_key`); n != 6 {
		t.Errorf("%d keys are kept, want those of the 6 orders", n)
	}
	s.sound()
}

func TestBadOrderHurtsNobodyElseInItsBatch(t *testing.T) {
	t.Parallel()
	for what, trigger := range map[string]string{
		"a constraint": `raise exception 'not this one' using errcode = 'check_violation';`,
		"a deadlock":   `raise exception 'not this one' using errcode = 'deadlock_detected';`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := staffed(t)
			lamp := s.goods("Lamp", 1999, 100)
			s.owner(`
create function refuse_one() returns trigger language plpgsql as $$
begin
	if new.email = 'bad@example.com' then ` + trigger + ` end if;
	return new;
end $$`)
			s.owner(`create trigger refuse_one before insert on orders for each row execute function refuse_one()`)
			ins := make([]checkout.OrderPlaceInput, 9)
			for i := range ins {
				ins[i] = order(strconv.Itoa(i), line(lamp, 1))
			}
			ins[4].Buyer.Email = ptr("bad@example.com")
			chair := s.goods("Chair", 2999, 1)
			ins = append(ins, order("9", line(chair, 1)), order("10", line(chair, 1))) // of which one gets it
			var refused []error
			for i, a := range s.gather(lamp, ins) {
				switch {
				case i >= 9 && a.err != nil:
					refused = append(refused, a.err)
				case (a.err != nil) != (i == 4):
					t.Errorf("order %d got %v", i, a.err)
				case a.err == nil && a.Order.OrderNumber == 0:
					t.Errorf("order %d is answered with no order", i)
				}
			}
			if len(refused) != 1 {
				t.Fatalf("one chair for two orders: %v", refused)
			}
			s.refused(refused[0], "OUT_OF_STOCK input.lines.0.quantity")
			if n := s.number(`select count(*) from orders`); n != 9 || s.reserved(lamp) != 8 || s.reserved(chair) != 1 {
				t.Errorf("%d orders, %d lamps and %d chairs reserved; want 9, 8 and 1", n, s.reserved(lamp), s.reserved(chair))
			}
			if n := s.number(`select count(*) from idempotency_key where key = '4'`); n != 0 {
				t.Error("the key of the order that failed is kept")
			}
			s.sound()
		})
	}
}

func TestWhoWaitsForALockHoldsUpTheOthersOnlyThatLong(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp, chair := s.goods("Lamp", 1999, 100), s.goods("Chair", 2999, 100)
	tx, err := s.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), `set local idle_in_transaction_session_timeout = 0`); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select 1 from stock_level where variant_id = $1 for update`, chair); err != nil {
		t.Fatal(err)
	}
	ins := make([]checkout.OrderPlaceInput, 9)
	for i := range ins {
		ins[i] = order(strconv.Itoa(i), line(lamp, 1))
	}
	ins[4] = order("4", line(chair, 1))
	for i, a := range s.gather(lamp, ins) {
		if i == 4 {
			s.refused(a.err, "BUSY")
		} else if a.err != nil {
			t.Errorf("order %d got %v", i, a.err)
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.place(ins[4])
	if n := s.number(`select count(*) from orders`); n != 9 {
		t.Errorf("%d orders, want 9", n)
	}
	s.sound()
}
