// Package access says who calls and what they may do.
//
// An Actor is made once per request, at the edge, from the caller's token, and handed to the domains as an
// argument. The package also makes and checks the tokens themselves: opaque random ones, of which only the hash is
// kept, and the tokens of orders, which are derived under a server key so that they can be given again.
// Whose order, cart or account something is, each domain decides in its own read; this package knows no table but
// that of the server keys.
package access

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/wharfhq/wharf/internal/id"
)

// Kind says what sort of caller an actor is.
type Kind uint8

// The kinds of caller. The zero value is the one with the fewest rights.
const (
	Anonymous Kind = iota // no token
	Guest                 // holds the token of one order
	Customer              // signed in to a customer account
	Staff                 // a member of staff
	Partner               // a partner's program, with an API key
	System                // the shop itself: background jobs, the command line
)

// String is the kind's name, as it stands in logs.
func (k Kind) String() string {
	switch k {
	case Guest:
		return "guest"
	case Customer:
		return "customer"
	case Staff:
		return "staff"
	case Partner:
		return "partner"
	case System:
		return "system"
	default:
		return "anonymous"
	}
}

// Actor is who calls. The zero actor is an anonymous shopper.
type Actor struct {
	Kind      Kind
	ID        [16]byte        // the customer, staff member or partner; zero for all others
	Scopes    Scopes          // what staff and partners may do; empty for shoppers
	Bound     bool            // only at Locations
	Locations []id.LocationID // where a bound member of staff works
	KeyID     id.ApiKeyID     // the partner's key
	SessionID [16]byte        // the access token's row, for customers and staff
	OrderID   id.OrderID      // the one order of a guest
	ExpiresAt time.Time       // when the token ends; zero when it has no end
	Address   netip.Addr      // where the request came from

	ForShopper bool // a partner's server calls for the shopper who is at Address
}

// SystemActor is the shop acting on its own account.
var SystemActor = Actor{Kind: System}

// By names the actor in an event: "shopper", "customer:<uuid>", "staff:<uuid>", "partner:<uuid>" or "system".
func (a Actor) By() string {
	switch a.Kind {
	case Customer, Staff, Partner:
		return a.Kind.String() + ":" + uuid.UUID(a.ID).String()
	case System:
		return "system"
	default:
		return "shopper"
	}
}

// Caller names the actor as the owner of idempotency keys: the customer, the staff member or the API key. It is
// empty for shoppers without an account, whose keys belong to their order, cart or buyer instead.
func (a Actor) Caller() string {
	switch a.Kind {
	case Customer, Staff:
		return a.By()
	case Partner:
		return "key:" + uuid.UUID(a.KeyID).String()
	case System:
		return "system"
	default:
		return ""
	}
}

// CustomerID is the account of a customer who is signed in.
func (a Actor) CustomerID() (id.CustomerID, bool) {
	return id.CustomerID(a.ID), a.Kind == Customer
}

// Can says whether the actor holds a scope. The shop itself holds all; nobody holds the empty one.
func (a Actor) Can(scope Scope) bool {
	if a.Kind == System {
		return scope.valid()
	}
	return (a.Kind == Staff || a.Kind == Partner) && a.Scopes.Has(scope)
}

// CanAt says whether the actor holds a scope at one location.
func (a Actor) CanAt(scope Scope, location id.LocationID) bool {
	return a.Can(scope) && (!a.Bound || slices.Contains(a.Locations, location))
}

// Expired says whether the actor's token has ended.
func (a Actor) Expired(now time.Time) bool {
	return !a.ExpiresAt.IsZero() && !now.Before(a.ExpiresAt)
}

type contextKey struct{}

// With gives a context that carries the actor from the edge to the resolvers.
func With(ctx context.Context, actor Actor) context.Context {
	return context.WithValue(ctx, contextKey{}, actor)
}

// From takes the actor out of a request's context; without one the caller is anonymous.
func From(ctx context.Context) Actor {
	actor, _ := ctx.Value(contextKey{}).(Actor)
	return actor
}
