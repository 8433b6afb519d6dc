package jobs

import (
	"context"
	"encoding/json"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// tracing carries a trace from the request that caused a job into the job: one trace runs from the click to the
// provider's answer. River asks for a pointer.
type tracing struct{ river.MiddlewareDefaults }

var carrier = propagation.TraceContext{}

// traceKey is where the trace stands in a job's metadata.
const traceKey = "traceparent"

// InsertMany writes the present trace into each new job.
func (*tracing) InsertMany(ctx context.Context, jobs []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	for _, job := range jobs {
		job.Metadata = traced(ctx, job.Metadata)
	}
	return insert(ctx)
}

// traced adds the present trace to a job's metadata, if there is one.
func traced(ctx context.Context, metadata []byte) []byte {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return metadata
	}
	fields := propagation.MapCarrier{}
	carrier.Inject(ctx, fields)
	parent := fields[traceKey]
	all := map[string]any{}
	if len(metadata) > 0 && json.Unmarshal(metadata, &all) != nil {
		return metadata
	}
	all[traceKey] = parent
	text, err := json.Marshal(all)
	if err != nil {
		return metadata
	}
	return text
}

// Work continues the trace that a job was inserted under.
func (*tracing) Work(ctx context.Context, job *rivertype.JobRow, do func(context.Context) error) error {
	var metadata struct {
		Parent string `json:"traceparent"`
	}
	if json.Unmarshal(job.Metadata, &metadata) == nil && metadata.Parent != "" {
		ctx = carrier.Extract(ctx, propagation.MapCarrier{traceKey: metadata.Parent})
	}
	ctx, span := otel.Tracer("github.com/wharfhq/wharf/jobs").Start(ctx, "job "+job.Kind,
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.Int64("job.id", job.ID), attribute.Int("job.attempt", job.Attempt)))
	defer span.End()
	err := do(ctx)
	if err != nil {
		span.SetStatus(codes.Error, "the job comes back")
	}
	return err
}
