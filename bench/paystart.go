package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// startRate is how many orders are placed in a second while it is measured how soon their payments start.
const startRate = 200

// The first span begins with the time that the order's first event bears, which is before its commit: it holds the wait for
// the commit too. The second begins with the commit, by PostgreSQL's own clock just before it writes it out.
const startsQuery = `
select extract(epoch from s.at - p.at), extract(epoch from s.at - pg_xact_commit_timestamp(p.xmin))
from event p
join event s on s.stream = p.stream and s.kind = 'payment.started' and s.version = 2
where p.kind = 'order.placed' and p.at >= $1`

// paymentStart is an open loop: orders arrive at a fixed rate, however long the answers take, and the jobs that pay them
// must begin at once. It measures from each order, and from its commit, to the start of the first try to be paid.
func (b *bench) paymentStart(ctx context.Context, _ int) (figures, error) {
	if err := b.arrive(ctx, time.Second); err != nil { // connections are opened and plans are made
		return figures{}, err
	}
	if err := b.rest(ctx); err != nil {
		return figures{}, err
	}
	var began time.Time
	if err := b.conn.QueryRow(ctx, "select clock_timestamp()").Scan(&began); err != nil {
		return figures{}, err
	}
	start := time.Now()
	if err := b.arrive(ctx, b.duration); err != nil {
		return figures{}, err
	}
	elapsed := time.Since(start)
	if err := b.rest(ctx); err != nil {
		return figures{}, err
	}
	rows, err := b.conn.Query(ctx, startsQuery, began)
	if err != nil {
		return figures{}, err
	}
	var spans, since []time.Duration
	var fromOrder, fromCommit float64
	if _, err := pgx.ForEachRow(rows, []any{&fromOrder, &fromCommit}, func() error {
		spans, since = append(spans, seconds(fromOrder)), append(since, seconds(fromCommit))
		return nil
	}); err != nil {
		return figures{}, err
	}
	if wanted := int(b.duration.Seconds() * startRate); len(spans) < wanted*9/10 {
		return figures{}, errors.New("the payments of many orders did not start")
	}
	result, committed := figuresOf(spans, elapsed), figuresOf(since, elapsed)
	result.committed = &committed
	return result, nil
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// arrive places orders at the fixed rate and waits for the last answer.
func (b *bench) arrive(ctx context.Context, duration time.Duration) error {
	var all sync.WaitGroup
	var once sync.Once
	var first error
	began := time.Now()
	for i := range int(duration.Seconds() * startRate) {
		select {
		case <-time.After(time.Until(began.Add(time.Duration(i) * time.Second / startRate))):
		case <-ctx.Done():
			return ctx.Err()
		}
		all.Go(func() {
			if _, err := b.place(ctx, wishOf(b.anyVariant(), "approve")); err != nil {
				once.Do(func() { first = err })
			}
		})
	}
	all.Wait()
	return first
}

// noFloor is of a scenario that nothing else does.
func (b *bench) noFloor(context.Context, int) (figures, error) { return figures{}, nil }
