package jobs

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/trace"
)

// TestATraceRunsFromTheRequestIntoTheJob: what is inserted under a trace is worked under the same one.
func TestATraceRunsFromTheRequestIntoTheJob(t *testing.T) {
	t.Parallel()
	span := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, 2, 3}, SpanID: trace.SpanID{4, 5}, TraceFlags: trace.FlagsSampled,
	})
	request := trace.ContextWithSpanContext(t.Context(), span)
	params := []*rivertype.JobInsertParams{{Kind: "a_job", Metadata: []byte(`{"kept": 1}`)}, {Kind: "another"}}
	_, err := (&tracing{}).InsertMany(request, params, func(context.Context) ([]*rivertype.JobInsertResult, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range params {
		var seen trace.SpanContext
		err := (&tracing{}).Work(t.Context(), &rivertype.JobRow{Kind: p.Kind, Metadata: p.Metadata}, func(ctx context.Context) error {
			seen = trace.SpanContextFromContext(ctx)
			return nil
		})
		if err != nil || seen.TraceID() != span.TraceID() {
			t.Errorf("%s is worked under trace %s, %v", p.Kind, seen.TraceID(), err)
		}
	}
	var metadata map[string]any
	if err := json.Unmarshal(params[0].Metadata, &metadata); err != nil || metadata["kept"] != 1.0 {
		t.Errorf("other metadata is lost: %s", params[0].Metadata)
	}
}

func TestWithoutATraceNothingIsWritten(t *testing.T) {
	t.Parallel()
	params := []*rivertype.JobInsertParams{{Kind: "a_job"}}
	_, err := (&tracing{}).InsertMany(t.Context(), params, func(context.Context) ([]*rivertype.JobInsertResult, error) { return nil, nil })
	if err != nil || params[0].Metadata != nil {
		t.Errorf("written is %s, %v", params[0].Metadata, err)
	}
	worked := false
	err = (&tracing{}).Work(t.Context(), &rivertype.JobRow{Metadata: []byte("{}")}, func(context.Context) error { worked = true; return nil })
	if err != nil || !worked {
		t.Errorf("worked %t, %v", worked, err)
	}
}

func TestRetriesOfPaymentsComeSoon(t *testing.T) {
	t.Parallel()
	for errors, want := range map[int]float64{0: 1, 1: 2, 3: 8, 10: 30, 40: 30} {
		job := &rivertype.JobRow{Queue: queuePayment, Errors: make([]rivertype.AttemptError, errors)}
		if got := secondsUntil(retries{}.NextRetry(job)); got < want-0.5 || got > want {
			t.Errorf("after %d errors it waits %.1f s, not %.0f", errors, got, want)
		}
	}
	job := &rivertype.JobRow{Queue: queueNotification, Errors: make([]rivertype.AttemptError, 40)}
	if got := secondsUntil(retries{}.NextRetry(job)); got < 1799 || got > 1800 {
		t.Errorf("a notification waits %.0f s at most", got)
	}
}

func secondsUntil(at time.Time) float64 { return time.Until(at).Seconds() }
