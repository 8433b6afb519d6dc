package observe

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/lmittmann/tint"
	"go.opentelemetry.io/otel/trace"
)

// LogConfig says how log lines look.
type LogConfig struct {
	Level  string // debug, info, warn or error; empty is info
	Format string // json or text
	Color  bool   // text only
}

// Logger makes the logger that masks secrets and personal data. Every line carries the ids of its request and trace.
func Logger(w io.Writer, c LogConfig) (*slog.Logger, error) {
	level := slog.LevelInfo
	if c.Level != "" {
		if err := level.UnmarshalText([]byte(c.Level)); err != nil {
			return nil, fmt.Errorf("log level %q is not one of debug, info, warn, error", c.Level)
		}
	}
	switch c.Format {
	case "json":
		return slog.New(masking{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})}), nil
	case "text":
		return slog.New(masking{tint.NewTextHandler(w, &tint.Options{
			Level: level, TimeFormat: time.TimeOnly, NoColor: !c.Color,
		})}), nil
	}
	return nil, fmt.Errorf("log format %q is not one of json, text", c.Format)
}

// masking rewrites each record before any handler formats it, so that no format can forget to mask.
type masking struct{ next slog.Handler }

func (h masking) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h masking) Handle(ctx context.Context, r slog.Record) error {
	masked := slog.NewRecord(r.Time, r.Level, Mask(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		masked.AddAttrs(maskAttr(a))
		return true
	})
	if id := Request(ctx); id != "" {
		masked.AddAttrs(slog.String("request", Mask(id)))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		masked.AddAttrs(slog.String("trace", span.TraceID().String()))
	}
	return h.next.Handle(ctx, masked)
}

func (h masking) WithAttrs(attrs []slog.Attr) slog.Handler {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = maskAttr(a)
	}
	return masking{h.next.WithAttrs(masked)}
}

func (h masking) WithGroup(name string) slog.Handler { return masking{h.next.WithGroup(name)} }

func maskAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		group := v.Group()
		masked := make([]slog.Attr, len(group))
		for i, member := range group {
			masked[i] = maskAttr(member)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(masked...)}
	case slog.KindString:
		return slog.String(a.Key, maskNamed(a.Key, v.String()))
	case slog.KindAny:
		if v.Any() == nil {
			return a
		}
		return slog.String(a.Key, maskNamed(a.Key, fmt.Sprint(v.Any())))
	default: // numbers, booleans, times and durations name nobody, unless the key says so
		if named[normal(a.Key)] {
			return slog.String(a.Key, hidden)
		}
		return a
	}
}
