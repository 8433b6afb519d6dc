package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// act is what one client does once: a request whose answer is checked.
type act func(ctx context.Context, who int) error

// errNothingLeft ends a client early: what was prepared for it is used up.
var errNothingLeft = errors.New("nothing is left to do")

// figures are the result of one load.
type figures struct {
	rate          float64 // done per second
	p50, p95, p99 time.Duration
	done, failed  int
	first         error    // of those that failed
	committed     *figures // for payments that start: the same, from the order's commit
}

// figuresOf sorts the latencies in place.
func figuresOf(latencies []time.Duration, elapsed time.Duration) figures {
	slices.Sort(latencies)
	at := func(share float64) time.Duration {
		if len(latencies) == 0 {
			return 0
		}
		return latencies[min(int(share*float64(len(latencies))), len(latencies)-1)]
	}
	return figures{
		rate: float64(len(latencies)) / elapsed.Seconds(), done: len(latencies),
		p50: at(0.50), p95: at(0.95), p99: at(0.99),
	}
}

// load lets clients act for the run's duration, after a short while that isn't counted, in which connections are
// opened and plans are made.
func (b *bench) load(ctx context.Context, clients int, do act) (figures, error) {
	if warm := drive(ctx, clients, min(b.duration/5, time.Second), do); warm.first != nil && warm.done == 0 {
		return figures{}, warm.first
	}
	result := drive(ctx, clients, b.duration, do)
	return result, ctx.Err()
}

// drive is a closed loop: each client acts again as soon as it has its answer. What runs when the time is over is
// awaited and counted.
func drive(ctx context.Context, clients int, duration time.Duration, do act) figures {
	began := time.Now()
	tallies := make([]tally, clients)
	var all sync.WaitGroup
	for who := range clients {
		all.Go(func() { tallies[who].drive(ctx, who, began.Add(duration), do) })
	}
	all.Wait()
	elapsed := time.Since(began)
	var sum tally
	for _, t := range tallies {
		sum.latencies = append(sum.latencies, t.latencies...)
		sum.failed += t.failed
		if sum.first == nil {
			sum.first = t.first
		}
	}
	result := figuresOf(sum.latencies, elapsed)
	result.failed, result.first = sum.failed, sum.first
	return result
}

// tally is what one client has seen.
type tally struct {
	latencies []time.Duration
	failed    int
	first     error
}

func (t *tally) drive(ctx context.Context, who int, until time.Time, do act) {
	for began := time.Now(); began.Before(until) && ctx.Err() == nil; began = time.Now() {
		err := do(ctx, who)
		if errors.Is(err, errNothingLeft) {
			return
		}
		if err == nil {
			t.latencies = append(t.latencies, time.Since(began))
			continue
		}
		t.failed++
		if t.first == nil {
			t.first = err
		}
		time.Sleep(10 * time.Millisecond) // a server that fails fast must not look fast
	}
}

// together does n things, at most 64 at the same time, and ends with the first that fails.
func together(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(64)
	for i := range n {
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}
