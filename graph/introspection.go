package graph

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/introspection"
)

// Introspection is what the whole introspection query answers, as JSON: the form in which client generators take a
// schema. It needs no server.
func Introspection() ([]byte, error) {
	exec := executor.New(NewExecutableSchema(Config{}))
	ctx := graphql.StartOperationTrace(context.Background())
	operation, failed := exec.CreateOperationContext(ctx, &graphql.RawParams{
		Query: introspection.NewQuery(introspection.QueryOptions{OneOf: true}),
	})
	if len(failed) > 0 {
		return nil, fmt.Errorf("introspect the schema: %w", failed)
	}
	operation.DisableIntrospection = false
	respond, ctx := exec.DispatchOperation(ctx, operation)
	answer := respond(ctx)
	if len(answer.Errors) > 0 {
		return nil, fmt.Errorf("introspect the schema: %w", answer.Errors)
	}
	return json.MarshalIndent(map[string]json.RawMessage{"data": answer.Data}, "", "  ")
}
