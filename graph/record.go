package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/felixge/httpsnoop"

	"github.com/wharfhq/wharf/internal/access"
)

// record is what the log says about one request: who, which operation, at what cost, with what outcome. Variables,
// tokens and documents are never in it.
type record struct {
	mu        sync.Mutex
	caller    string
	operation string
	kind      string
	cost      int
	code      string // of the first error
	close     int    // of a socket
	served    int    // operations on a socket
}

type recordKey struct{}

func recordOf(ctx context.Context) *record {
	if r, ok := ctx.Value(recordKey{}).(*record); ok {
		return r
	}
	return &record{} // outside the server, as in a test of one part
}

func (r *record) note(set func(*record)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set(r)
}

func noteActor(ctx context.Context, actor access.Actor) {
	recordOf(ctx).note(func(r *record) { r.caller = actor.Kind.String() })
}

func noteOperation(ctx context.Context, op *graphql.OperationContext) {
	recordOf(ctx).note(func(r *record) {
		if op.Operation != nil {
			r.kind, r.operation = string(op.Operation.Operation), op.Operation.Name
		}
		if cost, ok := op.Stats.GetExtension(costStats).(Cost); ok {
			r.cost = cost.Requested
		}
	})
}

func noteResponse(ctx context.Context, response *graphql.Response) {
	if len(response.Errors) == 0 {
		return
	}
	recordOf(ctx).note(func(r *record) {
		if code := response.Errors[0].Extensions["code"]; code != nil && r.code == "" {
			r.code = fmt.Sprint(code)
		}
	})
}

func noteSocket(ctx context.Context, s *socket) {
	s.mu.Lock()
	code, served := s.closeCode, s.served
	s.mu.Unlock()
	recordOf(ctx).note(func(r *record) { r.close, r.served = code, served })
}

// logged writes one line for each request, when it has been answered. Watchers' calls are kept out of the way.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entry := &record{}
		ctx := context.WithValue(r.Context(), recordKey{}, entry)
		seen := httpsnoop.CaptureMetrics(next, w, r.WithContext(ctx))
		level := slog.LevelInfo
		switch {
		case isWatch(r.URL.Path):
			level = slog.LevelDebug
		case seen.Code >= 500:
			level = slog.LevelWarn
		}
		attrs := []slog.Attr{
			slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", seen.Code),
			slog.Duration("took", seen.Duration), slog.Int64("bytes", seen.Written),
		}
		s.options.Log.LogAttrs(ctx, level, "request", append(attrs, entry.attrs()...)...)
	})
}

func (r *record) attrs() []slog.Attr {
	r.mu.Lock()
	defer r.mu.Unlock()
	var attrs []slog.Attr
	for _, text := range []struct{ key, value string }{
		{"caller", r.caller}, {"kind", r.kind}, {"operation", r.operation}, {"code", r.code},
	} {
		if text.value != "" {
			attrs = append(attrs, slog.String(text.key, text.value))
		}
	}
	for _, number := range []struct {
		key   string
		value int
	}{{"cost", r.cost}, {"close", r.close}, {"operations", r.served}} {
		if number.value != 0 {
			attrs = append(attrs, slog.Int(number.key, number.value))
		}
	}
	return attrs
}
