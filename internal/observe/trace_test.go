package observe_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"

	"github.com/wharfhq/wharf/internal/observe"
	"github.com/wharfhq/wharf/internal/pg"
	"github.com/wharfhq/wharf/internal/pg/pgtest"
)

// traceCollector is a real OTLP collector that keeps the spans' names and traces.
type traceCollector struct {
	collector.UnimplementedTraceServiceServer
	mu    sync.Mutex
	spans map[string]string // name to trace
}

func (c *traceCollector) Export(_ context.Context, r *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range r.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				c.spans[span.GetName()] = string(span.GetTraceId())
			}
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

// Not parallel: the tracer provider is the process's.
func TestTracesReachTheCollector(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, sink := grpc.NewServer(), &traceCollector{spans: map[string]string{}}
	collector.RegisterTraceServiceServer(server, sink)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+listener.Addr().String())
	before := otel.GetTracerProvider()
	defer otel.SetTracerProvider(before)
	stop, err := observe.StartTracing(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	pool := traced(t)
	handler := observe.TraceHTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := pool.Exec(r.Context(), "select 1"); err != nil {
			t.Error(err)
		}
	}))
	request := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	request.Header.Set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	handler.ServeHTTP(httptest.NewRecorder(), request)
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/livez", nil))
	if err := stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c"
	for _, name := range []string{"POST graphql", "SELECT"} {
		if sink.spans[name] != want {
			t.Errorf("span %q is of trace %x, want the caller's; spans: %v", name, sink.spans[name], names(sink.spans))
		}
	}
	if _, there := sink.spans["GET watch"]; there {
		t.Error("a health check was traced")
	}
}

func names(spans map[string]string) []string {
	var all []string
	for name := range spans {
		all = append(all, name)
	}
	return all
}

func TestWithoutACollectorNothingIsTraced(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
	before := otel.GetTracerProvider()
	stop, err := observe.StartTracing(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	if otel.GetTracerProvider() != before {
		t.Error("a tracer provider was set")
	}
	if err := stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// traced opens a pool as every process does.
func traced(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := pg.Open(t.Context(), pg.Config{URL: pgtest.NewURL(t), MaxConns: 4, Tracer: observe.PgxTracer()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func TestStatementsAreCounted(t *testing.T) {
	t.Parallel()
	pool := traced(t)
	ctx, counted := observe.CountStatements(t.Context())
	tx, err := pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "select 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), "select 2"); err != nil { // by somebody else
		t.Fatal(err)
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if got := counted.List(); counted.Count() != 1 || !slices.Equal(got, []string{"select 1"}) {
		t.Errorf("counted %q", got)
	}
}

func TestPoolFigures(t *testing.T) {
	t.Parallel()
	m := observe.NewMetrics("test")
	pool := traced(t)
	m.Pools(map[string]*pgxpool.Pool{"primary": pool})
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	mustHave(t, scrape(t, m), `wharf_pool_connections{pool="primary",state="busy"} 1`, `wharf_pool_max_connections{pool="primary"} 4`)
}
