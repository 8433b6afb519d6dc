package checkout_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/pg"
)

// lock keeps the shelf of a variant until it is let go, for longer than the shop itself lets a transaction idle.
func (s *till) lock(variant id.ProductVariantID) (letGo func()) {
	s.Helper()
	tx, err := s.Pool.Begin(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	if _, err := tx.Exec(s.Context(), `set local idle_in_transaction_session_timeout = 0`); err != nil {
		s.Fatal(err)
	}
	if _, err := tx.Exec(s.Context(), `select 1 from stock_level where variant_id = $1 for update`, variant); err != nil {
		s.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(context.WithoutCancel(s.Context())); err != nil {
			s.Fatal(err)
		}
	}
}

// crowd places orders of one piece each at the same moment. What it gives waits for their answers.
func (s *till) crowd(ctx context.Context, n int, wanted id.ProductVariantID) (answers func() []answer) {
	s.Helper()
	all := make([]answer, n)
	var group sync.WaitGroup
	for i := range all {
		group.Go(func() {
			all[i].Placement, all[i].err = s.Checkout.Place(ctx, access.Actor{}, order("k"+strconv.Itoa(i), line(wanted, 1)))
		})
	}
	return func() []answer { group.Wait(); return all }
}

// A shelf stays locked for longer than anybody waits. One after the other, the orders would take far longer than a shopper
// does.
func TestACrowdBeforeALockedShelfIsSentAwaySoon(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 1000)
	letGo := s.lock(lamp)
	wait := s.crowd(t.Context(), 60, lamp)
	s.until(func() bool { now := s.Checkout.Writing(); return int(now.Orders)+now.Waiting == 60 })
	answers := wait()
	tried := 0
	for _, a := range answers {
		s.refused(a.err, "BUSY")
		if pg.IsLockTimeout(a.err) {
			tried++
		}
	}
	if tried == 0 || tried == 60 {
		t.Errorf("%d of 60 orders were tried, one after the other", tried)
	}
	letGo()
	for i := range answers {
		s.place(order("k"+strconv.Itoa(i), line(lamp, 1)))
	}
	if s.reserved(lamp) != 60 {
		t.Errorf("%d pieces are reserved for 60 orders", s.reserved(lamp))
	}
	s.sound()
}

// All connections are taken by others who keep them: nobody waits for one for longer than a second, nor one after the other.
func TestWithoutAConnectionOrdersAreSentAwaySoon(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 1000)
	letGo := s.lock(lamp)
	within, cancel := context.WithTimeout(t.Context(), 8*time.Second) // as every request has an end
	defer cancel()
	answers := s.crowd(within, 20, lamp)
	s.until(func() bool { now := s.Checkout.Writing(); return int(now.Orders)+now.Waiting == 20 })
	leave := s.everyConnection()
	without := 0
	for _, a := range answers() {
		s.refused(a.err, "BUSY")
		if errors.Is(a.err, pg.ErrNoConnection) {
			without++
		}
	}
	if without == 0 {
		t.Error("nobody was told that there is no connection")
	}
	leave()
	letGo()
	s.place(order("k1", line(lamp, 1)))
	s.sound()
}

// everyConnection takes what connections the pool has, and those that come back, until the test leaves them.
func (s *till) everyConnection() (leave func()) {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	var group sync.WaitGroup
	for range s.Pool.Stat().MaxConns() {
		group.Go(func() {
			if conn, err := s.Pool.Acquire(ctx); err == nil {
				defer conn.Release()
				<-ctx.Done()
			}
		})
	}
	return func() { cancel(); group.Wait() }
}

// The database takes longer over what an order writes than any shopper waits.
func TestWhatTheDatabaseIsTooSlowForIsUndone(t *testing.T) {
	t.Parallel()
	s := staffed(t)
	lamp := s.goods("Lamp", 1999, 10)
	s.owner(`create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return new; end $$`)
	s.owner(`create trigger dawdle before insert on order_key for each row execute function dawdle()`)
	for _, a := range s.crowd(t.Context(), 3, lamp)() {
		s.refused(a.err, "BUSY")
	}
	if s.reserved(lamp) != 0 {
		t.Errorf("%d pieces are reserved for orders that were not placed", s.reserved(lamp))
	}
	s.owner(`drop trigger dawdle on order_key`)
	for i := range 3 {
		s.place(order("k"+strconv.Itoa(i), line(lamp, 1)))
	}
	s.sound()
}

// Who sends an order again that was placed is told of it, whatever else can't be had at this moment.
func TestAPlacedOrderIsToldWhateverIsAway(t *testing.T) {
	t.Parallel()
	s, rates, taxes := remote(t)
	lamp := s.goods("Lamp", 1999, 10)
	first := s.place(order("k", line(lamp, 1)))
	rates.away.Store(true)
	taxes.away.Store(true)
	same(t, s.place(order("k", line(lamp, 1))), first)
	rates.away.Store(false)
	taxes.away.Store(false)
	letGo := s.lock(lamp)
	same(t, s.place(order("k", line(lamp, 1))), first)
	letGo()
	if s.reserved(lamp) != 1 {
		t.Errorf("%d pieces are reserved for one order", s.reserved(lamp))
	}
}
