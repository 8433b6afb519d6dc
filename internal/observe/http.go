package observe

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/felixge/httpsnoop"
)

// HTTP notes each request's route, method, status class and time. Streams and websockets are counted when they end.
func (m *Metrics) HTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.inFlight.Inc()
		defer m.inFlight.Dec()
		seen := httpsnoop.CaptureMetrics(next, w, r)
		m.requests.WithLabelValues(route(r.URL.Path), method(r.Method), strconv.Itoa(seen.Code/100)+"xx").
			Observe(seen.Duration.Seconds())
	})
}

// route names the part of the binary that answers a path. It has a handful of values: a caller chooses paths freely
// and must not be able to grow the metrics with them.
func route(path string) string {
	switch {
	case path == "/":
		return "explorer"
	case path == "/graphql", strings.HasPrefix(path, "/api/"):
		return "graphql"
	case path == "/schema.graphql":
		return "schema"
	case path == "/livez", path == "/healthz", path == "/readyz", path == "/metrics":
		return "watch"
	case strings.HasPrefix(path, "/callbacks/"):
		return "callbacks"
	case strings.HasPrefix(path, "/images/"):
		return "images"
	case strings.HasPrefix(path, "/ops/"):
		return "ops"
	}
	return "other"
}

func method(name string) string {
	switch name {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return name
	}
	return "other"
}
