package orders

import (
	"context"
	"time"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/id"
)

// Visible gives the order if the actor may see it, and NotFound in every other case, also when there is none. Staff
// and partners need orders:read, a customer sees the orders of the account, and whoever holds the order's token
// (given with the question, or as the guest that the token made the caller) sees that one order.
func (s *Orders) Visible(ctx context.Context, actor access.Actor, order id.OrderID, token *string) (Order, error) {
	o, err := s.Order(ctx, s.pool, order)
	if err != nil {
		return Order{}, err
	}
	if !MayRead(actor, o, token) {
		return Order{}, NotFound
	}
	return o, nil
}

// VisibleByID gives those of the orders that the actor may see, read together.
func (s *Orders) VisibleByID(ctx context.Context, actor access.Actor, ids []id.OrderID) (map[id.OrderID]Order, error) {
	found, err := s.OrdersByID(ctx, s.pool, ids)
	if err != nil {
		return nil, err
	}
	for key, o := range found {
		if !MayRead(actor, o, nil) {
			delete(found, key)
		}
	}
	return found, nil
}

// MayRead is the one rule of who may see an order.
func MayRead(actor access.Actor, o Order, token *string) bool {
	return o.within(actor, "orders:read") || o.belongsTo(actor, token)
}

// MayWrite is the one rule of who may change an order: cancel it, or give new payment details.
func MayWrite(actor access.Actor, o Order, token *string) bool {
	return o.within(actor, "orders:write") || o.belongsTo(actor, token)
}

// within says whether the actor holds the scope for this order. Who is bound to locations sees what is handed over
// there.
func (o Order) within(actor access.Actor, scope access.Scope) bool {
	store := o.Store()
	if store == nil {
		return actor.Can(scope) && !actor.Bound
	}
	return actor.CanAt(scope, *store)
}

// belongsTo says whether the actor is the order's shopper.
func (o Order) belongsTo(actor access.Actor, token *string) bool {
	if token != nil && len(o.TokenHash) > 0 && access.TokenMatches(*token, o.TokenHash) {
		return true
	}
	if actor.Kind == access.Guest && actor.OrderID == o.ID {
		return true
	}
	customer, signedIn := actor.CustomerID()
	return signedIn && o.CustomerID != nil && *o.CustomerID == customer
}

// VisibleAt is Visible for the order as it was: at a version, or at a moment.
func (s *Orders) VisibleAt(ctx context.Context, actor access.Actor, order id.OrderID, token *string, version *int, asOf *time.Time) (Order, error) {
	o, err := s.Visible(ctx, actor, order, token)
	if err != nil || (version == nil && asOf == nil) {
		return o, err
	}
	return s.At(ctx, s.pool, order, version, asOf)
}
