package checkout

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wharfhq/wharf/internal/fault"
	"github.com/wharfhq/wharf/internal/idempotency"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
)

const (
	// together is how many orders are committed in one transaction at most.
	together = 64
	// aloneAtOnce is how many orders of a batch that failed are tried side by side, each in a transaction of its own. They
	// may all want one row, such as that of a promotion, and the last of them waits for the others: no longer than
	// aloneWithin.
	aloneAtOnce = 3
	// defaultQueue is how many orders may wait for their commit.
	defaultQueue = 1024
	// queuedWithin is how long they may: a shopper is better told to come again than left without an answer.
	queuedWithin = 2 * time.Second
	// crowd is how many orders wait for their commit when shoppers wait for each other. Then what follows their orders in
	// this process gives way for a while: it can wait, and costs the less the more of it is done together.
	crowd = 4
)

// errFull says that more orders are waiting than this process can commit soon.
var errFull = fault.New(fault.Busy, "BUSY", "Very many orders are being placed at this moment. Try again with the same key.")

// writer gathers the orders of this process that are ready to be committed. It commits what is waiting when the last
// commit has returned, in one transaction: no timer, so that a lone order waits for nobody and batches grow with the
// load. Nothing runs while nothing waits. An order that was taken into a batch is committed even if its shopper goes
// away; one that still waits is withdrawn. When a batch finds the database away, all who wait by then are told so: they
// would wait as long for the same. When the database was too slow for a batch, the next ones are smaller.
type writer struct {
	commit func(ctx context.Context, batch []*waiting) (trouble error) // gives each of them its answer
	limit  int

	mu      sync.Mutex
	queue   []*waiting
	byKey   map[useOfKey]*waiting // in the queue or being committed
	running bool
	most    int           // how many orders the next batch has at most
	calm    chan struct{} // closed once shoppers no longer wait for each other; nil while they don't
	written Writing
}

// Writing is how the commits of this process go: how many orders wait for theirs now, and how many transactions have
// been tried for how many orders since the start.
type Writing struct {
	Waiting int
	Batches uint64
	Orders  uint64
}

// Writing tells how the commits of this process go.
func (c *Checkout) Writing() Writing {
	c.writer.mu.Lock()
	defer c.writer.mu.Unlock()
	now := c.writer.written
	now.Waiting = len(c.writer.queue)
	return now
}

// GiveWay waits while shoppers wait for each other in this process, but not for long.
func (c *Checkout) GiveWay(ctx context.Context, atMost time.Duration) {
	c.writer.mu.Lock()
	calm := c.writer.calm
	c.writer.mu.Unlock()
	if calm == nil {
		return
	}
	enough := time.NewTimer(atMost)
	defer enough.Stop()
	select {
	case <-calm:
	case <-enough.C:
	case <-ctx.Done():
	}
}

// waiting is an order that waits for its commit, and the answer to it once done is closed.
type waiting struct {
	request   idempotency.Request
	draft     draft
	done      chan struct{}
	withdrawn bool

	answer
}

// answer is what became of an order: placed, or why not.
type answer struct {
	order orders.Order
	err   error
}

type useOfKey struct{ caller, key string }

func newWriter(limit int, commit func(context.Context, []*waiting) error) *writer {
	if limit <= 0 {
		limit = defaultQueue
	}
	return &writer{commit: commit, limit: limit, most: together, byKey: map[useOfKey]*waiting{}}
}

// place commits a draft together with whatever else is waiting. A request whose twin is under way joins it and gets
// its answer.
func (w *writer) place(ctx context.Context, request idempotency.Request, d draft) (orders.Order, error) {
	for {
		own, twin, err := w.enter(ctx, request, d)
		if err != nil {
			return orders.Order{}, err
		}
		if twin == nil {
			return w.wait(ctx, own)
		}
		select {
		case <-twin.done:
		case <-ctx.Done():
			return orders.Order{}, ctx.Err()
		}
		switch same := twin.request.Operation == request.Operation && slices.Equal(twin.request.Hash, request.Hash); {
		case twin.withdrawn:
		case same:
			return twin.order, twin.err
		case twin.err == nil:
			return orders.Order{}, idempotency.ErrReused
		}
		// The key had no effect, so it is free for this request.
	}
}

