package graph

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

// reading is a loader over doubles that remembers what it was asked.
func reading(t *testing.T) (*loader[int, int], *together[int], func() [][]int) {
	t.Helper()
	var mu sync.Mutex
	var asked [][]int
	keys := &together[int]{}
	l := newLoader(keys, func(_ context.Context, keys []int) (map[int]int, error) {
		mu.Lock()
		defer mu.Unlock()
		keys = slices.Clone(keys)
		slices.Sort(keys)
		asked = append(asked, keys)
		if slices.Contains(keys, 13) {
			return nil, errors.New("thirteen")
		}
		doubles := map[int]int{}
		for _, k := range keys {
			if k != 0 {
				doubles[k] = 2 * k
			}
		}
		return doubles, nil
	})
	return l, keys, func() [][]int {
		mu.Lock()
		defer mu.Unlock()
		return asked
	}
}

func loadAll(t *testing.T, l *loader[int, int], keys ...int) {
	t.Helper()
	var wg sync.WaitGroup
	for _, k := range keys {
		wg.Go(func() {
			if v, ok, err := l.load(t.Context(), k); err != nil || !ok || v != 2*k {
				t.Errorf("load(%d) = %d, %v, %v", k, v, ok, err)
			}
		})
	}
	wg.Wait()
}

func TestALoaderReadsAListAtOnceAndEachKeyOnce(t *testing.T) {
	t.Parallel()
	l, keys, asked := reading(t)
	keys.expect([]int{1, 2, 3})
	keys.expect([]int{3, 4}) // 3 stays with the first list
	loadAll(t, l, 1, 2, 3, 1, 2, 3)
	loadAll(t, l, 2)
	if got := asked(); len(got) != 1 || !slices.Equal(got[0], []int{1, 2, 3}) {
		t.Errorf("asked %v", got)
	}
	loadAll(t, l, 4)
	if got := asked(); len(got) != 2 || !slices.Equal(got[1], []int{4}) {
		t.Errorf("asked %v", got)
	}
}

func TestALoaderGathersWhatNobodyExpected(t *testing.T) {
	t.Parallel()
	l, _, asked := reading(t)
	loadAll(t, l, 5, 6, 7, 5)
	var all []int
	for _, keys := range asked() {
		all = append(all, keys...)
	}
	slices.Sort(all)
	if !slices.Equal(all, []int{5, 6, 7}) {
		t.Errorf("asked %v", asked())
	}
}

func TestALoaderAnswersForAbsentPrimedAndFailed(t *testing.T) {
	t.Parallel()
	l, keys, asked := reading(t)
	if _, ok, err := l.load(t.Context(), 0); ok || err != nil {
		t.Errorf("an absent key: %v, %v", ok, err)
	}
	l.prime(8, 16)
	loadAll(t, l, 8)
	if n := len(asked()); n != 1 {
		t.Errorf("a primed key was read: %v", asked())
	}
	keys.expect([]int{13, 14})
	for _, k := range []int{13, 14} {
		if _, _, err := l.load(t.Context(), k); err == nil {
			t.Errorf("load(%d) did not fail", k)
		}
	}
}

func TestALoaderThatPanicsLeavesNobodyWaiting(t *testing.T) {
	t.Parallel()
	keys := &together[int]{}
	keys.expect([]int{1, 2})
	l := newLoader(keys, func(context.Context, []int) (map[int]int, error) { panic("broken") })
	for _, k := range []int{1, 2, 3} { // 3 was not expected
		if _, _, err := l.load(t.Context(), k); err == nil || !strings.Contains(err.Error(), "broken") {
			t.Errorf("load(%d): %v", k, err)
		}
	}
}

func TestALoaderDoesNotWaitLongerThanItsCaller(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	keys := &together[int]{}
	keys.expect([]int{1, 2})
	started := make(chan struct{})
	l := newLoader(keys, func(context.Context, []int) (map[int]int, error) {
		close(started)
		<-hold
		return nil, nil
	})
	var wg sync.WaitGroup
	wg.Go(func() { _, _, _ = l.load(t.Context(), 1) })
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := l.load(ctx, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(hold)
	wg.Wait()
}
