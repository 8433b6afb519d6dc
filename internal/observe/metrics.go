package observe

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/wharfhq/wharf/internal/answers"
)

// Metrics are the figures an operator watches. Labels come from fixed sets only, so that no caller can grow them.
// A nil Metrics reports nothing, which is what most tests want.
type Metrics struct {
	registry   *prometheus.Registry
	events     *prometheus.CounterVec
	latency    prometheus.Histogram
	delivery   prometheus.Histogram
	orders     prometheus.Counter
	payments   *prometheus.CounterVec
	sockets    prometheus.Gauge
	requests   *prometheus.HistogramVec
	inFlight   prometheus.Gauge
	operations *prometheus.HistogramVec
}

// fine suits what takes tens of microseconds to tens of seconds.
var fine = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// NewMetrics makes a registry of its own; nothing is registered globally.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wharf_events_total", Help: "Events that took their place in the feed, by kind.",
		}, []string{"kind"}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wharf_event_latency_seconds", Help: "From an event's own time to its place in the feed.", Buckets: fine,
		}),
		delivery: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "wharf_event_delivery_seconds", Help: "From an event's own time to a subscriber's stream.", Buckets: fine,
		}),
		orders: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "wharf_orders_placed_total", Help: "Orders placed.",
		}),
		payments: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "wharf_payments_total", Help: "What became of payments, by outcome.",
		}, []string{"outcome"}),
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "wharf_subscriptions_open", Help: "Websockets and event streams that are open.",
		}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "wharf_http_request_seconds", Help: "Time to answer a request, by route, method and status class.", Buckets: fine,
		}, []string{"route", "method", "status"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "wharf_http_requests_in_flight", Help: "Requests that are being answered.",
		}),
		operations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "wharf_operation_seconds", Help: "Time of a root field of the API, by field and outcome.", Buckets: fine,
		}, []string{"field", "outcome"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "wharf_build_info", Help: "Always 1; the label names the version.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.events, m.latency, m.delivery, m.orders, m.payments, m.sockets, m.requests, m.inFlight,
		m.operations, build, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers /metrics. A figure that cannot be had leaves the others readable.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, Registry: m.registry})
}

// Event counts an event that took its place in the feed; orders placed and payment outcomes are told from its kind.
// Of several processes only the one that sequences reports, so that sums over all of them are right.
func (m *Metrics) Event(kind string, at time.Time) {
	if m == nil {
		return
	}
	m.events.WithLabelValues(kind).Inc()
	m.latency.Observe(max(0, time.Since(at).Seconds()))
	if kind == "order.placed" {
		m.orders.Inc()
	}
	if outcome, ok := strings.CutPrefix(kind, "payment."); ok && outcome != "started" {
		m.payments.WithLabelValues(outcome).Inc()
	}
}

// Delivered notes that an event reached a subscriber's stream.
func (m *Metrics) Delivered(at time.Time) {
	if m != nil {
		m.delivery.Observe(max(0, time.Since(at).Seconds()))
	}
}

// Subscribed notes an open websocket or event stream; call what it returns when it closes.
func (m *Metrics) Subscribed() (closed func()) {
	if m == nil {
		return func() {}
	}
	m.sockets.Inc()
	return m.sockets.Dec
}

// Operation notes one root field of the API. outcome is ok, refused (the caller's error) or failed (ours).
func (m *Metrics) Operation(field, outcome string, took time.Duration) {
	if m != nil {
		m.operations.WithLabelValues(field, outcome).Observe(took.Seconds())
	}
}

// Queue is how much waits in one queue of background jobs.
type Queue struct {
	Name   string
	State  string        // available, running, retryable, scheduled
	Jobs   int           // how many
	Oldest time.Duration // how long the oldest has been due
}

// Commits is how the commits of placed orders go: how many orders wait for theirs, and how many transactions were
// tried for how many orders since the start.
type Commits struct {
	Waiting int
	Batches uint64
	Orders  uint64
}

// Commits reports how orders are committed, read whenever the figures are asked for.
func (m *Metrics) Commits(read func() Commits) {
	m.registry.MustRegister(commitFigures{read})
}

// Answers reports how the cache of whole answers does, read whenever the figures are asked for.
func (m *Metrics) Answers(read func() answers.Figures) {
	if m != nil {
		m.registry.MustRegister(answerFigures{read})
	}
}

// Providers reports which payment providers this process leaves alone, since they do not answer.
func (m *Metrics) Providers(read func() map[string]bool) {
	m.registry.MustRegister(providerFigures{read})
}

// Pools reports connection pools by their names.
func (m *Metrics) Pools(pools map[string]*pgxpool.Pool) {
	m.registry.MustRegister(poolFigures(pools))
}

// Check is one invariant of the shop as it was last looked at.
type Check struct {
	Name       string
	Violations int
	Age        time.Duration // since it was looked at; negative where nobody has
}

// Consistency reports the shop's invariants, read from the database whenever the figures are asked for.
func (m *Metrics) Consistency(read func(context.Context) ([]Check, error)) {
	m.registry.MustRegister(checkFigures{read})
}

// Queues reports the background queues, read from the database whenever the figures are asked for.
func (m *Metrics) Queues(read func(context.Context) ([]Queue, error)) {
	m.registry.MustRegister(queueFigures{read})
}
