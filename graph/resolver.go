// Package graph is the GraphQL side of Wharf: it takes a request in, calls a domain, and lets gqlgen write what the
// domain returned. It holds no rule of the shop and no SQL. For each domain there is one trio: <domain>.graphqls,
// <domain>.go and <domain>_test.go; what is shared is in server.go, websocket.go, auth.go, errors.go and loaders.go.
package graph

import "github.com/wharfhq/wharf/internal/shop"

//go:generate go tool gqlgen generate

// Resolver answers the fields that are not simply there in a struct.
type Resolver struct {
	shop *shop.Shop
}

type (
	queryResolver        struct{ *Resolver }
	mutationResolver     struct{ *Resolver }
	subscriptionResolver struct{ *Resolver }
)

// Query answers the fields of Query.
func (r *Resolver) Query() QueryResolver { return queryResolver{r} }

// Mutation answers the fields of Mutation.
func (r *Resolver) Mutation() MutationResolver { return mutationResolver{r} }

// Subscription answers the fields of Subscription.
func (r *Resolver) Subscription() SubscriptionResolver { return subscriptionResolver{r} }
