package harness_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wharfhq/wharf/chaos/harness"
)

func TestUntilAnswered(t *testing.T) {
	t.Parallel()
	busy, no := &harness.Refused{Code: "BUSY"}, &harness.Refused{Code: "INTERNAL"}
	hang := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	told := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	for name, c := range map[string]struct {
		tries []func(context.Context) error // the last one is what every later one is, too
		want  error
		asked int // 0: until nobody waits any longer
		took  time.Duration
	}{
		"an answer is one":                 {[]func(context.Context) error{told(nil)}, nil, 1, 0},
		"another error is an answer":       {[]func(context.Context) error{told(no)}, no, 1, 0},
		"busy is asked again":              {[]func(context.Context) error{told(busy), told(busy), told(nil)}, nil, 3, 100 * time.Millisecond},
		"what hangs is asked again":        {[]func(context.Context) error{hang, told(nil)}, nil, 2, 15*time.Second + 50*time.Millisecond},
		"busy for ever comes to an end":    {[]func(context.Context) error{told(busy)}, busy, 0, 90 * time.Second},
		"hanging for ever comes to an end": {[]func(context.Context) error{hang}, context.DeadlineExceeded, 0, 90 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked, began := 0, time.Now()
				err := harness.UntilAnswered(t.Context(), func(ctx context.Context) error {
					asked++
					return c.tries[min(asked, len(c.tries))-1](ctx)
				})
				if took := time.Since(began); !errors.Is(err, c.want) || c.asked != 0 && asked != c.asked || took != c.took {
					t.Errorf("told %v after %d tries and %s, want %v after %d and %s", err, asked, took, c.want, c.asked, c.took)
				}
			})
		})
	}
}
