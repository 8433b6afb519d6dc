package checkout

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

// clerk commits nothing, but lets a test look at each batch and hold it.
type clerk struct {
	*writer
	batches chan []string // the keys of each batch, as it begins
	goOn    chan error    // ends a batch; the error is the answer to all of it, and its trouble
}

func hire(limit int) *clerk {
	k := &clerk{batches: make(chan []string, 100), goOn: make(chan error)}
	k.writer = newWriter(limit, func(_ context.Context, batch []*waiting) error {
		var keys []string
		for _, w := range batch {
			keys = append(keys, w.request.Key)
		}
		k.batches <- keys
		err := <-k.goOn
		for i, w := range batch {
			w.answer = answer{order: orders.Order{OrderNumber: i + 1}, err: err}
		}
		return err
	})
	return k
}

// result is what a shopper got.
type result struct {
	order orders.Order
	err   error
}

// ask places in the background, and returns once the order waits, is being committed or has joined its twin.
func (k *clerk) ask(ctx context.Context, key, hash string) <-chan result {
	results := make(chan result, 1)
	go func() {
		order, err := k.place(ctx, idempotency.Request{Caller: "ada", Key: key, Operation: placeOperation, Hash: []byte(hash)}, draft{})
		results <- result{order, err}
	}()
	synctest.Wait()
	return results
}

func TestWhatWaitsIsCommittedTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testWhatWaits)
}

func testWhatWaits(t *testing.T) {
	k := hire(0)
	first := k.ask(t.Context(), "first", "a")
	if got := <-k.batches; len(got) != 1 {
		t.Fatalf("a lone order is committed with %v", got)
	}
	var results []<-chan result
	for i := range together + 6 {
		results = append(results, k.ask(t.Context(), strconv.Itoa(i), "a"))
	}
	k.goOn <- nil
	if got := <-k.batches; len(got) != together || got[0] != "0" || got[together-1] != strconv.Itoa(together-1) {
		t.Errorf("the second batch is %v", got)
	}
	k.goOn <- nil
	if got := <-k.batches; len(got) != 6 {
		t.Errorf("the third batch is %v", got)
	}
	k.goOn <- nil
	if r := <-first; r.err != nil {
		t.Error(r.err)
	}
	synctest.Wait()
	for i, c := range results {
		if r := <-c; r.err != nil || r.order.OrderNumber != i%together+1 {
			t.Errorf("order %d got the answer %d, %v", i, r.order.OrderNumber, r.err)
		}
	}
	if len(k.byKey) != 0 || k.running {
		t.Errorf("at rest %d keys are held, running: %t", len(k.byKey), k.running)
	}
}

// TestWhatFollowsGivesWay while shoppers wait for each other: no longer than that, and no longer than it is willing to.
func TestWhatFollowsGivesWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := hire(0)
		c := &Checkout{writer: k.writer}
		waited := func() time.Duration {
			began := time.Now()
			c.GiveWay(t.Context(), time.Minute)
			return time.Since(began)
		}
		all := []<-chan result{k.ask(t.Context(), "first", "a")}
		<-k.batches
		for i := range crowd {
			all = append(all, k.ask(t.Context(), strconv.Itoa(i), "a"))
		}
		if took := waited(); took != 0 {
			t.Errorf("beside a lone order it waited %s", took)
		}
		k.most = 1
		k.goOn <- errSlow
		<-k.batches // of a crowd, however few of it are committed at once while the database is slow
		if took := waited(); took != time.Minute {
			t.Errorf("beside a crowd that stays it waited %s, want as long as it is willing to", took)
		}
		gone := make(chan time.Duration)
		go func() { gone <- waited() }()
		synctest.Wait()
		time.Sleep(time.Second)
		k.goOn <- nil
		if took := <-gone; took != time.Second {
			t.Errorf("beside a crowd that left after a second it waited %s", took)
		}
		for _, answered := range all { // most of them have waited for too long by now
			<-answered
		}
	})
}

func TestFullQueueIsBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testFullQueue)
}

func testFullQueue(t *testing.T) {
	k := hire(2)
	held := []<-chan result{k.ask(t.Context(), "0", "a")}
	<-k.batches
	for i := range 2 {
		held = append(held, k.ask(t.Context(), strconv.Itoa(i+1), "a"))
	}
	if r := <-k.ask(t.Context(), "3", "a"); !fault.IsKind(r.err, fault.Busy) {
		t.Errorf("one too many got %v", r.err)
	}
	k.goOn <- nil
	<-k.batches
	k.goOn <- nil
	for _, c := range held {
		if r := <-c; r.err != nil {
			t.Error(r.err)
		}
	}
}

