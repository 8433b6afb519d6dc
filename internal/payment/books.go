package payment

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// reading is how far a run has come in a provider's books.
type reading struct {
	reached time.Time     // up to which change
	whole   bool          // that is all of them
	next    string        // the page with which the next run goes on, where its time is over and reached is not beyond the last run's
	named   time.Time     // when the provider has named that page, by this machine
	spent   time.Duration // how long the pages have taken, of this run and of those before it in the same books
	wrong   error         // what makes no sense in them, so that nobody can read on
	silent  error         // why the page that comes next was not answered, after others were
}

// theirs goes through the provider's books from a place on, oldest change first, for as long as a portion may take. The next
// run goes on from the change to which this one has come, where that is beyond the last one's; else with the page that it has
// come to. What makes no sense ends it there, and is no error: what came before it is compared. Neither is a page that is not
// answered after others were: the next run begins with it, and need not compare those again.
func (r *reconciliation) theirs(ctx context.Context, at place, before time.Time) (reading, error) {
	b, asked, began := reading{reached: at.since, spent: at.spent}, map[string]bool{}, time.Now()
	for page := at.page; ; {
		asked[page] = true
		entries, next, err := r.chargesOf(ctx, at.since, page)
		if errors.Is(err, ErrNonsense) {
			b.wrong = err
		} else if err != nil && len(asked) > 1 {
			b.next, b.silent = page, err
			return b, nil
		} else if err != nil {
			return b, err
		}
		b.named = time.Now()
		for i := range entries {
			entries[i].named()
			entries[i].torn = b.wrong != nil
		}
		known, err := r.knownOf(ctx, entries)
		if err != nil {
			return b, err
		}
		for _, e := range entries {
			if known[e.Key].matters(at.since) {
				r.seen[e.Key] = struct{}{}
			}
			if at.began.Sub(e.ChangedAt) < r.pace.Settling { // also of a run that goes on: what was passed over is read again
				continue
			}
			if err := r.compare(ctx, e, known[e.Key]); err != nil {
				return b, err
			}
			if e.ChangedAt.After(b.reached) {
				b.reached = e.ChangedAt
			}
			if b.reached.After(before) && time.Since(began) > r.pace.Portion {
				return b, nil
			}
		}
		b.spent = at.spent + time.Since(began)
		switch {
		case b.wrong != nil:
			return b, nil //nolint:nilerr // the reading has it
		case next == "":
			b.whole = true
			return b, nil
		case asked[next]:
			b.wrong = Nonsense(fmt.Errorf("after page %.64q comes page %.64q, which has been read: they do not end", page, next))
			return b, nil
		case time.Since(began) <= r.pace.Portion:
		case b.reached.After(before):
			return b, nil
		case at.spent > longestReading:
			b.wrong = Nonsense(fmt.Errorf("after %s of reading they have not come to their end", longestReading))
			return b, nil
		default:
			b.next = next
			return b, nil
		}
		page = next
	}
}

// ofBooks stands for a charge where a break is of none.
const ofBooks = ""

// legible tells the operators that the provider's books cannot be read to their end, once for as long as they cannot.
func (r *reconciliation) legible(ctx context.Context, b reading) error {
	switch {
	case b.wrong != nil:
		return r.found(ctx, ofBooks, nil, BreakUnreadable, fmt.Sprintf("its books cannot be read on from what has changed at %s: %.300s",
			b.reached.UTC().Format(time.RFC3339), b.wrong.Error()))
	case b.whole:
		return r.readable(ctx)
	}
	return nil
}

// readable ends what was told of the books.
func (r *reconciliation) readable(ctx context.Context) error {
	unreadable := BreakUnreadable
	return r.end(ctx, ofBooks, &unreadable, BreakResolved)
}

func (r *reconciliation) chargesOf(ctx context.Context, since time.Time, page string) ([]Entry, string, error) {
	ctx, cancel := context.WithTimeout(ctx, r.pace.Call)
	defer cancel()
	return r.books.Charges(ctx, since, page)
}

// named gives a charge a name by which it can be kept, where its own is none.
func (e *Entry) named() {
	if name := kept(e.Key); name != e.Key {
		e.Unread = cmp.Or(e.Unread, fmt.Sprintf("its key %.64q is no text of at most 255 bytes", e.Key))
		e.Key, e.renamed = name, true
	}
}

// known is what the shop has of one charge.
type known struct {
	attempt *PaymentAttempt // nil when the key is of none
	broken  bool            // a difference is open
}

// matters says whether somebody asks later if the books have shown the charge: those that look for the attempts since then, and
// those that look again at what was wrong. What the books show of other systems is not remembered.
func (k known) matters(since time.Time) bool {
	if k.attempt == nil {
		return k.broken
	}
	made := uuid.UUID(k.attempt.ID)
	first := idAt(since)
	return k.broken || bytes.Compare(made[:], first[:]) >= 0
}

const brokenSQL = `
select charge
from payment_reconciliation_break
where provider = $1
	and charge = any($2)
	and kind <> 'UNREADABLE'
	and state = 'OPEN'`

const attemptsUnderSQL = allAttemptsSQL + `where provider = $1
	and id = any((select $2::uuid[])::uuid[])`

// knownOf reads what the shop has of a page of the provider's books, at once: a busy shop has thousands of charges to
// compare, nearly all of which agree, and the job has only seconds.
func (r *reconciliation) knownOf(ctx context.Context, entries []Entry) (map[string]known, error) {
	list := make(map[string]known, len(entries))
	var keys []string
	var ids []uuid.UUID
	canonical := map[uuid.UUID]string{} // as the provider writes it
	for _, e := range entries {
		keys = append(keys, e.Key)
		if key, err := uuid.Parse(e.Key); err == nil { // a key that the shop has not made is of no attempt
			ids, canonical[key] = append(ids, key), e.Key
		}
	}
	rows, err := r.pool.Query(ctx, attemptsUnderSQL, r.name, ids)
	if err != nil {
		return nil, err
	}
	held, err := pgx.CollectRows(rows, scanAttempt)
	if err != nil {
		return nil, err
	}
	for i := range held {
		list[canonical[uuid.UUID(held[i].ID)]] = known{attempt: &held[i]}
	}
	broken, err := r.brokenOf(ctx, keys)
	for charge := range broken {
		k := list[charge]
		k.broken = true
		list[charge] = k
	}
	return list, err
}

// brokenOf says of which charges a difference is open.
func (r *reconciliation) brokenOf(ctx context.Context, keys []string) (map[string]bool, error) {
	rows, err := r.pool.Query(ctx, brokenSQL, r.name, keys)
	if err != nil {
		return nil, err
	}
	broken := map[string]bool{}
	var charge string
	_, err = pgx.ForEachRow(rows, []any{&charge}, func() error {
		broken[charge] = true
		return nil
	})
	return broken, err
}
