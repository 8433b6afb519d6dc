package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/failpoint"
	"github.com/wharfhq/wharf/internal/id"
	"github.com/wharfhq/wharf/internal/orders"
	"github.com/wharfhq/wharf/internal/settings"
)

// bySystem stands in the events of what nobody asked for.
const bySystem = "system"

// keepWithin is how long keeping an outcome may take.
const keepWithin = 5 * time.Second

// turn is one worker's go at one attempt: what the provider is asked, decided and committed before the call.
type turn struct {
	attempt   PaymentAttempt
	reference string
	customer  string // whose method it is; empty for a guest
	result    string // what the shopper has brought back from a challenge
	looks     bool   // the charge is only looked up, since its reservation has come to its end
	others    bool   // whether another method could be tried instead
	patience  bool   // whether this one still deserves another try
	over      func() // it no longer counts among the calls of its provider
}

// end is called when the call is over, or when there will be none.
func (t *turn) end() {
	if t != nil {
		t.over()
	}
}

// Authorize takes the next step towards the money of an order: it asks the provider of the method whose turn it is,
// or looks up what became of the last question. It may run any number of times, also side by side. done ends the job
// in the transaction of the result; a *Later says that the job must come back.
func (p *Payments) Authorize(ctx context.Context, order id.OrderID, cause string, done Done) error {
	shop, err := p.settings.Load(ctx)
	if err != nil {
		return err
	}
	t, err := p.intend(ctx, shop, order, cause, done)
	if err != nil || t == nil {
		return err
	}
	t.hit(failpoint.AuthorizeBeforeCall, failpoint.RenewBeforeCall)
	v := p.ask(ctx, t)
	t.hit(failpoint.AuthorizeAfterCall, failpoint.RenewAfterCall)
	// What the provider has said is told and kept even if the process is being stopped and nobody waits any more.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
	defer cancel()
	if err := p.tellMisfit(ctx, &t.attempt, errors.Join(v.answer, v.err), cause); err != nil {
		return err
	}
	var later *Later
	err = p.steps.Do(ctx, &step{
		order: order, cause: cause, done: done, keeps: true,
		decide: func(ctx context.Context, tx pgx.Tx, d *dossier) (over bool, err error) {
			if d == nil {
				return false, errNothingOwed
			}
			later, err = p.conclude(ctx, tx, shop, d, t.attempt, v, cause)
			return later == nil, err
		},
	})
	if err != nil {
		return fmt.Errorf("keep the outcome of attempt %s: %w", t.attempt.ID, err)
	}
	t.hit(failpoint.AuthorizeAfterResult, failpoint.RenewAfterResult)
	if later != nil {
		return later
	}
	return nil
}

// hit passes the failpoint of the first authorization, or that of a renewal.
func (t *turn) hit(first, renewal failpoint.Name) {
	if t.attempt.renews == nil {
		failpoint.Hit(first)
		return
	}
	failpoint.Hit(renewal)
}

// intend commits what is about to be asked, and leases the attempt so that nobody else asks at the same time. It
// gives no turn when there is nothing to ask.
func (p *Payments) intend(ctx context.Context, shop settings.Shop, order id.OrderID, cause string, done Done) (*turn, error) {
	var t *turn
	var later *Later
	asks := false
	defer func() {
		if !asks {
			t.end()
		}
	}()
	err := p.steps.Do(ctx, &step{
		order: order, cause: cause, done: done,
		decide: func(ctx context.Context, tx pgx.Tx, d *dossier) (over bool, err error) {
			t.end() // of a try that came to nothing
			t, later, err = p.nextTurn(ctx, tx, shop, d)
			return t == nil && later == nil, err
		},
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("take up the payment of %s: %w", order, err)
	case later != nil:
		return nil, later
	case t != nil:
		failpoint.Hit(failpoint.AuthorizeAfterIntent)
	}
	asks = true
	return t, nil
}

// nextTurn decides what is to be asked next, if anything: with neither a turn nor a time to come back, the job is over.
func (p *Payments) nextTurn(ctx context.Context, tx pgx.Tx, shop settings.Shop, d *dossier) (t *turn, _ *Later, err error) {
	if d == nil {
		return nil, nil, nil
	}
	paying := d.payment.stage == stageOpen && d.order.Status == orders.StatusPendingPayment && d.now.Before(d.payment.deadline)
	if ended := d.ended(); ended != nil && !paying {
		return p.lookUp(d, ended)
	}
	if renewing := d.payment.stage == stageAuthorized && !d.order.Status.Final(); !paying && !renewing {
		if d.payment.dueAt != nil { // the sweep that has sent this job has put it off
			d.watch()
			d.keep()
		}
		return nil, nil, nil
	}
	d.payment.waitsFor = nil
	a := d.current()
	if a != nil {
		if wait := a.wait(d.now); wait > 0 {
			return nil, &Later{In: wait}, nil
		}
	} else if paying {
		d.prefer(p.answers)
	}
	provider := d.provider(a, paying)
	wait, leave := p.admit(provider, d.now.Sub(d.waitsSince(a)))
	defer func() {
		if t == nil && leave != nil {
			leave()
		}
	}()
	if wait > 0 {
		return nil, p.putOff(d, a, provider, wait), nil
	}
	if a == nil {
		var wait time.Duration
		if paying {
			a, err = p.next(ctx, tx, d, shop)
		} else {
			a, wait, err = p.renewal(ctx, tx, d, shop)
		}
		switch {
		case err != nil:
			return nil, nil, err
		case a == nil || !a.inFlight(): // there is nobody to ask, or not yet
			if wait == 0 {
				d.watch()
			}
			d.keep(d.made(a)...)
			if wait > 0 {
				return nil, &Later{In: wait}, nil
			}
			return nil, nil, nil
		}
	}
	if a.Provider != provider { // methods were passed over that can't be used
		leave()
		if wait, leave = p.admit(a.Provider, d.now.Sub(d.waitsSince(a))); wait > 0 {
			return nil, p.putOff(d, a, a.Provider, wait), nil
		}
	}
	a.tries++
	a.Reason = nil // why it has waited
	a.leaseUntil, d.payment.dueAt = d.in(p.pace.Lease), d.in(p.pace.Lease)
	d.keep(a)
	t, err = p.turnOf(ctx, tx, d, a)
	if err != nil {
		return nil, nil, err
	}
	t.over = leave
	return t, nil, nil
}

// putOff leaves the next step for later, since its provider can't be asked now, and keeps why.
func (p *Payments) putOff(d *dossier, a *PaymentAttempt, provider string, wait time.Duration) *Later {
	d.payment.dueAt, d.payment.waitsFor = d.in(wait), p.busy(provider)
	if a != nil {
		a.Reason, d.payment.waitsFor = d.payment.waitsFor, nil
	}
	d.keep(d.made(a)...)
	return &Later{In: wait}
}

// turnOf is what the provider of an attempt is asked.
func (p *Payments) turnOf(ctx context.Context, tx pgx.Tx, d *dossier, a *PaymentAttempt) (*turn, error) {
	result, err := challengeResult(ctx, tx, a)
	if err != nil {
		return nil, err
	}
	t := &turn{
		attempt: *a, reference: uuid.UUID(d.order.ID).String(), result: result,
		others:   a.renews == nil && d.fallsBack(),
		patience: d.now.Sub(a.StartedAt) < p.pace.Patience,
	}
	customer := d.order.CustomerID
	if a.savedFor != nil { // under the same key the same is asked, whosever the order is by now
		customer = a.savedFor
	}
	if customer != nil && (a.save || a.stored != nil) {
		t.customer = uuid.UUID(*customer).String()
	}
	t.hit(failpoint.AuthorizeBeforeIntent, failpoint.RenewBeforeIntent)
	return t, nil
}

const challengeResultSQL = `
select result
from payment_challenge_result
where attempt_id = $1`

// challengeResult is what the shopper has brought back from a challenge, if anything.
func challengeResult(ctx context.Context, tx pgx.Tx, a *PaymentAttempt) (result string, err error) {
	if !a.challenged {
		return "", nil
	}
	err = tx.QueryRow(ctx, challengeResultSQL, a.ID).Scan(&result)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the result of a challenge: %w", err)
	}
	return result, nil
}

