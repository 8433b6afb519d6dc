package cart_test

import (
	"context"
	"sync"
	"testing"

	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/fault"
)

// together runs all at the same moment and waits for them.
func together(all ...func()) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for _, one := range all {
		group.Go(func() {
			<-start
			one()
		})
	}
	close(start)
	group.Wait()
}

// blocked waits until somebody waits for a lock in the test's database, or has gone on without.
func (c *counter) blocked(gone <-chan struct{}) {
	c.Helper()
	for {
		select {
		case <-gone:
			c.Fatal("nobody waits for the lock")
		default:
		}
		var waiting int
		err := c.pool.QueryRow(c.Context(), `
select count(*)
from pg_locks l
join pg_stat_activity a on a.pid = l.pid
where a.datname = current_database()
  and not l.granted`).Scan(&waiting)
		if err != nil {
			c.Fatal(err)
		}
		if waiting > 0 {
			return
		}
	}
}

// A cart that always holds as many lamps as chairs is never cloned in between.
func TestCloneIsOneVersionOfACart(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp, chair := c.variant("Lamp", 1), c.variant("Chair", 1)
	made := c.create(line(lamp, 1), line(chair, 1))
	var (
		mutex  sync.Mutex
		clones []cart.Cart
		sides  []func()
	)
	for range 4 {
		sides = append(sides, func() {
			for range 6 {
				c.must(c.carts.AddLines(t.Context(), made.ID.String(), []cart.CartLineInput{line(lamp, 1), line(chair, 1)}))
			}
		}, func() {
			for range 6 {
				clone := *c.must(c.carts.Clone(t.Context(), made.ID.String())).Cart
				mutex.Lock()
				clones = append(clones, clone)
				mutex.Unlock()
			}
		})
	}
	together(sides...)
	c.holds(made.ID, "Lamp ×25", "Chair ×25")
	ids := map[cart.ID]bool{}
	for _, clone := range clones {
		ids[clone.ID] = true
		found, err := c.carts.Open(t.Context(), clone.ID)
		if err != nil || len(found.AllLines) != 2 || found.AllLines[0].Quantity != found.AllLines[1].Quantity {
			t.Errorf("a clone holds %v, %v", content(found), err)
		}
	}
	if len(ids) != 24 {
		t.Errorf("%d clones have ids of their own, want 24", len(ids))
	}
}

// Of log-ins at once each finds what the ones before it have brought: one cart is left, with everything in it once.
func TestLogInsAtTheSameTimeLeaveOneCart(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 1)
	for round, sides := range []int{2, 2, 2, 5} {
		_, token := c.account([]string{"a", "b", "c", "d"}[round] + "@example.com")
		var carts []cart.Cart
		var logIns []func()
		for range sides {
			made := c.create(line(lamp, 1))
			carts = append(carts, made)
			logIns = append(logIns, func() {
				c.must(c.carts.UpdateBuyerIdentity(t.Context(), made.ID.String(), cart.CartBuyerIdentityInput{CustomerAccessToken: &token}))
			})
		}
		together(logIns...)
		open, units := 0, 0
		for _, one := range carts {
			if found, err := c.carts.Open(t.Context(), one.ID); err == nil {
				open, units = open+1, units+found.TotalQuantity()
			}
		}
		if open != 1 || units != sides {
			t.Errorf("after %d log-ins %d carts are open with %d lamps, want 1 with all", sides, open, units)
		}
	}
}

// An old cart that is being changed at this moment is not removed, and nobody waits for it.
func TestCartThatIsBeingChangedIsNotRemoved(t *testing.T) {
	t.Parallel()
	c := open(t)
	old, older := c.create(line(c.variant("Lamp", 100), 1)), c.create()
	c.exec(`update cart set updated_at = now() - interval '31 days'`)
	tx, err := c.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), `update cart set updated_at = now() where id = $1`, old.ID.UUID); err != nil {
		t.Fatal(err)
	}
	if n, err := c.carts.Purge(t.Context(), 100); n != 1 || err != nil {
		t.Errorf("removed %d, %v; want the other one only", n, err)
	}
	c.closed(older.ID)
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := c.carts.Purge(t.Context(), 100); n != 0 || err != nil {
		t.Errorf("removed %d, %v; want none", n, err)
	}
	c.holds(old.ID, "Lamp ×1")
}

