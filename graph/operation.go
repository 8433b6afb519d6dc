package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/wharfhq/wharf/internal/access"
	"github.com/wharfhq/wharf/internal/fault"
)

// road is how an operation came in; it says which kinds of operation may travel on it.
type road struct {
	get    bool // without a body: nothing may change
	stream bool // the client takes a stream of events
	socket bool
}

type roadKey struct{}

func onRoad(ctx context.Context, r road) context.Context { return context.WithValue(ctx, roadKey{}, r) }

func roadOf(ctx context.Context) road {
	r, _ := ctx.Value(roadKey{}).(road)
	return r
}

// Codes of operations that are valid but came in on the wrong road; the transports give them their HTTP status.
const (
	reasonUseStream = "USE_STREAM"
	reasonUsePost   = "USE_POST"
)

// admission is the last gate before an operation runs: the road, introspection, variables, cost and the caller's
// budget, all without a look into the database.
type admission struct {
	schema          *ast.Schema
	nodes           map[string]bool
	limiter         *Limiter
	noIntrospection bool
	timeout         time.Duration
}

// Under which names an operation has what it was charged, and what it has cost.
const (
	costStats   = "cost"
	actualStats = "actual cost"
)

// ExtensionName names the extension in gqlgen.
func (admission) ExtensionName() string { return "Admission" }

// Validate is content with every schema.
func (admission) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext admits an operation or says why not.
func (a admission) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if err := fits(op.Operation, roadOf(ctx)); err != nil {
		return err
	}
	op.DisableIntrospection = a.noIntrospection
	if a.noIntrospection && introspects(op.Operation.SelectionSet, map[string]bool{}) {
		return refuse(fault.Forbidden, op.Operation.Position, "Introspection is switched off on this server.")
	}
	if err := strictVariables(a.schema, op); err != nil {
		return err
	}
	cost, err := costOf(a.schema, a.nodes, op)
	if err != nil {
		return err
	}
	charged, refused := a.limiter.Take(access.From(ctx), cost)
	op.Stats.SetExtension(costStats, charged)
	op.Stats.SetExtension(searchStats, &searchWarnings{})
	if refused != nil {
		f, _ := visible(refused)
		return refusal(f)
	}
	return nil
}

func fits(operation *ast.OperationDefinition, r road) *gqlerror.Error {
	switch {
	case operation.Operation == ast.Subscription && !r.stream && !r.socket:
		return refusal(fault.New(fault.Invalid, reasonUseStream,
			"A subscription needs a websocket (graphql-transport-ws) or Accept: text/event-stream."))
	case operation.Operation == ast.Mutation && r.get:
		return refusal(fault.New(fault.Invalid, reasonUsePost, "A mutation is sent with POST."))
	}
	return nil
}

// introspects says whether a root selection asks for the schema.
func introspects(set ast.SelectionSet, seen map[string]bool) bool {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if s.Name == "__schema" || s.Name == "__type" {
				return true
			}
		case *ast.InlineFragment:
			if introspects(s.SelectionSet, seen) {
				return true
			}
		case *ast.FragmentSpread:
			if !seen[s.Name] {
				seen[s.Name] = true
				if introspects(s.Definition.SelectionSet, seen) {
					return true
				}
			}
		}
	}
	return false
}

// InterceptOperation bounds the time of queries and mutations. A subscription lives as long as its client and its
// rights; one that cannot even start is an error of the operation, not an event.
func (a admission) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if graphql.GetOperationContext(ctx).Operation.Operation == ast.Subscription {
		return startStream(ctx, next(ctx))
	}
	socketOf(ctx).working(ctx)
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	handler := next(ctx)
	return func(ctx context.Context) *graphql.Response {
		defer cancel()
		return handler(ctx)
	}
}

func startStream(ctx context.Context, events graphql.ResponseHandler) graphql.ResponseHandler {
	return func(inner context.Context) *graphql.Response {
		response := events(inner)
		if response == nil || response.Data != nil || !roadOf(ctx).socket {
			return response
		}
		for _, err := range response.Errors {
			transport.AddSubscriptionError(ctx, err)
		}
		return nil
	}
}

// InterceptResponse keeps error lists short and says what the operation cost. What it has not cost is given back, but for
// what failed: who makes the shop work in vain pays all of it. An answer that may be kept is settled with each who gets it.
func (a admission) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response == nil {
		return nil
	}
	response.Errors = cutErrors(response.Errors)
	op := graphql.GetOperationContext(ctx)
	if cost, ok := op.Stats.GetExtension(costStats).(Cost); ok && op.Operation.Operation != ast.Subscription {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		if len(response.Errors) == 0 && response.Data != nil {
			actual := spent(a.schema, a.nodes, op, cost.Requested, response.Data)
			if op.Stats.SetExtension(actualStats, actual); !ofAll(ctx) {
				cost = a.limiter.Settle(access.From(ctx), cost, actual)
			}
		}
		response.Extensions[costStats] = cost
		if warnings, ok := op.Stats.GetExtension(searchStats).(*searchWarnings); ok {
			if text := warnings.written(); text != nil {
				response.Extensions[searchStats] = text
			}
		}
	}
	return response
}
