package payment

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/wharfhq/wharf/internal/id"
)

const (
	// overlapping is how much of what was compared before is compared again, for what a provider has booked late.
	overlapping = 10 * time.Minute
	// firstLook is how far back the first comparison goes.
	firstLook = 48 * time.Hour
	// goOnIn is how soon the next run comes when the books were too long for one.
	goOnIn = time.Second
	// mostSilent is how many calls in a row a run makes to a provider that does not answer.
	mostSilent = 5
	// mostNonsense is how many answers in a row that make no sense end a second look at what was wrong before.
	mostNonsense = 5
	// recheck is how many open breaks one run looks at again.
	recheck = 100
)

// Reconcile compares the books of every provider that shows them with the shop's, both ways, from where the last run
// has ended. What is certain is mended: a callback that was lost is followed, and money that is held for one of the
// shop's orders under a key that no attempt has goes back. Everything else stays as an open break. It may run any
// number of times, also side by side. A *Later says that the books of one were too long for one run, whatever has
// become of the others. Books that make no sense are a break too, and compared as far as they can be read; a provider that does
// not answer is an error, and waited for.
func (p *Payments) Reconcile(ctx context.Context, cause string) error {
	var failed error
	unfinished := false
	for _, provider := range p.providers {
		books, shows := provider.(Bookkeeper)
		r := reconciliation{Payments: p, name: provider.About().Name, provider: provider, books: books, cause: cause, seen: map[string]struct{}{}}
		run := r.run
		if !shows {
			run = r.runWithoutBooks
		}
		done, err := run(ctx)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("reconcile with %s: %w", r.name, err))
		}
		unfinished = unfinished || err == nil && !done
	}
	failed = errors.Join(failed, p.unplugged(ctx, cause))
	if unfinished {
		if failed != nil { // the next run meets it again, and must not come later for it
			p.log.WarnContext(ctx, "a payment provider's books could not be compared", "error", failed)
		}
		return &Later{In: goOnIn}
	}
	return failed
}

const unpluggedSQL = `
select provider
from payment_reconciliation_break
where state = 'OPEN'
	and kind = 'UNREADABLE'
	and provider <> all($1)`

// unplugged ends what was told of the books of providers that the shop does not have any more: nobody reads those.
func (p *Payments) unplugged(ctx context.Context, cause string) error {
	var names []string
	for _, provider := range p.providers {
		names = append(names, provider.About().Name)
	}
	rows, err := p.pool.Query(ctx, unpluggedSQL, names)
	if err != nil {
		return fmt.Errorf("read whose books could not be read: %w", err)
	}
	gone, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read whose books could not be read: %w", err)
	}
	for _, name := range gone {
		r := reconciliation{Payments: p, name: name, cause: cause}
		if err := r.readable(ctx); err != nil {
			return fmt.Errorf("end what was told of the books of %s: %w", name, err)
		}
	}
	return nil
}

// reconciliation is one comparison with one provider.
type reconciliation struct {
	*Payments
	name      string
	provider  Provider
	books     Bookkeeper
	cause     string
	now       time.Time           // by the database
	silent    int                 // calls in a row that the provider has not answered
	senseless int                 // calls in a row whose answer has made no sense
	seen      map[string]struct{} // the keys that the provider's books have shown
}

const reconciledSQL = `
select clock_timestamp(), (select done_until from payment_reconciliation where provider = $1)`

const keepReconciledSQL = `
insert into payment_reconciliation (provider, done_until, run_at)
values ($1, $2, clock_timestamp())
on conflict (provider) do update
set done_until = greatest(payment_reconciliation.done_until, excluded.done_until), run_at = excluded.run_at`

