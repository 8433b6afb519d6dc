package together_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wharfhq/wharf/internal/together"
)

// diary notes what was done in which batch. The first batch takes a second, in which others come.
type diary struct {
	mu      sync.Mutex
	batches [][]string
	alone   []string
}

func (d *diary) all(_ context.Context, batch []string) ([]string, error) {
	d.mu.Lock()
	d.batches = append(d.batches, slices.Sorted(slices.Values(batch)))
	d.mu.Unlock()
	time.Sleep(time.Second)
	var left []string
	for _, one := range batch {
		switch one {
		case "bad":
			return nil, errors.New("one of them is bad")
		case "worse":
			panic("one of them is worse")
		case "held":
			left = append(left, one)
		}
	}
	return left, nil
}

var errAlone = errors.New("not even alone")

func (d *diary) single(_ context.Context, one string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.alone = append(d.alone, one); one == "bad" || one == "worse" {
		return errAlone
	}
	return nil
}

func (d *diary) group(most int) *together.Group[string] {
	return together.New(together.Work[string]{Most: most, Within: time.Minute, All: d.all, Alone: d.single})
}

// want lets the first begin alone, the others come while it is done, and gives each one's error.
func want(ctx context.Context, g *together.Group[string], first string, others ...string) map[string]error {
	var mu sync.Mutex
	var all sync.WaitGroup
	answers := map[string]error{}
	ask := func(one string) {
		all.Go(func() {
			err := g.Do(ctx, one)
			mu.Lock()
			defer mu.Unlock()
			answers[one] = err
		})
		synctest.Wait()
	}
	ask(first)
	for _, one := range others {
		ask(one)
	}
	all.Wait()
	return answers
}

func TestWhatComesMeanwhileIsDoneTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		began := time.Now()
		answers := want(t.Context(), d.group(3), "a", "b", "c", "d", "e")
		if len(answers) != 5 {
			t.Errorf("of 5 wishes %d were answered", len(answers))
		}
		for one, err := range answers {
			if err != nil {
				t.Errorf("%s: %v", one, err)
			}
		}
		if want := [][]string{{"a"}, {"b", "c", "d"}, {"e"}}; !slices.EqualFunc(d.batches, want, slices.Equal) || d.alone != nil {
			t.Errorf("done in %v, alone %v", d.batches, d.alone)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("three batches of a second took %s", took)
		}
	})
}

// TestAGroupGivesWay: before each batch others go first, and what comes meanwhile is done with it.
func TestAGroupGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		var yields int
		g := together.New(together.Work[string]{Most: 3, Within: time.Minute, All: d.all, Alone: d.single, YieldFor: time.Minute, Yield: func(_ context.Context, atMost time.Duration) {
			yields++
			time.Sleep(atMost)
		}})
		began := time.Now()
		if answers := want(t.Context(), g, "a", "b", "c", "d"); len(answers) != 4 {
			t.Errorf("of 4 wishes %d were answered", len(answers))
		}
		if want := [][]string{{"a", "b", "c"}, {"d"}}; !slices.EqualFunc(d.batches, want, slices.Equal) {
			t.Errorf("done in %v, want %v", d.batches, want)
		}
		synctest.Wait()
		if took := time.Since(began); took != 2*time.Minute+2*time.Second || yields != 2 {
			t.Errorf("it gave way %d times and took %s, want twice before two batches of a second", yields, took)
		}
	})
}

// One that can't be done with the others, fails or even panics costs them nothing but their being together.
func TestNobodySuffersForAnother(t *testing.T) {
	for name, c := range map[string]struct {
		first  string
		others []string
		alone  []string
		failed string
	}{
		"left out": {"a", []string{"b", "held"}, []string{"held"}, ""},
		"fails":    {"a", []string{"b", "bad"}, []string{"b", "bad"}, "bad"},
		"panics":   {"a", []string{"worse", "c"}, []string{"c", "worse"}, "worse"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &diary{}
				answers := want(t.Context(), d.group(64), c.first, c.others...)
				for one, err := range answers {
					if (one == c.failed) != errors.Is(err, errAlone) || (one != c.failed && err != nil) {
						t.Errorf("%s is answered with %v", one, err)
					}
				}
				if slices.Sort(d.alone); !slices.Equal(d.alone, c.alone) {
					t.Errorf("alone were done %v, want %v", d.alone, c.alone)
				}
			})
		})
	}
}