// answers says whether a provider is not left alone at the moment.
func (p *Payments) answers(provider string) bool {
	b, ok := p.breakers[provider]
	return !ok || !b.open(time.Now())
}

// provider is whom the next step asks: the attempt's, that of the method whose turn it is, or that of the reservation
// which must be renewed.
func (d *dossier) provider(a *PaymentAttempt, paying bool) string {
	if a == nil && !paying {
		if a = d.firstToRenew(); a != nil && a.RenewAt.After(d.now) {
			return ""
		}
	}
	switch m := d.payment; {
	case a != nil:
		return a.Provider
	case paying && m.tried < len(m.methods):
		return m.methods[m.tried].Provider
	}
	return ""
}

// waitsSince is since when the step could have been taken.
func (d *dossier) waitsSince(a *PaymentAttempt) time.Time {
	if a != nil && a.renews != nil {
		return a.StartedAt
	}
	if d.payment.stage == stageAuthorized {
		return d.now
	}
	return d.order.ProcessedAt
}

// fallsBack says that another method would be tried by itself if the present one were given up.
func (d *dossier) fallsBack() bool {
	m := d.payment
	return m.tried < len(m.methods) && !m.methods[m.tried].asks()
}

// made are the attempts to be written.
func (d *dossier) made(a *PaymentAttempt) []*PaymentAttempt {
	if a == nil {
		return nil
	}
	return []*PaymentAttempt{a}
}

// prefer puts the next method whose provider answers before those whose does not: the shopper has ranked them all, and
// the ones that are passed over get their turn later. Where none answers the order stays. Methods that pay parts keep
// their order, which says how much each pays, and one that may not be used unasked is not preferred.
func (d *dossier) prefer(answers func(provider string) bool) {
	left := d.payment.methods[min(d.payment.tried, len(d.payment.methods)):]
	if divided(d.payment.methods) {
		return
	}
	for i, m := range left {
		if !answers(m.Provider) || (i > 0 && m.asks()) {
			continue
		}
		if i > 0 {
			for j := range left {
				if left[j].Rank == 0 {
					left[j].Rank = d.payment.tried + j + 1
				}
			}
			d.pass(left[:i])
			m = left[i]
			copy(left[1:i+1], left[:i])
			left[0] = m
		}
		return
	}
}

// pass tells of methods that others are tried before, each once: nobody else would see why a later one was charged.
func (d *dossier) pass(methods []Method) {
	for i := range methods {
		if m := &methods[i]; !m.Passed {
			m.Passed = true
			d.tell(orders.PaymentMethodSkipped{Rank: m.Rank, Provider: m.Provider, Reason: reasonBehind})
		}
	}
}

// wait is how long an attempt must be left alone: while somebody else holds its lease, or until it is due again.
func (a *PaymentAttempt) wait(now time.Time) time.Duration {
	if a.leaseUntil != nil && a.leaseUntil.After(now) {
		return a.leaseUntil.Sub(now)
	}
	if a.nextTryAt != nil && a.nextTryAt.After(now) {
		return a.nextTryAt.Sub(now)
	}
	return 0
}
