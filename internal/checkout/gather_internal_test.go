package checkout

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

// slowShelf answers when it is let go, and remembers what it was asked.
type slowShelf struct {
	mu    sync.Mutex
	asked [][]int
	begun chan struct{}
	goOn  chan struct{}
}

func newSlowShelf() *slowShelf {
	return &slowShelf{begun: make(chan struct{}, 100), goOn: make(chan struct{})}
}

func (s *slowShelf) read(_ context.Context, keys []int) (map[int]int, error) {
	slices.Sort(keys)
	s.mu.Lock()
	s.asked = append(s.asked, keys)
	s.mu.Unlock()
	s.begun <- struct{}{}
	<-s.goOn
	found := map[int]int{}
	for _, key := range keys {
		found[key] = 10 * key
	}
	return found, nil
}

func TestGather(t *testing.T) {
	t.Parallel()

	t.Run("who comes while reads run shares the next one", func(t *testing.T) {
		t.Parallel()
		shelf := newSlowShelf()
		g := newGather(shelf.read)
		var all sync.WaitGroup
		ask := func(keys ...int) {
			all.Go(func() {
				found, err := g.of(t.Context(), keys)
				for _, key := range keys {
					if err != nil || found[key] != 10*key {
						t.Errorf("%d is %d, %v", key, found[key], err)
					}
				}
			})
		}
		for key := range readsAtOnce {
			ask(key)
			<-shelf.begun
		}
		var late []*reading[int, int]
		for key := range 50 {
			late = append(late, g.join(t.Context(), []int{key, 7}))
		}
		close(shelf.goOn)
		all.Wait()
		for key, r := range late {
			if <-r.done; r.found[key] != 10*key || r != late[0] {
				t.Errorf("%d is %d, or was read apart", key, r.found[key])
			}
		}
		if n := len(shelf.asked); n != readsAtOnce+1 {
			t.Errorf("%d reads, want %d", n, readsAtOnce+1)
		}
	})

	t.Run("who leaves takes nothing from the others", func(t *testing.T) {
		t.Parallel()
		shelf := newSlowShelf()
		g := newGather(shelf.read)
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			_, err := g.of(ctx, []int{1})
			left <- err
		}()
		<-shelf.begun
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who left heard %v", err)
		}
		close(shelf.goOn)
		if found, err := g.of(t.Context(), []int{1}); err != nil || found[1] != 10 {
			t.Errorf("who stayed heard %v, %v", found, err)
		}
	})

	t.Run("an error and a panic reach all who share the read, and no later one", func(t *testing.T) {
		t.Parallel()
		broken, fail := errors.New("the database is away"), 0
		g := newGather(func(context.Context, []int) (map[int]int, error) {
			switch fail++; fail {
			case 1:
				return nil, broken
			case 2:
				panic("a shelf fell over")
			}
			return map[int]int{1: 1}, nil
		})
		if _, err := g.of(t.Context(), []int{1}); !errors.Is(err, broken) {
			t.Errorf("the first heard %v", err)
		}
		if _, err := g.of(t.Context(), []int{1}); err == nil || !strings.Contains(err.Error(), "fell over") {
			t.Errorf("the second heard %v", err)
		}
		if found, err := g.of(t.Context(), []int{1}); err != nil || found[1] != 1 {
			t.Errorf("the third heard %v, %v", found, err)
		}
	})
}
