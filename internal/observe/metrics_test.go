package observe_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wharfhq/wharf/internal/observe"
)

func scrape(t *testing.T, m *observe.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func mustHave(t *testing.T, figures string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(figures, "\n"+line+"\n") {
			t.Errorf("no line %q", line)
		}
	}
}

func TestMetricsTellOrdersAndPaymentsFromEvents(t *testing.T) {
	t.Parallel()
	m := observe.NewMetrics("test")
	for _, kind := range []string{"order.placed", "payment.started", "payment.declined", "payment.started", "payment.authorized", "order.confirmed"} {
		m.Event(kind, time.Now().Add(-20*time.Millisecond))
	}
	closed := m.Subscribed()
	m.Subscribed()
	closed()
	m.Delivered(time.Now().Add(time.Minute)) // another machine's clock may be ahead: never negative
	figures := scrape(t, m)
	mustHave(t, figures,
		`wharf_orders_placed_total 1`,
		`wharf_payments_total{outcome="declined"} 1`,
		`wharf_payments_total{outcome="authorized"} 1`,
		`wharf_events_total{kind="payment.started"} 2`,
		`wharf_event_latency_seconds_count 6`,
		`wharf_event_delivery_seconds_sum 0`,
		`wharf_subscriptions_open 1`,
		`wharf_build_info{version="test"} 1`,
	)
	if strings.Contains(figures, `outcome="started"`) {
		t.Error("an attempt that only started is counted as an outcome")
	}
}

func TestMetricsHTTPLabelsAreBounded(t *testing.T) {
	t.Parallel()
	m := observe.NewMetrics("test")
	h := m.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/graphql" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	for _, path := range []string{"/graphql", "/random-1", "/random-2"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("BREW", "/graphql", nil))
	mustHave(t, scrape(t, m),
		`wharf_http_request_seconds_count{method="GET",route="graphql",status="2xx"} 1`,
		`wharf_http_request_seconds_count{method="GET",route="other",status="4xx"} 2`,
		`wharf_http_request_seconds_count{method="other",route="graphql",status="2xx"} 1`,
	)
}

func TestMetricsBreaks(t *testing.T) {
	t.Parallel()
	m := observe.NewMetrics("test")
	m.Breaks(func(context.Context) ([]observe.Breaks, error) {
		return []observe.Breaks{{Provider: "test", Kind: "STRAY_CHARGE", Open: 3}, {Provider: "test", Kind: "BEHIND"}}, nil
	})
	mustHave(t, scrape(t, m),
		`wharf_payment_reconciliation_breaks{kind="STRAY_CHARGE",provider="test"} 3`,
		`wharf_payment_reconciliation_breaks{kind="BEHIND",provider="test"} 0`,
	)
	down := observe.NewMetrics("test")
	down.Breaks(func(context.Context) ([]observe.Breaks, error) { return nil, errors.New("connection refused") })
	figures := scrape(t, down)
	mustHave(t, figures, `wharf_orders_placed_total 0`)
	if strings.Contains(figures, "wharf_payment_reconciliation_breaks{") {
		t.Error("figures of breaks without a database")
	}
}

func TestMetricsQueues(t *testing.T) {
	t.Parallel()
	t.Run("depth and age", func(t *testing.T) {
		t.Parallel()
		m := observe.NewMetrics("test")
		m.Queues(func(context.Context) ([]observe.Queue, error) {
			return []observe.Queue{{Name: "payment", State: "available", Jobs: 7, Oldest: 1500 * time.Millisecond}}, nil
		})
		mustHave(t, scrape(t, m),
			`wharf_queue_jobs{queue="payment",state="available"} 7`,
			`wharf_queue_oldest_seconds{queue="payment",state="available"} 1.5`,
		)
	})
	t.Run("a database that is down leaves the other figures readable", func(t *testing.T) {
		t.Parallel()
		m := observe.NewMetrics("test")
		m.Queues(func(context.Context) ([]observe.Queue, error) { return nil, errors.New("connection refused") })
		figures := scrape(t, m)
		mustHave(t, figures, `wharf_orders_placed_total 0`)
		if strings.Contains(figures, "wharf_queue_jobs{") {
			t.Error("queue figures without a database")
		}
	})
}
