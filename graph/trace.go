package graph

import (
	"context"
	"log/slog"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/wharfhq/wharf/internal/observe"
)

// tracing opens a span for each operation and each of its root fields, and counts the root fields. Names come from
// the schema, not from callers, so that nobody can grow the metrics.
type tracing struct {
	tracer  trace.Tracer
	metrics *observe.Metrics
	log     *slog.Logger
}

func newTracing(metrics *observe.Metrics, log *slog.Logger) tracing {
	return tracing{otel.Tracer("github.com/wharfhq/wharf/graph"), metrics, log}
}

// ExtensionName names the extension in gqlgen.
func (tracing) ExtensionName() string { return "Tracing" }

// Validate is content with every schema.
func (tracing) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation traces queries and mutations to their end and subscriptions to their start: a span that lasts
// for hours tells nothing. On a socket it also writes the line that the log has for a request.
func (t tracing) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	kind := string(op.Operation.Operation)
	start := time.Now()
	ctx, span := t.tracer.Start(ctx, "graphql "+kind, trace.WithAttributes(
		attribute.String("graphql.operation.type", kind), attribute.String("graphql.operation.name", op.Operation.Name)))
	handler := next(ctx)
	first := true
	return func(ctx context.Context) *graphql.Response {
		response := handler(ctx)
		if !first {
			return response
		}
		first = false
		failed := response != nil && len(response.Errors) > 0
		if failed {
			span.SetStatus(codes.Error, outcomeOf(response.Errors))
		}
		span.End()
		if socketOf(ctx) != nil {
			t.log.LogAttrs(ctx, slog.LevelInfo, "operation", slog.String("kind", kind),
				slog.String("operation", op.Operation.Name), slog.Duration("took", time.Since(start)), slog.Bool("failed", failed))
		}
		return response
	}
}

var rootTypes = map[ast.Operation]string{ast.Query: "Query", ast.Mutation: "Mutation", ast.Subscription: "Subscription"}

// InterceptRootField times a root field with everything below it.
func (t tracing) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	field := graphql.GetRootFieldContext(ctx)
	name := rootTypes[graphql.GetOperationContext(ctx).Operation.Operation] + "." + field.Field.Name
	ctx, span := t.tracer.Start(ctx, name)
	defer span.End()
	start := time.Now()
	result := next(ctx)
	outcome := "ok"
	if errs := errorsBelow(ctx, field.Field.Alias); len(errs) > 0 {
		outcome = outcomeOf(errs)
		span.SetStatus(codes.Error, outcome)
	}
	t.metrics.Operation(name, outcome, time.Since(start))
	return result
}

// errorsBelow are the errors of one root field.
func errorsBelow(ctx context.Context, alias string) gqlerror.List {
	var below gqlerror.List
	for _, err := range graphql.GetErrors(ctx) {
		if len(err.Path) > 0 && err.Path[0] == ast.PathName(alias) {
			below = append(below, err)
		}
	}
	return below
}

// outcomeOf tells our failures from the callers' mistakes.
func outcomeOf(errs gqlerror.List) string {
	for _, err := range errs {
		if err.Extensions["code"] == codeInternal {
			return "failed"
		}
	}
	return "refused"
}
