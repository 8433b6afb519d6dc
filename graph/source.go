package graph

import (
	"context"
	"sync"

	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/settings"
)

// source is what one answer is read from: the shop as it goes on, or as it was at one moment, so that nothing in the
// answer is older or newer than the rest. Resolvers read from the answer's source, never from the pool: an answer that
// is read from a moment holds a connection and must not wait for a second one.
type source struct {
	db       pg.DB
	settings func(context.Context) (settings.Shop, error)
}

// sourceAt is the shop as it was at one moment.
func sourceAt(moment *pg.Snapshot, shop *settings.Settings) source {
	var mu sync.Mutex
	var known *settings.Shop
	return source{db: moment, settings: func(ctx context.Context) (settings.Shop, error) {
		mu.Lock()
		defer mu.Unlock()
		if known != nil {
			return *known, nil
		}
		now, err := shop.At(ctx, moment)
		if err == nil {
			known = &now
		}
		return now, err
	}}
}

type sourceKey struct{}

// readingFrom gives a context whose answer is read from a source.
func readingFrom(ctx context.Context, from source) context.Context {
	return context.WithValue(ctx, sourceKey{}, from)
}

// ofAll says whether the answer that is being made is one that everybody gets.
func ofAll(ctx context.Context) bool {
	_, ok := ctx.Value(sourceKey{}).(source)
	return ok
}

// db is where the answer that is being made is read from.
func (r *Resolver) db(ctx context.Context) pg.DB { return r.load(ctx).db }

// settings are the shop's settings, as old as the rest of the answer.
func (r *Resolver) settings(ctx context.Context) (settings.Shop, error) {
	return r.load(ctx).settings(ctx)
}