// run says whether it has come to the end of the books, or to where nobody can read on.
func (r *reconciliation) run(ctx context.Context) (done bool, err error) {
	var until *time.Time
	if err := r.pool.QueryRow(ctx, reconciledSQL, r.name).Scan(&r.now, &until); err != nil {
		return false, err
	}
	before := r.now.Add(-firstLook)
	since := before
	if until != nil {
		before, since = *until, until.Add(-overlapping)
	}
	at, err := r.from(ctx, since)
	if err != nil {
		return false, err
	}
	b, err := r.theirs(ctx, at, before)
	if err != nil {
		return false, err
	}
	if b.silent != nil {
		return false, errors.Join(b.silent, r.hold(ctx, at, b))
	}
	if err := r.legible(ctx, b); err != nil {
		return false, err
	}
	ours := b.reached.Add(-overlapping) // what was made shortly before may have changed after, where the books were not looked at yet
	if b.whole {
		b.reached = at.began.Add(-r.pace.Settling)
		ours = b.reached
	}
	if err := r.ours(ctx, at.since, ours); err != nil {
		return false, err
	}
	if err := r.keep(ctx, at, b); err != nil {
		return false, err
	}
	return b.whole || b.wrong != nil, r.again(ctx) // which may take long, or fail, and nothing is read anew for it
}

// runWithoutBooks looks again at what an answer of a provider has shown to be wrong whose books nobody can read. If it has shown
// books before, nothing is wrong with them any more.
func (r *reconciliation) runWithoutBooks(ctx context.Context) (done bool, err error) {
	var until *time.Time
	if err := r.pool.QueryRow(ctx, reconciledSQL, r.name).Scan(&r.now, &until); err != nil {
		return false, err
	}
	if err := r.readable(ctx); err != nil {
		return false, err
	}
	return true, r.again(ctx)
}

const heldSinceSQL = allAttemptsSQL + `where provider = $1
	and id >= $2 and id < $3
	and authorized > 0`

// ours goes through the attempts of the same time on which the shop rests, and asks for those that the provider's books
// have not shown and that are not known to be wrong.
func (r *reconciliation) ours(ctx context.Context, since, until time.Time) error {
	rows, err := r.pool.Query(ctx, heldSinceSQL, r.name, idAt(since), idAt(until))
	if err != nil {
		return err
	}
	held, err := pgx.CollectRows(rows, scanAttempt)
	if err != nil {
		return err
	}
	unseen := map[string]*id.OrderID{}
	for i := range held {
		if _, shown := r.seen[held[i].key()]; !shown {
			unseen[held[i].key()] = &held[i].OrderID
		}
	}
	broken, err := r.brokenOf(ctx, slices.Collect(maps.Keys(unseen)))
	if err != nil {
		return err
	}
	for key, order := range unseen {
		if broken[key] { // it is asked about with what was wrong before
			continue
		}
		if err := r.ask(ctx, key, order); err != nil {
			return err
		}
	}
	return nil
}

// idAt is the least id that is made at a moment: ids begin with their time, RFC 9562 version 7.
func idAt(t time.Time) uuid.UUID {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(t.UnixMilli())<<16) //nolint:gosec // no time before 1970
	return b
}

// errLeftAlone says that the provider does not answer, so that the next run goes on.
var errLeftAlone = errors.New("the provider does not answer and is left alone until the next run")

