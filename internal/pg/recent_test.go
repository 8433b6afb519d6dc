package pg_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wharfhq/wharf/internal/pg"
)

func TestRecentIsReadOnceASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var recent pg.Recent[int]
		reads, failure := 0, errors.New("the database is away")
		load := func(fails error) (int, error) {
			return recent.Load(t.Context(), func(context.Context) (int, error) {
				reads++
				return reads, fails
			})
		}
		if _, err := load(failure); !errors.Is(err, failure) {
			t.Fatalf("%v, want the failure", err)
		}
		for range 3 {
			if got, err := load(nil); got != 2 || err != nil {
				t.Errorf("%d, %v; want the second read's answer, as the first failed", got, err)
			}
		}
		time.Sleep(time.Second)
		if got, err := load(nil); got != 3 || err != nil {
			t.Errorf("a second later %d, %v; want a third read", got, err)
		}
	})
}