// enter queues a draft, or finds the twin that is under way with its key.
func (w *writer) enter(ctx context.Context, request idempotency.Request, d draft) (own, twin *waiting, err error) {
	key := useOfKey{request.Caller, request.Key}
	w.mu.Lock()
	defer w.mu.Unlock()
	if twin := w.byKey[key]; twin != nil {
		return nil, twin, nil
	}
	if len(w.queue) >= w.limit {
		return nil, nil, errFull
	}
	own = &waiting{request: request, draft: d, done: make(chan struct{})}
	w.queue = append(w.queue, own)
	w.byKey[key] = own
	if !w.running {
		w.running = true
		go w.run(context.WithoutCancel(ctx))
	}
	return own, nil, nil
}

// wait gives the answer to an order. Until its batch begins its shopper may leave, or is sent away when that takes too
// long; after that only the commit decides.
func (w *writer) wait(ctx context.Context, own *waiting) (orders.Order, error) {
	queued := time.NewTimer(queuedWithin)
	defer queued.Stop()
	select {
	case <-own.done:
	case <-queued.C:
		if w.withdraw(own) {
			return orders.Order{}, errFull
		}
		<-own.done
	case <-ctx.Done():
		if w.withdraw(own) {
			return orders.Order{}, ctx.Err()
		}
		<-own.done
	}
	return own.order, own.err
}

func (w *writer) withdraw(own *waiting) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.queue, own)
	if i < 0 {
		return false
	}
	w.queue = slices.Delete(w.queue, i, i+1)
	own.withdrawn = true
	w.release(own)
	return true
}

// release frees an order's key and lets those who wait for its answer go on. The caller holds the lock.
func (w *writer) release(own *waiting) {
	delete(w.byKey, useOfKey{own.request.Caller, own.request.Key})
	close(own.done)
}

// run commits batch after batch until nothing waits.
func (w *writer) run(ctx context.Context) {
	for batch := w.take(); len(batch) > 0; batch = w.take() {
		trouble := w.commit(ctx, batch)
		w.mu.Lock()
		for _, own := range batch {
			w.release(own)
		}
		w.learn(len(batch), trouble)
		w.mu.Unlock()
	}
}

// learn is what a batch has taught about those to come. The caller holds the lock.
func (w *writer) learn(size int, trouble error) {
	switch {
	case errors.Is(trouble, pg.ErrNoConnection):
		for _, own := range w.queue {
			own.err = trouble
			w.release(own)
		}
		w.queue = nil
	case errors.Is(trouble, errSlow):
		w.most = max(1, size/2)
	default:
		w.most = min(together, 2*w.most)
	}
}

func (w *writer) take() []*waiting {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tell(len(w.queue) < crowd)
	n := min(len(w.queue), w.most)
	batch := slices.Clone(w.queue[:n])
	w.queue = slices.Delete(w.queue, 0, n)
	w.running = n > 0
	if w.running {
		w.written.Batches++
		w.written.Orders += uint64(n)
	}
	return batch
}

// tell tells those who give way whether they need to. The caller holds the lock.
func (w *writer) tell(calm bool) {
	switch {
	case !calm && w.calm == nil:
		w.calm = make(chan struct{})
	case calm && w.calm != nil:
		close(w.calm)
		w.calm = nil
	}
}

// commitBatch commits a batch. If that fails, one order may be the cause, so each is tried alone: the others must not
// suffer for it. Where there is no connection, or the time for all of them is over, trying would only keep them waiting.
// What the others who wait are concerned with, too, is given back: that there is none, or that the database is too slow.
func (c *Checkout) commitBatch(ctx context.Context, batch []*waiting) (trouble error) {
	ready := time.Now().Add(readyWithin)
	err := c.commitTogether(ctx, batch, lockWithin, ready)
	if err == nil {
		return nil
	}
	if len(batch) == 1 || troubling(err) {
		for _, own := range batch {
			own.err = err
		}
		return err
	}
	var met atomic.Pointer[error] // once one has met trouble, the others don't look for it
	var group errgroup.Group
	group.SetLimit(aloneAtOnce)
	for i, own := range batch {
		group.Go(func() error {
			if trouble := met.Load(); trouble != nil {
				own.err = *trouble
			} else if time.Now().After(ready) {
				own.err = busy
			} else if err := c.commitTogether(ctx, batch[i:i+1], aloneWithin, ready); err != nil {
				own.err = err
				if troubling(err) {
					met.Store(&err)
				}
			}
			return nil
		})
	}
	_ = group.Wait() // each error has become its order's answer
	if trouble := met.Load(); trouble != nil {
		return *trouble
	}
	return nil
}

// troubling says whether an error is none of the order's own: there is no connection, or the database is too slow.
func troubling(err error) bool {
	return errors.Is(err, pg.ErrNoConnection) || errors.Is(err, errSlow)
}

// contained makes a panic an error: what one order does to us must not end the process for all.
func contained(do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	return do()
}