// Who waits for a cart that is removed meanwhile is told that there is none, and nothing of it is left.
func TestChangeThatWaitsForARemovalFindsNoCart(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 100)
	for name, change := range map[string]func(cart string) (*cart.Payload, error){
		"cartLinesAdd": func(name string) (*cart.Payload, error) {
			return c.once("k").AddLines(t.Context(), name, []cart.CartLineInput{line(lamp, 1)})
		},
		"cartClone":      func(name string) (*cart.Payload, error) { return c.carts.Clone(t.Context(), name) },
		"cartNoteUpdate": func(name string) (*cart.Payload, error) { return c.carts.UpdateNote(t.Context(), name, "x") },
	} {
		made := c.create(line(lamp, 1))
		tx, err := c.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), `delete from cart where id = $1`, made.ID.UUID); err != nil {
			t.Fatal(err)
		}
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			p, err := change(made.ID.String())
			if err != nil || p.Cart != nil || len(p.UserErrors) != 1 || *p.UserErrors[0].Code != cart.Invalid {
				t.Errorf("%s says %+v, %v", name, p, err)
			}
		}()
		c.blocked(gone)
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-gone
	}
	for _, table := range []string{"cart", "cart_line", "idempotency_key"} {
		var n int
		if err := c.pool.QueryRow(t.Context(), "select count(*) from "+table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s has %d rows, %v; want none", table, n, err)
		}
	}
}

// Changes of one cart while it is merged away: each line is in the cart that is left, or was refused.
func TestMergeWhileBothCartsAreChanged(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 1)
	for range 6 {
		from, into := c.create(line(lamp, 1)), c.create(line(lamp, 1))
		var mutex sync.Mutex
		added := 2
		add := func(to cart.Cart) func() {
			return func() {
				p, err := c.carts.AddLines(t.Context(), to.ID.String(), []cart.CartLineInput{line(lamp, 1)})
				if err != nil {
					t.Error(err)
				} else if p.Cart != nil {
					mutex.Lock()
					added++
					mutex.Unlock()
				}
			}
		}
		together(add(from), add(into), func() { c.merge(from, into) }, add(from), add(into))
		found, err := c.carts.Open(t.Context(), into.ID)
		if err != nil || found.TotalQuantity() != added {
			t.Errorf("the cart holds %v, %v; want %d lamps", content(found), err, added)
		}
		if _, err := c.carts.Open(t.Context(), from.ID); !fault.IsKind(err, fault.NotFound) {
			t.Errorf("the merged cart: %v", err)
		}
	}
}

// A customer's carts that are merged by hand while the customer logs in to others: all lock in one order, so that nobody
// waits in a circle, and each lamp is in one cart.
func TestMergesAndLogInsAtTheSameTime(t *testing.T) {
	t.Parallel()
	c := open(t)
	lamp := c.variant("Lamp", 1)
	for round := range 4 {
		_, token := c.account(string(rune('a'+round)) + "@example.com")
		logIn := func(to cart.Cart) func() {
			return func() {
				p, err := c.carts.UpdateBuyerIdentity(t.Context(), to.ID.String(), cart.CartBuyerIdentityInput{CustomerAccessToken: &token})
				if err != nil || len(p.UserErrors) > 0 && *p.UserErrors[0].Code != cart.Invalid {
					t.Errorf("a log-in says %+v, %v", p, err)
				}
			}
		}
		merge := func(from, into cart.Cart) func() {
			return func() {
				if _, err := c.carts.Merge(t.Context(), cart.CartMergeInput{From: from.ID.String(), Into: into.ID.String()}); err != nil {
					t.Errorf("a merge says %v", err)
				}
			}
		}
		mine := c.create(line(lamp, 1))
		logIn(mine)()
		guest, other := c.create(line(lamp, 10)), c.create(line(lamp, 100))
		together(logIn(guest), merge(mine, other), logIn(other), merge(other, guest), merge(mine, guest), logIn(guest))
		units := 0
		for _, one := range []cart.Cart{mine, guest, other} {
			if found, err := c.carts.Open(t.Context(), one.ID); err == nil {
				units += found.TotalQuantity()
			}
		}
		if units != 111 {
			t.Errorf("%d lamps are in open carts, want 111", units)
		}
	}
	var deadlocks int
	err := c.pool.QueryRow(t.Context(), `select deadlocks from pg_stat_database where datname = current_database()`).Scan(&deadlocks)
	if err != nil || deadlocks != 0 {
		t.Errorf("%d deadlocks, %v; want none", deadlocks, err)
	}
}