// A batch that gets nowhere is ended after its time: who was in it is done alone, and who has come meanwhile is done together
// at once, without having waited for the batch's wishes to be done alone. Whoever has less patience than that leaves.
func TestBatchThatStallsIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const within = 10 * time.Second
		began := time.Now()
		var mu sync.Mutex
		var batches [][]string
		alone := map[string]time.Duration{}
		g := together.New(together.Work[string]{
			Most: 64, Within: within,
			All: func(ctx context.Context, batch []string) ([]string, error) {
				mu.Lock()
				batches = append(batches, slices.Sorted(slices.Values(batch)))
				mu.Unlock()
				if !slices.Contains(batch, "stalls") {
					return nil, nil
				}
				<-ctx.Done()
				return nil, ctx.Err()
			},
			Alone: func(_ context.Context, one string) error {
				time.Sleep(time.Minute)
				mu.Lock()
				defer mu.Unlock()
				alone[one] = time.Since(began)
				return nil
			},
		})
		type outcome struct {
			err  error
			took time.Duration
		}
		outcomes := map[string]outcome{}
		var all sync.WaitGroup
		ask := func(ctx context.Context, one string) {
			all.Go(func() {
				err := g.Do(ctx, one)
				mu.Lock()
				defer mu.Unlock()
				outcomes[one] = outcome{err, time.Since(began)}
			})
			synctest.Wait()
		}
		impatient, leave := context.WithTimeout(t.Context(), within/2)
		defer leave()
		ask(t.Context(), "stalls")
		ask(t.Context(), "b")
		ask(t.Context(), "c")
		ask(impatient, "impatient")
		if n := g.Waiting(); n != 3 {
			t.Errorf("%d wait for the batch that stalls, want 3", n)
		}
		all.Wait()
		if want := [][]string{{"stalls"}, {"b", "c"}}; !slices.EqualFunc(batches, want, slices.Equal) {
			t.Errorf("done in %v, want %v", batches, want)
		}
		if len(alone) != 1 || alone["stalls"] != within+time.Minute {
			t.Errorf("done alone, and when: %v", alone)
		}
		for one, want := range map[string]outcome{
			"stalls": {nil, within + time.Minute}, "b": {nil, within}, "c": {nil, within},
			"impatient": {context.DeadlineExceeded, within / 2},
		} {
			if got := outcomes[one]; !errors.Is(got.err, want.err) || got.took != want.took {
				t.Errorf("%s is answered with %v after %s, want %v after %s", one, got.err, got.took, want.err, want.took)
			}
		}
		if n := g.Waiting(); n != 0 {
			t.Errorf("%d still wait", n)
		}
	})
}

// Who leaves before the batch begins is left out of it; who leaves later gets its answer.
func TestWhoLeavesInTimeIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		g := d.group(64)
		var all sync.WaitGroup
		leaving, leave := context.WithCancel(t.Context())
		var begun, waiting error
		all.Go(func() { begun = g.Do(leaving, "begun") })
		synctest.Wait()
		all.Go(func() { waiting = g.Do(leaving, "waiting") })
		synctest.Wait()
		leave()
		all.Wait()
		if begun != nil || !errors.Is(waiting, context.Canceled) {
			t.Errorf("the one that had begun got %v, the one that had not %v", begun, waiting)
		}
		if want := [][]string{{"begun"}}; !slices.EqualFunc(d.batches, want, slices.Equal) || d.alone != nil {
			t.Errorf("done in %v, alone %v", d.batches, d.alone)
		}
	})
}