// call asks the provider about one charge. One that does not answer is left alone after a few calls: a run must not
// spend its time on waiting. One whose answers make no sense is not waited for.
func (r *reconciliation) call(ctx context.Context, within time.Duration, do func(context.Context) (Charge, error)) (Charge, error) {
	if r.silent >= mostSilent {
		return Charge{}, errLeftAlone
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	c, err := do(ctx)
	switch {
	case err == nil || isAnswer(err):
		r.silent, r.senseless = 0, 0
	case errors.Is(err, ErrNonsense):
		r.silent, r.senseless = 0, r.senseless+1
	default:
		r.silent++
	}
	return c, err
}

// isAnswer says that an error is what the provider has to say.
func isAnswer(err error) bool {
	return errors.Is(err, ErrDeclined) || errors.Is(err, ErrActionRequired) || errors.Is(err, ErrUnknownKey)
}

func (r *reconciliation) look(ctx context.Context, key string) (Charge, error) {
	return r.call(ctx, r.pace.Lookup, func(ctx context.Context) (Charge, error) { return r.provider.Lookup(ctx, key) })
}

// ask looks one charge up and compares it. One of which the provider says nothing is a break of its own, and is asked
// about again by the next run: it must not hold up the others.
func (r *reconciliation) ask(ctx context.Context, key string, order *id.OrderID) error {
	charge, err := r.look(ctx, key)
	a, failed := r.attemptUnder(ctx, r.name, key)
	switch {
	case failed != nil:
		return failed
	case errors.Is(err, ErrUnknownKey) && a != nil && a.authorized == 0: // neither side has anything under it
		return r.agrees(ctx, key, BreakResolved)
	case errors.Is(err, ErrUnknownKey) && a == nil:
		return r.unknown(ctx, key, order)
	case errors.Is(err, ErrUnknownKey):
		return r.found(ctx, key, order, BreakMissing, "the provider knows nothing of this charge")
	case errors.Is(err, errLeftAlone) || ctx.Err() != nil:
		return err
	case err != nil && !isAnswer(err):
		return r.unread(ctx, key, order, err.Error())
	}
	e := Entry{Key: key, Reference: charge.Reference, Charge: charge, ChangedAt: r.now.Add(-r.pace.Settling)}
	return r.compare(ctx, e, known{attempt: a, broken: true})
}

const notOnlyMissingSQL = `
select exists (
	select
	from payment_reconciliation_break
	where provider = $1
		and charge = $2
		and state = 'OPEN'
		and kind not in ('MISSING', 'UNREADABLE'))`

// unknown deals with a charge of which neither side knows anything. Where no more was ever known of it than that it cannot be
// read, there is nothing left to look for; it may be the shop's own name for a key that cannot be kept.
func (r *reconciliation) unknown(ctx context.Context, key string, order *id.OrderID) error {
	var more bool
	if err := r.pool.QueryRow(ctx, notOnlyMissingSQL, r.name, key).Scan(&more); err != nil {
		return err
	}
	if more {
		return r.found(ctx, key, order, BreakMissing, "the provider knows nothing of this charge")
	}
	return r.agrees(ctx, key, BreakResolved)
}

// unread keeps that a provider does not say, in a way that makes sense, how a charge stands. What cannot be read may be quoted
// in why, and be of any length.
func (r *reconciliation) unread(ctx context.Context, key string, order *id.OrderID, why string) error {
	return r.found(ctx, key, order, BreakMissing, fmt.Sprintf("the provider does not say what it knows of this charge: %.300s", why))
}

const openBreaksSQL = `
select charge, order_id
from payment_reconciliation_break
where provider = $1 and state = 'OPEN' and kind <> 'UNREADABLE' and found_at < $2
order by looked_at nulls first, found_at
limit $3`

const lookedAtBreaksSQL = `
update payment_reconciliation_break
set looked_at = clock_timestamp()
where provider = $1 and charge = $2 and state = 'OPEN'`

// again looks at what was wrong before this run, as long as the provider answers, and its answers make sense: an outage that looks
// like nonsense must not be told of every break that is open. What was not looked at for the longest
// time comes first, so that breaks that stay open do not keep a run from the others.
func (r *reconciliation) again(ctx context.Context) error {
	rows, err := r.pool.Query(ctx, openBreaksSQL, r.name, r.now, recheck)
	if err != nil {
		return err
	}
	type open struct {
		Charge string
		Order  *id.OrderID
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[open])
	if err != nil {
		return err
	}
	for _, b := range list {
		if r.senseless >= mostNonsense {
			return nil
		}
		if _, shown := r.seen[b.Charge]; !shown {
			err = r.ask(ctx, b.Charge, b.Order)
		}
		if errors.Is(err, errLeftAlone) { // what is new has been compared, and these wait for the next run
			return nil
		}
		_, failed := r.pool.Exec(ctx, lookedAtBreaksSQL, r.name, b.Charge)
		if err := errors.Join(err, failed); err != nil {
			return err
		}
	}
	return nil
}
