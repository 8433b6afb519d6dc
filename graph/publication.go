package graph

import (
	"context"
	"sync"
	"time"

	"github.com/wharfhq/wharf/internal/answers"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/content"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/position"
)

// publications knows when something is next published by itself: nobody writes then, so no position moves, and answers
// that rest on what shoppers saw before must end by the clock. It asks once for each position of a realm, and once more
// when that moment has come.
type publications struct {
	mu    sync.Mutex
	known map[position.Realm]publication
}

type publication struct {
	at    int64     // the position of the realm at which it was found out
	next  time.Time // zero when nothing waits
	known bool
}

// published are the realms in which things wait to be published, and who knows of them.
var published = map[position.Realm]func(context.Context, pg.DB) (time.Duration, bool, error){
	position.Catalog: catalog.NextPublication,
	position.Content: content.NextPublication,
}

// next is when the next thing of a rule's realms is published, zero when nothing waits. It is read from the moment of
// which at are the positions; began is a time before that moment, by this process's clock: so the end is early rather than
// late.
func (p *publications) next(ctx context.Context, moment pg.DB, at map[position.Realm]int64, rule answers.Rule, began time.Time) (time.Time, error) {
	var first time.Time
	for _, realm := range rule.Realms {
		ask, ok := published[realm]
		if !ok {
			continue
		}
		next, err := p.of(ctx, moment, realm, at[realm], began, ask)
		if err != nil {
			return time.Time{}, err
		}
		if !next.IsZero() && (first.IsZero() || next.Before(first)) {
			first = next
		}
	}
	return first, nil
}

func (p *publications) of(ctx context.Context, moment pg.DB, realm position.Realm, at int64, began time.Time, ask func(context.Context, pg.DB) (time.Duration, bool, error)) (time.Time, error) {
	p.mu.Lock()
	last := p.known[realm]
	p.mu.Unlock()
	if last.known && last.at == at && (last.next.IsZero() || began.Before(last.next)) {
		return last.next, nil
	}
	wait, waits, err := ask(ctx, moment)
	if err != nil {
		return time.Time{}, err
	}
	found := publication{at: at, known: true}
	if waits {
		found.next = began.Add(wait)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		p.known = map[position.Realm]publication{}
	}
	p.known[realm] = found
	return found.next, nil
}
