package observe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/wharfhq/wharf/internal/observe"
)

func TestMask(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"email":               {"mail to ada.lovelace@example.co.uk failed", "mail to a***@***.uk failed"},
		"international email": {"mail to jürgen@bücher.example failed", "mail to j***@***.example failed"},
		"phone":               {"call +49 170 1234567 now", "call +*** now"},
		"card":                {"paid with 4242 4242 4242 4242.", "paid with ***."},
		"not a card":          {"job 4242424242424241 done", "job 4242424242424241 done"},
		"api key":             {"key wharf_live_8fk2_Zm9vYmFyYmF6 used", "key wharf_live_8fk2_*** used"},
		"key of test shop 2":  {"key wharf_test2_0a1b2c3d4e5f_-Zm9v_mFy used", "key wharf_test2_0a1b2c3d4e5f_*** used"},
		"customer's login":    {"token wharfc_Zm9vYmFyYmF6-_x ended", "token wharfc_*** ended"},
		"staff's login":       {"token wharfs_Zm9vYmFyYmF6 ended", "token wharfs_*** ended"},
		"order's token":       {`{"accessToken":"wharfo_0197a3f06a6e7c1b_Zm9v"}`, `{"accessToken":"wharfo_***"}`},
		"bearer":              {"Authorization: Bearer abcdef0123456789", "Authorization: Bearer ***"},
		"database address":    {"dial postgres://wharf:s3cret@db:5432/shop", "dial postgres://***@db:5432/shop"},
		"cart secret":         {"gid://wharf/Cart/0197?key=abc123 is closed", "gid://wharf/Cart/0197?key=*** is closed"},
		"password in a query": {"host=/run password=hunter2 user=wharf", "host=/run password=*** user=wharf"},
		"module version":      {"at github.com/rs/cors@v1.11.1/cors.go:289", "at github.com/rs/cors@v1.11.1/cors.go:289"},
		"forged line":         {"hello\nlevel=ERROR all lost", `hello\nlevel=ERROR all lost`},
		"terminal control":    {"a\x1b[2Jb\r\u202ec", `a\u001b[2Jb\u000d\u202ec`},
		"ids and times stay":  {"order 0197a3f0-6a6e-7c1b-9e0a-111213141516 at 2026-11-22T19:00:00+01:00", "order 0197a3f0-6a6e-7c1b-9e0a-111213141516 at 2026-11-22T19:00:00+01:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := observe.Mask(c.in); got != c.want {
				t.Errorf("Mask(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

// Whatever road a secret takes into a line (message, attribute, group, error, logger), no format shows it.
func TestLoggerHidesSecrets(t *testing.T) {
	t.Parallel()
	secrets := []string{"ada@example.com", "4155550123", "wharf_test_ab12_s3cr3ts3cr3t", "Lovelace", "hunter2", "12 Quay"}
	for _, format := range []string{"json", "text"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			log, err := observe.Logger(&out, observe.LogConfig{Format: format, Color: true})
			if err != nil {
				t.Fatal(err)
			}
			log = log.With("email", "ada@example.com").WithGroup("buyer")
			log.Warn("order of ada@example.com",
				slog.Group("contact", "phone", "+14155550123", "lastName", "Lovelace"),
				"err", errors.New("key wharf_test_ab12_s3cr3ts3cr3t refused"),
				"password", "hunter2",
				"any", map[string]string{"to": "ada@example.com"},
				slog.Any("address", struct{ Line string }{"12 Quay"}),
			)
			for _, secret := range secrets {
				if strings.Contains(out.String(), secret) {
					t.Errorf("the line shows %q: %s", secret, out.String())
				}
			}
			if n := strings.Count(out.String(), "\n"); n != 1 {
				t.Errorf("one call wrote %d lines: %s", n, out.String())
			}
		})
	}
}

func TestLoggerCarriesRequestAndTrace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := observe.Logger(&out, observe.LogConfig{Format: "json", Level: "warn"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := observe.WithRequest(context.Background(), "r-1")
	ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2},
	}))
	log.InfoContext(ctx, "below the level")
	log.WarnContext(ctx, "payment is slow", "took", 3*time.Second, "tries", 2)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	delete(line, "time")
	want := map[string]any{
		"level": "WARN", "msg": "payment is slow", "took": float64(3 * time.Second), "tries": 2.0,
		"request": "r-1", "trace": "01000000000000000000000000000000",
	}
	for key, value := range want {
		if line[key] != value {
			t.Errorf("%s = %v, want %v", key, line[key], value)
		}
	}
	if len(line) != len(want) {
		t.Errorf("line = %v, want %v", line, want)
	}
}

func TestLoggerRefusesUnknownSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []observe.LogConfig{{Format: "xml"}, {Format: "json", Level: "loud"}} {
		if _, err := observe.Logger(&bytes.Buffer{}, c); err == nil {
			t.Errorf("Logger(%+v) has no error", c)
		}
	}
}
