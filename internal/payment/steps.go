package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/together"
)

// Each order takes two steps towards its money: what is about to be asked, before the provider is called, and what it
// has said, after that. The steps that the orders of a process take at the same moment are committed together, each
// decided alone under the lock of its order. One whose order somebody else holds is left out and waits for it alone.

// What keeps a group may take a fraction of the time that an order's own step has: the others are then still in time to
// be taken alone.
const (
	mostSteps   = 256
	stepsWithin = 1500 * time.Millisecond
	giveWayFor  = 60 * time.Millisecond // while shoppers wait for each other; an order takes two steps
)

// step is what one job does about one order between two calls.
type step struct {
	order id.OrderID
	cause string
	done  Done
	keeps bool // it keeps what a provider has said

	// decide does it to the dossier, which is nil when nothing is owed, and says whether the job is over with it. It may
	// run again, so it starts from fresh values.
	decide func(ctx context.Context, tx pgx.Tx, d *dossier) (over bool, err error)
}

// newSteps makes the group in which the steps of this process are taken.
func (p *Payments) newSteps(giveWay func(ctx context.Context, atMost time.Duration)) *together.Group[*step] {
	return together.New(together.Work[*step]{
		Most: mostSteps, Within: stepsWithin, Yield: giveWay, YieldFor: giveWayFor,
		All: func(ctx context.Context, steps []*step) (left []*step, err error) {
			err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) (err error) {
				left, err = p.take(ctx, tx, orders.QueueFreeLocks, steps)
				return err
			})
			return left, err
		},
		Alone: func(ctx context.Context, s *step) error {
			return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
				left, err := p.take(ctx, tx, orders.QueueLocks, []*step{s})
				if err == nil && len(left) > 0 {
					err = orders.NotFound
				}
				return err
			})
		},
	})
}

// StepsWaiting is how many steps of this process wait for the transaction that runs.
func (p *Payments) StepsWaiting() int { return p.steps.Waiting() }

// sitting is what is to be written of all steps of one transaction.
type sitting struct {
	dossiers []*dossier
	news     []orders.Recording
	over     []Done
	keeps    bool
}

// take takes the steps of orders that are locked as lock does it, and gives those back whose order it has not got, or
// has taken a step of already.
func (p *Payments) take(ctx context.Context, tx pgx.Tx, lock func(*pgx.Batch, []id.OrderID) *orders.Held, steps []*step) (left []*step, err error) {
	wanted := make([]id.OrderID, len(steps))
	for i, s := range steps {
		wanted[i] = s.order
	}
	b := &pgx.Batch{}
	held, found := lock(b, wanted), queueDossiers(b, wanted)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("take up the payments of %d orders: %w", len(steps), err)
	}
	var all sitting
	for _, s := range steps {
		order, ok := held.Orders[s.order]
		if !ok {
			left = append(left, s)
			continue
		}
		delete(held.Orders, s.order)
		d := found[s.order]
		if d != nil {
			d.order = order
		}
		over, err := s.decide(ctx, tx, d)
		if err != nil {
			return nil, err
		}
		all.add(s, d, over)
	}
	return left, p.write(ctx, tx, held, &all)
}

func (all *sitting) add(s *step, d *dossier, over bool) {
	if d != nil {
		all.dossiers = append(all.dossiers, d)
		all.news = append(all.news, orders.Recording{Order: d.order, By: bySystem, Cause: s.cause, Data: d.news})
	}
	if over {
		all.over = append(all.over, s.done)
	}
	all.keeps = all.keeps || s.keeps
}

// write writes what was decided, for all at once, and ends the jobs that are over with it.
func (p *Payments) write(ctx context.Context, tx pgx.Tx, held *orders.Held, all *sitting) error {
	var ended func()
	err := p.orders.RecordAll(ctx, tx, held.Tips, all.news, func(b *pgx.Batch) (err error) {
		if err := queueSaves(b, all.dossiers); err != nil {
			return err
		}
		if all.keeps {
			failpoint.Hit(failpoint.AuthorizeBeforeJobDone)
		}
		ended, err = queueEnds(b, all.over)
		return err
	})
	if err != nil {
		return fmt.Errorf("save the payments of %d orders: %w", len(all.dossiers), err)
	}
	ended()
	if all.keeps {
		failpoint.Hit(failpoint.AuthorizeBeforeResult)
	}
	return nil
}