func TestTwinJoinsTheOneUnderWay(t *testing.T) {
	t.Parallel()
	refusal := fault.New(fault.Conflict, "OUT_OF_STOCK", "There is none.")
	for _, c := range []struct {
		name   string
		answer error
		other  error // to the same key with another input, which has its own try after a refusal
	}{
		{"that is placed", nil, idempotency.ErrReused},
		{"that is refused", refusal, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				k := hire(0)
				first := k.ask(t.Context(), "k", "a")
				var twins []<-chan result
				for range 5 {
					twins = append(twins, k.ask(t.Context(), "k", "a"))
				}
				other := k.ask(t.Context(), "k", "b")
				k.goOn <- c.answer
				for _, answered := range append(twins, first) {
					if r := <-answered; !errors.Is(r.err, c.answer) || c.answer == nil && r.order.OrderNumber != 1 {
						t.Errorf("a twin got %d, %v", r.order.OrderNumber, r.err)
					}
				}
				batches := 1
				if c.answer != nil {
					k.goOn <- nil
					batches = 2
				}
				if r := <-other; !errors.Is(r.err, c.other) {
					t.Errorf("another input got %v, want %v", r.err, c.other)
				}
				if len(k.batches) != batches {
					t.Errorf("%d batches, want %d", len(k.batches), batches)
				}
			})
		})
	}
}

func TestShopperWhoLeavesIsWithdrawnUntilTheBatchBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testShopperLeaves)
}

func testShopperLeaves(t *testing.T) {
	k := hire(0)
	ctx, leave := context.WithCancel(t.Context())
	under := k.ask(ctx, "under way", "a")
	<-k.batches
	left := k.ask(ctx, "waiting", "a")
	twin := k.ask(t.Context(), "waiting", "a")
	leave()
	if r := <-left; !errors.Is(r.err, context.Canceled) {
		t.Errorf("who left got %v", r.err)
	}
	k.goOn <- nil
	if r := <-under; r.err != nil {
		t.Errorf("an order that was being committed got %v", r.err)
	}
	if got := <-k.batches; len(got) != 1 || got[0] != "waiting" {
		t.Errorf("the twin is committed with %v", got)
	}
	k.goOn <- nil
	if r := <-twin; r.err != nil {
		t.Errorf("the twin of who left got %v", r.err)
	}
}

func TestWhoWaitsTooLongIsToldToComeAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := hire(10)
		began := time.Now()
		first := k.ask(t.Context(), "first", "")
		<-k.batches
		second, twin := k.ask(t.Context(), "second", ""), k.ask(t.Context(), "second", "")
		if got := <-second; !errors.Is(got.err, errFull) || time.Since(began) != queuedWithin {
			t.Errorf("after %s the answer is %v, want BUSY after %s", time.Since(began), got.err, queuedWithin)
		}
		k.goOn <- nil // what was being committed is waited for, however long that takes
		if got := <-first; got.err != nil {
			t.Error(got.err)
		}
		if keys := <-k.batches; len(keys) != 1 || keys[0] != "second" { // whoever had joined takes its place
			t.Errorf("then %v are committed", keys)
		}
		k.goOn <- nil
		if got := <-twin; got.err != nil {
			t.Error(got.err)
		}
	})
}

func TestWhoWaitsIsToldThatTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := hire(10)
		first := k.ask(t.Context(), "first", "a")
		<-k.batches
		second, twin := k.ask(t.Context(), "second", "a"), k.ask(t.Context(), "second", "a")
		away := fmt.Errorf("none: %w", pg.ErrNoConnection)
		k.goOn <- away
		for _, answered := range []<-chan result{first, second, twin} {
			if r := <-answered; !errors.Is(r.err, away) {
				t.Errorf("the answer is %v, want that there is no connection", r.err)
			}
		}
		synctest.Wait()
		if len(k.batches) != 0 || k.running || len(k.byKey) != 0 {
			t.Errorf("%d batches more, running: %t, %d keys held", len(k.batches), k.running, len(k.byKey))
		}
		third := k.ask(t.Context(), "third", "a") // who comes later looks anew
		k.goOn <- nil
		if r := <-third; r.err != nil {
			t.Error(r.err)
		}
	})
}

func TestBatchesShrinkWhileTheDatabaseIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := hire(0)
		all := []<-chan result{k.ask(t.Context(), "first", "a")}
		<-k.batches
		for i := range 200 {
			all = append(all, k.ask(t.Context(), strconv.Itoa(i), "a"))
		}
		for _, c := range []struct {
			trouble error // of the batch before
			size    int
		}{{nil, 64}, {errSlow, 32}, {errSlow, 16}, {nil, 32}, {nil, 56}} {
			k.goOn <- c.trouble
			if got := <-k.batches; len(got) != c.size {
				t.Errorf("after %v a batch has %d orders, want %d", c.trouble, len(got), c.size)
			}
		}
		k.goOn <- nil
		refused := 0
		for _, answered := range all {
			if r := <-answered; errors.Is(r.err, errSlow) {
				refused++
			}
		}
		if refused != 64+32 {
			t.Errorf("%d orders were told that the shop is slow, want those of two batches", refused)
		}
	})
}
