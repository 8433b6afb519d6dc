package graph

import (
	"context"
	"sync"
	"time"

	"github.com/wharfhq/wharf/internal/cart"
	"github.com/wharfhq/wharf/internal/catalog"
	"github.com/wharfhq/wharf/internal/inventory"
)

// PromisedAt is by when the next unit can be had.
func (r productVariantResolver) PromisedAt(ctx context.Context, v *catalog.ProductVariant) (*time.Time, error) {
	promise, _, err := r.load(ctx).promises.load(ctx, v.ID)
	return promise.At, err
}

type cartLineResolver struct{ *Resolver }

// CartLine answers the fields of CartLine that are not simply there.
func (r *Resolver) CartLine() CartLineResolver { return cartLineResolver{r} }

// BackorderedQuantity is what of the line is on no shelf.
func (r cartLineResolver) BackorderedQuantity(ctx context.Context, line *cart.CartLine) (int, error) {
	promise, err := r.promise(ctx, line)
	if err != nil || promise == nil {
		return 0, err
	}
	return promise.Backordered, nil
}

// PromisedAt is by when all of the line is there.
func (r cartLineResolver) PromisedAt(ctx context.Context, line *cart.CartLine) (*time.Time, error) {
	promise, err := r.promise(ctx, line)
	if err != nil || promise == nil {
		return nil, err
	}
	return promise.At, nil
}

type cartDeliveryGroupResolver struct{ *Resolver }

// CartDeliveryGroup answers the fields of CartDeliveryGroup that are not simply there.
func (r *Resolver) CartDeliveryGroup() CartDeliveryGroupResolver { return cartDeliveryGroupResolver{r} }

// PromisedAt is by when the last of the lines is there.
func (r cartDeliveryGroupResolver) PromisedAt(ctx context.Context, group *cart.CartDeliveryGroup) (*time.Time, error) {
	var last *time.Time
	for i := range group.AllLines {
		promise, err := r.promise(ctx, &group.AllLines[i])
		if err != nil {
			return nil, err
		}
		if promise == nil || promise.Backordered > 0 && promise.At == nil {
			return nil, nil
		}
		if promise.At != nil && (last == nil || promise.At.After(*last)) {
			last = promise.At
		}
	}
	return last, nil
}

// promise is what a line would be promised if its cart were placed now; nil when it can't be had, and for a part of a
// bundle, of which the bundle's line tells.
func (r *Resolver) promise(ctx context.Context, line *cart.CartLine) (*inventory.Promise, error) {
	wanted, place := line.Wanted()
	if len(wanted) == 0 {
		return nil, nil
	}
	promises, err := r.load(ctx).outlook(wanted, func() ([]*inventory.Promise, error) {
		route, err := r.route(ctx)
		if err != nil {
			return nil, err
		}
		return inventory.Outlook(ctx, r.db(ctx), wanted, route)
	})
	if err != nil {
		return nil, err
	}
	return promises[place], nil
}

// outlooks keeps what was asked of a cart: its lines are promised together, for they may want the same units.
type outlooks struct {
	mu    sync.Mutex
	known map[*inventory.Demand]func() ([]*inventory.Promise, error)
}

// outlook asks once per request.
func (o *outlooks) outlook(wanted []inventory.Demand, ask func() ([]*inventory.Promise, error)) ([]*inventory.Promise, error) {
	o.mu.Lock()
	if o.known == nil {
		o.known = map[*inventory.Demand]func() ([]*inventory.Promise, error){}
	}
	once, ok := o.known[&wanted[0]]
	if !ok {
		once = sync.OnceValues(ask)
		o.known[&wanted[0]] = once
	}
	o.mu.Unlock()
	return once()
}
